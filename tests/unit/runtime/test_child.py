"""One child's life: restarts, back-off, parking, escalation, start timeout, groups."""

import math
from collections.abc import Callable
from random import Random

import msgspec
import pytest
import trio
import trio.testing

from botkube.runtime.child import Child, Home
from botkube.runtime.policy import Escalated, Fatal, Policy
from botkube.runtime.supervisor import (
    Body,
    ChildEscalated,
    ChildFailed,
    ChildParked,
    ChildSpec,
    ChildState,
    SlowStop,
    ignore,
)
from tests.fakes.children import Ending, Failing, InNursery, Mute, SlowToStop, Steady, Unready
from tests.fakes.supervision import QUICK, Recorder, settle, supervision

Clock = trio.testing.MockClock
changed = msgspec.structs.replace


def broken() -> Exception:
    return OSError("connection refused")


def one(body: Body, policy: Policy = QUICK) -> list[ChildSpec]:
    return [ChildSpec("a", body, policy=policy)]


async def test_a_window_of_failures_ends_in_parking(autojump_clock: Clock) -> None:
    seen, body = Recorder(), Failing(broken)
    async with supervision(seen) as supervisor:
        await supervisor.reconcile(one(body))
        await supervisor.wait_ready()
        assert supervisor.states() == {
            "a": ChildState(state="parked", since=7, reason="connection refused", restarts=3)
        }
        await trio.sleep(10_000)
    assert body.runs == 4
    assert seen.kinds() == ["ChildFailed"] * 3 + ["ChildParked"]
    assert seen.times == [0, 1, 3, 7]
    assert [e.delay for e in seen.events if isinstance(e, ChildFailed)] == [1, 2, 4]


async def test_a_retrying_child_says_why_and_until_when(autojump_clock: Clock) -> None:
    async with supervision() as supervisor:
        await supervisor.reconcile(one(Failing(broken, after=4)))
        await trio.sleep(4.5)
        assert supervisor.states()["a"] == ChildState(
            state="retrying", since=4, reason="connection refused", retry_at=5, restarts=1
        )


async def test_failures_apart_by_more_than_the_period_never_park(autojump_clock: Clock) -> None:
    body = Failing(broken, after=60, ready=True)
    async with supervision() as supervisor:
        await supervisor.reconcile(one(body, changed(QUICK, max_restarts=2)))
        await trio.sleep(6000)
        assert supervisor.states()["a"].state != "parked"
        assert body.runs > 90


async def test_escalation_takes_the_block_down_in_a_group(autojump_clock: Clock) -> None:
    seen, steady = Recorder(), Steady()
    policy = changed(QUICK, max_restarts=1, give_up="escalate")
    with pytest.RaisesGroup(
        pytest.RaisesExc(Escalated, match="a failed too often: connection refused")
    ):
        async with supervision(seen) as supervisor:
            await supervisor.reconcile([*one(Failing(broken), policy), ChildSpec("b", steady)])
            await trio.sleep_forever()
    assert ChildEscalated(name="a", reason="connection refused") in seen.events
    assert steady.live == 0


async def test_escalation_lets_the_block_unwind_before_the_siblings(autojump_clock: Clock) -> None:
    notes: list[str] = []
    policy = changed(QUICK, max_restarts=0, give_up="escalate")
    with pytest.RaisesGroup(Escalated):
        async with supervision() as supervisor:
            sibling = ChildSpec("b", Steady(notes.append))
            await supervisor.reconcile([sibling, *one(Failing(broken, after=1), policy)])
            try:
                await trio.sleep_forever()
            finally:
                notes.append("block ended")
    assert notes == ["began", "block ended", "ended"]


@pytest.mark.parametrize(
    "error",
    [
        lambda: Fatal("bad token"),
        lambda: ExceptionGroup("g", [ExceptionGroup("h", [Fatal("bad token")])]),
    ],
    ids=["bare", "nested group"],
)
async def test_fatal_parks_after_one_run(
    autojump_clock: Clock, error: Callable[[], Exception]
) -> None:
    seen, body = Recorder(), Failing(error)
    async with supervision(seen) as supervisor:
        await supervisor.reconcile(one(InNursery(InNursery(body))))
        await trio.sleep(10_000)
        assert supervisor.states()["a"].reason == "bad token"
    assert body.runs == 1
    (event,) = seen.events
    assert isinstance(event, ChildParked)
    assert "Fatal: bad token" in event.traceback


