"""The set of children: reconcile, readiness, isolation, stopping. Restarts are in test_child."""

import logging

import pytest
import trio
import trio.testing
from hypothesis import given, settings
from hypothesis import strategies as st

from botkube.runtime.policy import Fatal
from botkube.runtime.supervisor import Body, ChildSpec, SlowStop, SupervisorEvent
from tests.fakes.cancelling import cancelled_at
from tests.fakes.children import Failing, Mute, SlowToStop, Steady, Unready
from tests.fakes.supervision import QUICK, Recorder, live_tasks, settle, supervision


def test_equality_of_specs_leaves_the_body_out() -> None:
    assert ChildSpec("a", Steady(), "f") == ChildSpec("a", Steady(), "f")
    assert ChildSpec("a", Steady(), "f") != ChildSpec("a", Steady(), "g")


def spec(name: str, body: Body | None = None, fingerprint: str = "") -> ChildSpec:
    return ChildSpec(name, body or Steady(), fingerprint)


async def test_reconcile_starts_stops_and_leaves_equal_children_alone(
    autojump_clock: trio.testing.MockClock,
) -> None:
    kept, gone, changed, added = Steady(), Steady(), Steady(), Steady()
    async with supervision() as supervisor:
        await supervisor.reconcile(
            [ChildSpec("kept", kept), ChildSpec("gone", gone), ChildSpec("changed", changed, "1")]
        )
        await supervisor.wait_ready()
        await supervisor.reconcile(
            [ChildSpec("kept", Mute()), ChildSpec("changed", changed, "2"), ChildSpec("new", added)]
        )
        await supervisor.wait_ready()
        assert {n: s.state for n, s in supervisor.states().items()} == {
            "kept": "ready",
            "changed": "ready",
            "new": "ready",
        }
        assert (kept.runs, gone.live, changed.runs, changed.live, added.live) == (1, 0, 2, 1, 1)
    assert (kept.live, changed.live, added.live) == (0, 0, 0)


async def test_reconcile_returns_when_children_have_begun_not_when_ready(
    autojump_clock: trio.testing.MockClock,
) -> None:
    mute, steady = Mute(), Steady()
    async with supervision() as supervisor:
        await supervisor.reconcile([ChildSpec("mute", mute), ChildSpec("steady", steady)])
        assert (mute.runs, steady.runs) == (1, 1)
        assert trio.current_time() == 0
        assert supervisor.states()["mute"].state == "starting"


async def test_two_children_of_one_name_are_refused() -> None:
    async with supervision() as supervisor:
        with pytest.raises(ValueError, match="two children are called a"):
            await supervisor.reconcile([ChildSpec("a", Steady()), ChildSpec("a", Steady(), "x")])
        assert supervisor.states() == {}


async def test_the_body_runs_in_a_task_of_its_childs_name() -> None:
    names: list[str] = []

    async def work() -> None:
        names.append(trio.lowlevel.current_task().name)
        await trio.sleep_forever()

    async with supervision() as supervisor:
        await supervisor.reconcile([ChildSpec("bot:playground", Unready(work))])
    assert names == ["bot:playground"]


async def test_children_stop_together(autojump_clock: trio.testing.MockClock) -> None:
    async with supervision() as supervisor:
        await supervisor.reconcile(
            [ChildSpec(str(n), SlowToStop(seconds)) for n, seconds in enumerate([3, 5, 4])]
        )
    assert trio.current_time() == 5


async def test_the_new_child_waits_for_the_one_it_replaces(
    autojump_clock: trio.testing.MockClock,
) -> None:
    notes: list[str] = []
    async with supervision() as supervisor:
        await supervisor.reconcile(
            [ChildSpec("a", Steady(lambda t: notes.append(f"old {t}")), "1")]
        )
        await supervisor.reconcile(
            [ChildSpec("a", Steady(lambda t: notes.append(f"new {t}")), "2")]
        )
        assert notes == ["old began", "old ended", "new began"]


