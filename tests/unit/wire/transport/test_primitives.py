import pytest
import trio
import trio.testing
from grpclib.exceptions import StreamTerminatedError

from botkube.wire.transport.primitives import CallScope, Event, Gate

LOST = StreamTerminatedError("lost")


async def test_a_failure_wakes_the_task_inside_the_scope() -> None:
    scope = CallScope()

    async def wait() -> None:
        with pytest.raises(StreamTerminatedError, match="lost"), scope:
            await trio.sleep_forever()

    async with trio.open_nursery() as nursery:
        nursery.start_soon(wait)
        await trio.testing.wait_all_tasks_blocked()
        scope.cancel(LOST)
        scope.cancel(RuntimeError("later"))
    with pytest.raises(StreamTerminatedError, match="lost"), scope:
        pytest.fail("entered after the failure")


async def test_a_failure_explains_the_error_it_caused() -> None:
    async def fail() -> None:
        with scope:
            await trio.lowlevel.checkpoint()
            scope.cancel(LOST)
            raise RuntimeError("a consequence")

    scope = CallScope()
    with pytest.raises(StreamTerminatedError, match="lost"):
        await fail()


async def test_a_result_in_hand_survives_a_failure() -> None:
    scope = CallScope()
    with scope:
        await trio.lowlevel.checkpoint()
        scope.cancel(LOST)
        result = 1
    assert result == 1


async def test_cancelling_from_outside_is_no_failure() -> None:
    scope = CallScope()
    with trio.CancelScope() as outer, scope:
        scope.cancel(LOST)
        outer.cancel()
        await trio.sleep_forever()
    assert outer.cancelled_caught


async def test_the_deadline_of_a_scope(autojump_clock: trio.testing.MockClock) -> None:
    scope = CallScope()
    scope.deadline = trio.current_time() + 5
    with pytest.raises(TimeoutError, match="deadline exceeded"), scope:
        await trio.sleep(10)
    assert trio.current_time() == scope.deadline
    assert scope.cancelled


async def test_an_event_that_was_cleared_again_does_not_let_through() -> None:
    event, passed = Event(), []

    async def wait() -> None:
        await event.wait()
        passed.append(1)

    async with trio.open_nursery() as nursery:
        nursery.start_soon(wait)
        await trio.testing.wait_all_tasks_blocked()
        event.set()
        event.clear()
        await trio.testing.wait_all_tasks_blocked()
        assert not passed
        event.set()
        assert event.is_set()
    assert passed


async def test_a_gate_that_is_shut_lets_nobody_through() -> None:
    gate = Gate()
    await gate.wait()
    gate.clear()

    async def wait() -> None:
        with pytest.raises(StreamTerminatedError, match="lost"):
            await gate.wait()

    async with trio.open_nursery() as nursery:
        nursery.start_soon(wait)
        await trio.testing.wait_all_tasks_blocked()
        gate.shut(LOST)
        gate.shut(RuntimeError("later"))
    await wait()
