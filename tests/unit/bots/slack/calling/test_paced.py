"""Calls in their turn, on a virtual clock."""

from collections.abc import Callable

import pytest
import trio
from trio.testing import MockClock

from botkube.bots.slack.calling import api
from botkube.bots.slack.calling.api import Call
from botkube.bots.slack.calling.outcome import Later, Ok, Outcome
from botkube.bots.slack.calling.paced import AGAIN, AT_ONCE, PacedApi
from botkube.bots.slack.calling.rates import Lane, Rates, Turn
from botkube.bots.slack.drawing.pack import Post

LIMITED = Later(reason="ratelimited", after=2.0, limited=True)
EVENT = Turn(lane=Lane.EVENT)


def say(channel: str = "C1", text: str = "hi") -> Call:
    return api.post_message(channel, Post(text=text))


class Web:
    """Answers as it is told, after `latency`."""

    def __init__(self, answer: Callable[[Call], Outcome] = lambda _: Ok()) -> None:
        self.answer = answer
        self.latency = 0.0
        self.calls: list[tuple[float, Call]] = []
        self.open = self.most_open = 0

    async def call(self, call: Call) -> Outcome:
        self.calls.append((trio.current_time(), call))
        self.open += 1
        self.most_open = max(self.most_open, self.open)
        await trio.sleep(self.latency)
        self.open -= 1
        return self.answer(call)


async def test_a_limited_call_is_made_again_after_what_slack_wants(
    autojump_clock: MockClock,
) -> None:
    answers: list[Outcome] = [LIMITED, Ok()]
    web = Web(lambda _: answers.pop(0))
    assert await PacedApi(web, Rates()).call(say()) == Ok()
    assert [at - web.calls[0][0] for at, _ in web.calls] == [0, 2]
    assert web.calls[0][1] == web.calls[1][1]


async def test_other_channels_do_not_wait(autojump_clock: MockClock) -> None:
    web = Web(lambda call: LIMITED if call.channel == "C1" else Ok())
    paced, began = PacedApi(web, Rates()), trio.current_time()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(paced.call, say("C1"))
        await trio.testing.wait_all_tasks_blocked()
        await paced.call(say("C2"))
        assert trio.current_time() == began


async def test_it_is_given_up_after_some_times_and_when_it_takes_too_long(
    autojump_clock: MockClock,
) -> None:
    web = Web(lambda _: LIMITED)
    assert await PacedApi(web, Rates()).call(say()) == LIMITED
    assert len(web.calls) == AGAIN
    impatient = await PacedApi(web, Rates()).call(say(), Turn(patience=5.0))
    assert isinstance(impatient, Later)
    assert len(web.calls) == AGAIN + 3
    web = Web(lambda _: Later(reason="ratelimited", after=600, limited=True))
    found = await PacedApi(web, Rates()).call(say())
    assert isinstance(found, Later)
    assert found.after == pytest.approx(600)
    assert len(web.calls) == 1


async def test_a_reply_passes_the_notifications_that_wait(autojump_clock: MockClock) -> None:
    web = Web()
    paced = PacedApi(web, Rates())
    async with trio.open_nursery() as nursery:
        for number in range(10):
            nursery.start_soon(paced.call, say(text=f"event {number}"), EVENT)
        await trio.sleep(1)
        before = trio.current_time()
        await paced.call(say(text="reply"))
        assert trio.current_time() == before
    assert len(web.calls) == 11


async def test_what_may_be_left_out_never_waits(autojump_clock: MockClock) -> None:
    web = Web()
    paced = PacedApi(web, Rates())
    made = [await paced.at_once(api.update("C1", "1.2", Post(text="x"))) for _ in range(10)]
    assert made.count(Ok()) == len(web.calls) == 2
    assert made[-1] is None


async def test_only_so_many_calls_are_under_way(autojump_clock: MockClock) -> None:
    web = Web()
    web.latency = 1.0
    paced = PacedApi(web, Rates())
    async with trio.open_nursery() as nursery:
        for number in range(3 * AT_ONCE):
            nursery.start_soon(paced.call, say(f"C{number}"))
    assert web.most_open == AT_ONCE


async def test_waiting_ends_when_cancelled(autojump_clock: MockClock) -> None:
    web = Web(lambda _: LIMITED)
    with trio.move_on_after(1) as scope:
        await PacedApi(web, Rates()).call(say())
    assert scope.cancelled_caught
    assert len(web.calls) == 1