async def test_outer_cancellation_reaches_the_block_before_the_children(
    autojump_clock: trio.testing.MockClock,
) -> None:
    notes: list[str] = []
    with trio.move_on_after(1):
        async with supervision() as supervisor:
            await supervisor.reconcile([ChildSpec("a", Steady(notes.append))])
            try:
                await trio.sleep_forever()
            finally:
                with trio.CancelScope(shield=True, deadline=trio.current_time() + 10):
                    await trio.sleep(3)
                notes.append("block ended")
    assert notes == ["began", "block ended", "ended"]
    assert trio.current_time() == 4


async def test_an_error_of_the_block_stops_the_children_and_comes_out_in_a_group() -> None:
    steady = Steady()
    with pytest.RaisesGroup(pytest.RaisesExc(ValueError, match="mine")):
        async with supervision() as supervisor:
            await supervisor.reconcile([ChildSpec("a", steady)])
            raise ValueError("mine")
    assert steady.live == 0


async def test_a_slow_stop_is_named_and_waited_for(
    autojump_clock: trio.testing.MockClock,
) -> None:
    seen = Recorder()
    async with supervision(seen) as supervisor:
        await supervisor.reconcile([ChildSpec("a", SlowToStop(25))])
        await supervisor.reconcile([])
        assert trio.current_time() == 25
    assert seen.events[-1] == SlowStop(name="a", grace=10)
    assert seen.times[-1] == 10


async def test_a_slow_stop_is_named_in_a_cancelled_run_too(
    autojump_clock: trio.testing.MockClock,
) -> None:
    seen = Recorder()
    with trio.move_on_after(1):
        async with supervision(seen) as supervisor:
            await supervisor.reconcile([ChildSpec("a", SlowToStop(25)), ChildSpec("b", Steady())])
            await trio.sleep_forever()
    assert [e.name for e in seen.events if isinstance(e, SlowStop)] == ["a"]
    assert trio.current_time() == 26


async def test_a_stopping_child_is_shown_as_such(autojump_clock: trio.testing.MockClock) -> None:
    async with supervision() as supervisor, trio.open_nursery() as nursery:
        await supervisor.reconcile([ChildSpec("a", SlowToStop(5))])
        nursery.start_soon(supervisor.reconcile, [])
        await settle()
        assert supervisor.states()["a"].state == "stopping"
        nursery.cancel_scope.deadline = trio.current_time() + 6
        await trio.sleep(5.5)
        assert supervisor.states() == {}


async def test_a_late_started_call_does_not_undo_stopping(
    autojump_clock: trio.testing.MockClock,
) -> None:
    seen = Recorder()

    async def body(*, task_status: trio.TaskStatus[None]) -> None:
        try:
            await trio.sleep_forever()
        finally:
            task_status.started()
            shown.append(supervisor.states()["a"].state)

    shown: list[str] = []
    async with supervision(seen) as supervisor:
        await supervisor.reconcile([ChildSpec("a", body)])
    assert shown == ["stopping"]
    assert seen.events == []


async def test_a_child_wanted_again_while_it_stops_is_started_anew(
    autojump_clock: trio.testing.MockClock,
) -> None:
    steady = Steady()
    async with supervision() as supervisor:
        await supervisor.reconcile([ChildSpec("a", SlowToStop(5))])
        with trio.move_on_after(1):
            await supervisor.reconcile([])
        await supervisor.reconcile([ChildSpec("a", steady)])
        assert trio.current_time() == 5
        assert steady.live == 1


async def test_wait_ready_waits_for_the_last(autojump_clock: trio.testing.MockClock) -> None:
    async def late(*, task_status: trio.TaskStatus[None]) -> None:
        await trio.sleep(4)
        task_status.started()
        await trio.sleep_forever()

    parks = Failing(lambda: Fatal("no"))
    async with supervision() as supervisor:
        await supervisor.reconcile(
            [ChildSpec("a", Steady()), ChildSpec("b", late), ChildSpec("c", parks, policy=QUICK)]
        )
        await supervisor.wait_ready()
        assert trio.current_time() == 4


