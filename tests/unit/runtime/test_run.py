"""A run that gives way to the next one: asked for, in order, and not held against the child."""

import pytest
import trio
import trio.testing
from msgspec.structs import replace as changed

from botkube.runtime.policy import Policy
from botkube.runtime.run import Run
from botkube.runtime.supervisor import Body, ChildFailed, ChildParked, ChildSpec
from tests.fakes.children import Failing, FailingToStop, Mute, SlowToStop, Steady
from tests.fakes.supervision import QUICK, Recorder, supervision

Clock = trio.testing.MockClock


def broken() -> Exception:
    return OSError("connection refused")


def one(body: Body, policy: Policy = QUICK) -> list[ChildSpec]:
    return [ChildSpec("a", body, policy=policy)]


async def test_a_superseded_run_is_not_told_as_started() -> None:
    await trio.lowlevel.checkpoint()
    told: list[str] = []
    run = Run(lambda: told.append("started"))
    assert not run.leaving
    run.supersede()
    run.started()
    assert (told, run.leaving, run.scope.cancel_called) == ([], True, True)
    with pytest.raises(RuntimeError, match="twice"):
        run.started()
    run.end()
    assert not run.leaving


async def test_a_restart_of_a_ready_child_is_an_orderly_stop_and_a_new_run(
    autojump_clock: Clock,
) -> None:
    seen, notes = Recorder(), list[str]()
    async with supervision(seen) as supervisor:
        await supervisor.reconcile(one(Steady(notes.append)))
        await supervisor.wait_ready()
        assert supervisor.restart("a") == "ready"
        assert supervisor.states()["a"].state == "starting"
        await supervisor.wait_ready()
        assert notes == ["began", "ended", "began"]
        assert supervisor.states()["a"].restarts == 1
    assert seen.kinds() == ["ChildStarted"] * 2


async def test_a_restart_takes_as_long_as_the_stop_which_is_named_when_slow(
    autojump_clock: Clock,
) -> None:
    seen = Recorder()
    async with supervision(seen) as supervisor:
        await supervisor.reconcile(one(SlowToStop(30)))
        await supervisor.wait_ready()
        supervisor.restart("a")
        assert supervisor.restart("a") == "starting"  # asked twice, done once
        await supervisor.wait_ready()
        assert trio.current_time() == 30
        await trio.sleep(100)
        assert supervisor.states()["a"].state == "ready"
    assert seen.kinds()[:3] == ["ChildStarted", "SlowStop", "ChildStarted"]


async def test_a_restart_forgives_what_was_before(autojump_clock: Clock) -> None:
    seen, body = Recorder(), Failing(broken, times=3, ready=True, after=1)
    async with supervision(seen) as supervisor:
        await supervisor.reconcile(one(body))
        await trio.sleep(4.5)  # failed at 1 and at 3, runs for the third time
        assert supervisor.restart("a") == "retrying"
        await trio.sleep(1.5)
        assert supervisor.states()["a"].state == "retrying"
    assert [e.delay for e in seen.events if isinstance(e, ChildFailed)] == [1, 2, 1]


async def test_a_restart_of_a_child_that_cannot_start_starts_anew(autojump_clock: Clock) -> None:
    body = Mute()
    async with supervision() as supervisor:
        await supervisor.reconcile(one(body))
        await trio.sleep(4)
        assert supervisor.restart("a") == "starting"
        await trio.sleep(4)
        assert supervisor.states()["a"].state == "starting"  # its time began anew
        assert body.runs == 2


async def test_what_fails_on_the_way_to_a_restart_is_told_and_not_judged(
    autojump_clock: Clock,
) -> None:
    seen = Recorder()
    async with supervision(seen) as supervisor:
        await supervisor.reconcile(one(FailingToStop()))
        await supervisor.wait_ready()
        supervisor.restart("a")
        await supervisor.wait_ready()
        assert supervisor.states()["a"].state == "ready"
    assert [e.delay for e in seen.events if isinstance(e, ChildFailed)] == [None, None]


async def test_a_stop_during_a_restart_is_a_stop(autojump_clock: Clock) -> None:
    async with supervision() as supervisor:
        await supervisor.reconcile(one(SlowToStop(3)))
        await supervisor.wait_ready()
        supervisor.restart("a")
        await supervisor.reconcile([])
        assert supervisor.states() == {}
        assert trio.current_time() == 3


async def test_how_long_it_was_ready_is_told(autojump_clock: Clock) -> None:
    seen = Recorder()
    async with supervision(seen) as supervisor:
        policy = changed(QUICK, max_restarts=1, parked_retry=300.0)
        await supervisor.reconcile(one(Failing(broken, after=7, ready=True), policy))
        await trio.sleep(20)
    failed, parked = seen.events[1], seen.events[3]
    assert isinstance(failed, ChildFailed)
    assert isinstance(parked, ChildParked)
    assert (failed.ready_for, parked.ready_for, parked.wait) == (7, 7, 300)