async def test_a_parked_child_comes_back_by_time_for_one_attempt(autojump_clock: Clock) -> None:
    seen, body = Recorder(), Failing(broken)
    policy = changed(QUICK, max_restarts=1, parked_retry=300.0)
    async with supervision(seen) as supervisor:
        await supervisor.reconcile(one(body, policy))
        await supervisor.wait_ready()
        assert supervisor.states()["a"].retry_at == 301
        await trio.sleep(700)
    assert body.runs == 4
    assert seen.kinds() == ["ChildFailed"] + ["ChildParked"] * 3
    assert seen.times == [0, 1, 301, 601]


async def test_a_child_that_recovers_from_parking_has_all_its_restarts_again(
    autojump_clock: Clock,
) -> None:
    seen = Recorder()
    body = Failing(broken, times=3)
    async with supervision(seen) as supervisor:
        await supervisor.reconcile(one(body, changed(QUICK, max_restarts=1, parked_retry=300.0)))
        await trio.sleep(602)
        assert supervisor.states()["a"].state == "ready"
        assert supervisor.states()["a"].reason == ""


@pytest.mark.parametrize("how", ["restart", "reconcile"])
async def test_a_parked_child_comes_back_on_request_only(autojump_clock: Clock, how: str) -> None:
    body = Failing(lambda: Fatal("no binary"), times=1)
    async with supervision() as supervisor:
        await supervisor.reconcile(one(body))
        await supervisor.wait_ready()
        await supervisor.reconcile(one(body))
        await trio.sleep(10_000)
        assert body.runs == 1
        if how == "restart":
            supervisor.restart("a")
        else:
            await supervisor.reconcile(one(body), retry_parked=True)
        await supervisor.wait_ready()
        assert supervisor.states()["a"].state == "ready"


async def test_a_requested_retry_has_all_restarts(autojump_clock: Clock) -> None:
    body = Failing(broken)
    async with supervision() as supervisor:
        await supervisor.reconcile(one(body))
        await supervisor.wait_ready()
        supervisor.restart("a")
        await supervisor.wait_ready()
    assert body.runs == 8


async def test_retry_cuts_the_backoff_short(autojump_clock: Clock) -> None:
    body = Failing(broken, times=1)
    async with supervision() as supervisor:
        await supervisor.reconcile(one(body))
        await settle()
        assert supervisor.states()["a"].state == "retrying"
        supervisor.restart("a")
        await supervisor.wait_ready()
        assert trio.current_time() == 0


@pytest.mark.parametrize("body", [Failing(broken), Failing(lambda: Fatal("no"))])
async def test_a_stop_during_backoff_or_parking_is_instant(
    autojump_clock: Clock, body: Failing
) -> None:
    async with supervision() as supervisor:
        await supervisor.reconcile(one(body))
        await settle()
        await supervisor.reconcile([])
        assert supervisor.states() == {}
        assert trio.current_time() == 0


async def test_a_permanent_child_that_returns_has_failed(autojump_clock: Clock) -> None:
    body = Ending()
    async with supervision() as supervisor:
        await supervisor.reconcile(one(body))
        await supervisor.wait_ready()
        assert supervisor.states()["a"].reason == "ended unexpectedly"
    assert body.runs == 4


@pytest.mark.parametrize("kind", ["transient", "temporary"])
async def test_work_that_is_done_is_not_done_again(autojump_clock: Clock, kind: str) -> None:
    body = Ending()
    policy = msgspec.convert({"restart": kind}, Policy)
    async with supervision() as supervisor:
        await supervisor.reconcile(one(body, policy))
        await supervisor.wait_ready()
        await supervisor.reconcile(one(body, policy), retry_parked=True)
        supervisor.restart("a")
        await trio.sleep(10_000)
        assert supervisor.states() == {}
        assert body.runs == 1
        await supervisor.reconcile([])
        await supervisor.reconcile(one(body, policy))
        assert body.runs == 2


async def test_a_transient_child_is_restarted_after_an_error(autojump_clock: Clock) -> None:
    body = Failing(broken, times=2)
    async with supervision() as supervisor:
        await supervisor.reconcile(one(body, changed(QUICK, restart="transient")))
        await supervisor.wait_ready()
    assert body.runs == 3


async def test_a_temporary_child_is_never_restarted(autojump_clock: Clock) -> None:
    body = Failing(broken)
    policy = changed(QUICK, restart="temporary", parked_retry=1.0)
    async with supervision() as supervisor:
        await supervisor.reconcile(one(body, policy))
        await trio.sleep(10_000)
        assert supervisor.states()["a"].state == "parked"
    assert body.runs == 1