async def test_wait_ready_waits_through_restarts(autojump_clock: trio.testing.MockClock) -> None:
    async with supervision() as supervisor:
        flaky = Failing(lambda: OSError("x"), times=2)
        await supervisor.reconcile([ChildSpec("a", flaky, policy=QUICK)])
        await supervisor.wait_ready()
        assert trio.current_time() == 3
        assert supervisor.states()["a"].restarts == 2


async def test_wait_ready_of_an_empty_supervisor_is_a_checkpoint() -> None:
    async with supervision() as supervisor:
        with trio.testing.assert_checkpoints():
            await supervisor.wait_ready()


async def test_reconcile_is_a_checkpoint() -> None:
    async with supervision() as supervisor:
        with trio.testing.assert_checkpoints():
            await supervisor.reconcile([])


async def test_restart_of_an_unknown_child_is_an_error() -> None:
    async with supervision() as supervisor:
        with pytest.raises(KeyError):
            supervisor.restart("a")


async def test_no_child_waits_for_another(autojump_clock: trio.testing.MockClock) -> None:
    """Beside one that hangs at its start, one that is slow to stop and one that is parked."""
    broken = Failing(lambda: OSError("no"), times=1)
    async with supervision() as supervisor:
        others = [
            ChildSpec("hangs", Mute(), policy=QUICK),
            ChildSpec("slow", SlowToStop(60), policy=QUICK),
            ChildSpec("parked", Failing(lambda: Fatal("cut")), policy=QUICK),
        ]
        await supervisor.reconcile(others)
        await settle()
        supervisor.restart("slow")
        await supervisor.reconcile([*others, ChildSpec("a", broken, policy=QUICK)])
        await trio.sleep(1.1)
        assert supervisor.states()["a"].state == "ready"
        assert supervisor.states()["a"].since == 1  # its own back-off, nothing else
        assert supervisor.states()["slow"].state == "starting"


async def test_reconcile_after_the_block_is_refused() -> None:
    async with supervision() as supervisor:
        pass
    with pytest.raises(trio.ClosedResourceError):
        await supervisor.reconcile([ChildSpec("a", Steady())])


async def test_a_reconcile_caught_by_the_end_of_the_block_starts_nothing(
    autojump_clock: trio.testing.MockClock,
) -> None:
    steady = Steady()

    async def reload() -> None:
        with pytest.raises(trio.ClosedResourceError):
            await supervisor.reconcile([ChildSpec("a", steady, "2")])

    async with trio.open_nursery() as nursery, supervision() as supervisor:
        await supervisor.reconcile([ChildSpec("a", SlowToStop(5), "1")])
        nursery.start_soon(reload)
        await settle()
    assert steady.runs == 0


async def test_reconciles_run_one_after_the_other(autojump_clock: trio.testing.MockClock) -> None:
    first, second = Steady(), Steady()
    async with supervision() as supervisor:
        await supervisor.reconcile([ChildSpec("a", SlowToStop(5), "0")])
        async with trio.open_nursery() as nursery:
            nursery.start_soon(supervisor.reconcile, [ChildSpec("a", first, "1")])
            await settle()
            nursery.start_soon(supervisor.reconcile, [ChildSpec("a", second, "2")])
        await settle()
        assert (first.live, second.runs, second.live) == (0, 1, 1)


async def test_a_child_may_remove_itself(autojump_clock: trio.testing.MockClock) -> None:
    async def work() -> None:
        await supervisor.reconcile([])

    with trio.fail_after(5):
        async with supervision() as supervisor:
            await supervisor.reconcile([ChildSpec("a", Unready(work))])
            await settle()
            await supervisor.reconcile([])
            assert supervisor.states() == {}


