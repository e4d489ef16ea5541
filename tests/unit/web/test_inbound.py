"""What a handler may want of the reading side: a limit of its own, and to see its client leave."""

import pytest
import trio
import trio.testing

from botkube.web import inbound
from botkube.web.budget import Budget
from botkube.web.http import Answer, Request, Response
from tests.fakes.http import connected, request_bytes

Clock = trio.testing.MockClock


async def test_a_handler_may_set_the_length_of_a_body_itself(autojump_clock: Clock) -> None:
    async def take_ten(request: Request) -> Answer:
        return Response(body=await request.read_body(10))

    async with connected(take_ten) as client:
        assert (await client.ask(request_bytes("/", "POST", b"x" * 10))).body == b"x" * 10
        got = await client.ask(request_bytes("/", "POST", b"x" * 11))
        assert (got.status, got.body) == (413, b'{"error":"the body is longer than 10 bytes"}')


async def test_bodies_may_have_a_share_of_their_own() -> None:
    share, budget = Budget(100), Budget(1000)

    async def shared(request: Request) -> Answer:
        mine = share if request.path == "/shared" else None
        return Response(body=b"%d" % len(await request.read_body(1000, mine)))

    async with connected(shared, budget=budget) as client:
        for _ in range(3):  # what was taken comes back, also of what was refused half-way
            assert (await client.ask(request_bytes("/shared", "POST", b"x" * 100))).body == b"100"
            assert (await client.ask(request_bytes("/own", "POST", b"x" * 1000))).body == b"1000"
        assert (await client.ask(request_bytes("/shared", "POST", b"x" * 101))).status == 503
    share.take(100)
    budget.take(1000)


class Patient:
    """A handler that waits until it is told to answer, or its client has left."""

    def __init__(self) -> None:
        self.began = trio.Event()
        self.answer = trio.Event()
        self.left = 0

    async def __call__(self, request: Request) -> Answer:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self._watch, request, nursery.cancel_scope)
            self.began.set()
            await self.answer.wait()
            nursery.cancel_scope.cancel()
        return Response(body=request.path.encode())

    async def _watch(self, request: Request, scope: trio.CancelScope) -> None:
        await request.until_gone()
        self.left += 1
        scope.cancel()


async def test_a_handler_can_tell_that_its_client_has_left(
    caplog: pytest.LogCaptureFixture,
) -> None:
    patient = Patient()
    async with connected(patient) as client:
        await client.send(request_bytes())
        await patient.began.wait()
        await trio.testing.wait_all_tasks_blocked()
        assert patient.left == 0
        await client.stream.aclose()
        await client.dropped.wait()
    assert patient.left == 1
    assert caplog.records == []


async def test_what_a_client_sends_while_it_waits_is_answered_in_its_turn() -> None:
    patient = Patient()
    async with connected(patient) as client:
        await client.send(request_bytes("/0"))
        await patient.began.wait()
        for number in range(1, 4):
            await client.send(request_bytes(f"/{number}"))
            await trio.testing.wait_all_tasks_blocked()
        patient.answer.set()
        for number in range(4):
            assert (await client.answer()).body == b"/%d" % number
    assert patient.left == 0


async def test_a_client_that_goes_on_sending_is_not_read_without_end() -> None:
    patient = Patient()
    async with connected(patient, trio.testing.lockstep_stream_pair) as client:
        await client.send(request_bytes())
        await patient.began.wait()
        with trio.move_on_after(0.1):
            for _ in range(100):
                await client.send(b"x" * inbound.AHEAD)
            pytest.fail("all of it was read")
    assert patient.left == 0