async def test_a_child_that_is_not_ready_in_time_has_failed(autojump_clock: Clock) -> None:
    seen, body = Recorder(), Mute()
    async with supervision(seen) as supervisor:
        await supervisor.reconcile(one(body, changed(QUICK, max_restarts=1)))
        await supervisor.wait_ready()
        assert supervisor.states()["a"].reason == "not ready after 5 s"
    assert body.runs == 2
    assert seen.times[:2] == [5, 11]


async def test_the_start_timeout_leaves_no_deadline_behind(autojump_clock: Clock) -> None:
    deadlines: list[float] = []

    async def body(*, task_status: trio.TaskStatus[None]) -> None:
        deadlines.append(trio.current_effective_deadline())
        async with trio.open_nursery() as nursery:
            nursery.start_soon(trio.sleep_forever)
            task_status.started()
            deadlines.append(trio.current_effective_deadline())

    async with supervision() as supervisor:
        await supervisor.reconcile(one(body))
        await trio.sleep(1000)
        assert supervisor.states()["a"].state == "ready"
    assert deadlines == [math.inf, math.inf]


async def test_a_child_stuck_in_its_start_is_named(autojump_clock: Clock) -> None:
    seen = Recorder()

    async def work() -> None:
        await SlowToStop(30)(task_status=trio.TASK_STATUS_IGNORED)

    async with supervision(seen) as supervisor:
        await supervisor.reconcile(one(Unready(work), changed(QUICK, max_restarts=0)))
        await supervisor.wait_ready()
    assert seen.kinds() == ["SlowStop", "ChildParked"]
    assert seen.times == [15, 35]


async def test_an_error_while_being_cancelled_for_lateness_is_the_reason(
    autojump_clock: Clock,
) -> None:
    async def work() -> None:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(trio.sleep_forever)
            try:
                await trio.sleep_forever()
            finally:
                raise OSError("half open")

    async with supervision() as supervisor:
        await supervisor.reconcile(one(Unready(work), changed(QUICK, max_restarts=0)))
        await supervisor.wait_ready()
        assert supervisor.states()["a"].reason == "half open"


@pytest.mark.parametrize("wrap", [lambda body: body, InNursery], ids=["bare", "in a group"])
async def test_a_failure_while_stopping_is_told_and_not_acted_on(
    autojump_clock: Clock, wrap: Callable[[Body], Body]
) -> None:
    async def work() -> None:
        try:
            await trio.sleep_forever()
        finally:
            raise OSError("while closing")

    seen = Recorder()
    policy = changed(QUICK, max_restarts=0, give_up="escalate")
    async with supervision(seen) as supervisor:
        await supervisor.reconcile(one(wrap(Unready(work)), policy))
        await settle()
    (event,) = seen.events
    assert isinstance(event, ChildFailed)
    assert (event.error, event.delay) == ("while closing", None)


async def test_what_is_no_exception_goes_up_and_the_rest_of_its_group_does_not() -> None:
    def mixed() -> BaseException:
        return BaseExceptionGroup("g", [OSError("x"), SystemExit(3)])

    with pytest.RaisesGroup(pytest.RaisesGroup(SystemExit)):
        async with supervision() as supervisor:
            await supervisor.reconcile(one(Failing(mixed)))
            await trio.sleep_forever()


async def test_a_bare_interrupt_goes_up() -> None:
    with pytest.RaisesGroup(SystemExit):
        async with supervision() as supervisor:
            await supervisor.reconcile(one(Failing(lambda: SystemExit(3))))
            await trio.sleep_forever()


async def test_started_twice_is_a_failure(autojump_clock: Clock) -> None:
    async def body(*, task_status: trio.TaskStatus[None]) -> None:
        task_status.started()
        task_status.started()
        await trio.sleep_forever()

    async with supervision() as supervisor:
        await supervisor.reconcile(one(body, changed(QUICK, max_restarts=0)))
        await supervisor.wait_ready()
        await settle()
        assert supervisor.states()["a"].reason == "started() was called twice in one run"


async def test_a_stop_before_the_first_step_runs_nothing() -> None:
    body = Steady()
    async with trio.open_nursery() as nursery:
        home = Home(nursery, ignore, lambda: None, Random(1), trio.current_time)
        child = Child(ChildSpec("a", body), home)
        nursery.start_soon(child.run)
        child.stop()
    assert body.runs == 0
    assert child.begun.is_set()


async def test_slow_stop_is_told_once(autojump_clock: Clock) -> None:
    seen = Recorder()
    async with supervision(seen) as supervisor:
        await supervisor.reconcile(one(SlowToStop(100)))
        with trio.move_on_after(1):
            await supervisor.reconcile([])
        await supervisor.reconcile([])
    assert [e for e in seen.events if isinstance(e, SlowStop)] == [SlowStop(name="a", grace=10)]