async def test_an_observer_that_fails_breaks_nothing(
    autojump_clock: trio.testing.MockClock, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(event: SupervisorEvent) -> None:
        raise ZeroDivisionError(event)

    async with supervision(broken) as supervisor:
        with caplog.at_level(logging.ERROR):
            flaky = Failing(lambda: OSError("x"), times=1)
            await supervisor.reconcile([ChildSpec("a", flaky, policy=QUICK)])
            await supervisor.wait_ready()
        assert supervisor.states()["a"].state == "ready"
    assert "an observer of supervisor test failed" in caplog.text


async def reload_cut_off(checkpoint: int) -> bool:
    """Cancel a reload that stops, replaces and starts children; do it again; is anything left over?"""
    before = live_tasks()
    async with supervision() as supervisor:
        await supervisor.reconcile([spec("slow", SlowToStop(2)), spec("kept"), spec("broken")])
        wanted = [spec("slow", Steady(), "new"), spec("kept"), spec("added")]
        cut_off = await cancelled_at(checkpoint, lambda: supervisor.reconcile(wanted))
        await supervisor.reconcile(wanted)
        await supervisor.wait_ready()
        assert set(supervisor.states()) == {"slow", "kept", "added"}
        await supervisor.reconcile([])
        await settle()
        assert live_tasks() == before
    return cut_off


async def test_cancel_reconcile_everywhere(autojump_clock: trio.testing.MockClock) -> None:
    checkpoint = 1
    while await reload_cut_off(checkpoint):
        checkpoint += 1
    assert checkpoint > 3  # the lock, a stop, a start


NAMES = st.sampled_from("abc")
STEPS = st.one_of(
    st.tuples(st.just("want"), st.frozensets(st.tuples(NAMES, st.sampled_from("12")), max_size=3)),
    st.tuples(st.just("fail"), NAMES),
    st.tuples(st.just("refuse"), NAMES),
    st.tuples(st.just("restart"), NAMES),
    st.tuples(st.just("pass"), st.sampled_from([0.0, 1.0, 30.0, 400.0])),
)


class Puppets:
    """Children that fail on request, by name; counts how many of each are alive."""

    def __init__(self) -> None:
        self.live: dict[str, int] = {}
        self._strings: dict[str, trio.Event] = {}
        self._errors: dict[str, Exception] = {}

    def spec(self, name: str, fingerprint: str) -> ChildSpec:
        async def body(*, task_status: trio.TaskStatus[None]) -> None:
            self._strings[name] = trio.Event()
            self.live[name] = self.live.get(name, 0) + 1
            try:
                task_status.started()
                await self._strings[name].wait()
                raise self._errors[name]
            finally:
                self.live[name] -= 1

        return ChildSpec(name, body, fingerprint, QUICK)

    def fail(self, name: str, error: Exception) -> None:
        if self.live.get(name):
            self._errors[name] = error
            self._strings[name].set()


async def play(steps: list[tuple[str, object]]) -> None:
    puppets, wanted = Puppets(), dict[str, str]()
    before = live_tasks()
    async with supervision() as supervisor:
        for step in steps:
            match step:
                case ("want", frozenset() as pairs):
                    wanted = dict(sorted(pairs))
                    await supervisor.reconcile([puppets.spec(*pair) for pair in wanted.items()])
                case ("restart", str(name)) if name in wanted:
                    supervisor.restart(name)
                case ("fail", str(name)):
                    puppets.fail(name, OSError("pulled"))
                case ("refuse", str(name)):
                    puppets.fail(name, Fatal("cut"))
                case ("pass", float(seconds)):
                    await trio.sleep(seconds)
                case _:
                    pass
            await settle()
            states = supervisor.states()
            assert set(states) == set(wanted)
            ready = {name for name, state in states.items() if state.state == "ready"}
            assert ready == {name for name, count in puppets.live.items() if count}
            assert max(puppets.live.values(), default=0) <= 1
            assert all(state.reason for state in states.values() if state.state != "ready")
    assert live_tasks() == before


@settings(max_examples=60, deadline=None)
@given(st.lists(STEPS, max_size=12))
def test_any_sequence_leaves_what_is_wanted_and_nothing_else(
    steps: list[tuple[str, object]],
) -> None:
    trio.run(play, steps, clock=trio.testing.MockClock(autojump_threshold=0))
