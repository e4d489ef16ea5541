"""One target's life: in order, each to its end, and a trouble said once."""

import itertools
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from random import Random
from typing import TypeAlias

import pytest
import trio
import trio.testing

from botkube.engine.events.deliver import (
    AUTH_PAUSE,
    BACKOFF,
    MAX_AGE,
    WINDOW,
    Deliverer,
    Target,
    split_by_age,
)
from botkube.engine.ports import Notifier
from botkube.model.delivery import Delivered, Delivery, Outcome, Rejected, Retry
from botkube.model.errors import AuthError, PeerError
from botkube.runtime.doorbell import Doorbell
from botkube.runtime.metrics import Metrics
from tests.fakes.engine import FULL, FakeNotifier, MemoryOutbox

Clock: TypeAlias = trio.testing.MockClock
Decide = Callable[[Delivery], Outcome | Exception]


class Bench:
    """A deliverer with its neighbours, on the virtual clock."""

    def __init__(
        self,
        decide: Decide | None = None,
        notifier: Callable[[MemoryOutbox], Notifier] | None = None,
        prepare: Callable[[], Awaitable[object]] = trio.lowlevel.checkpoint,
    ) -> None:
        self.outbox = MemoryOutbox()
        self.notifier = FakeNotifier(decide)
        self.metrics = Metrics()
        self.bell = Doorbell()
        self.health: list[str] = []
        self.states: list[str] = []
        self.health_at: list[float] = []
        target = Target(
            name="t",
            notifier=notifier(self.outbox) if notifier else self.notifier,
            bell=self.bell,
            health=self._say,
            prepare=prepare,
        )
        self.deliverer = Deliverer(target, self.outbox, self.metrics, trio.current_time, Random(1))

    def _say(self, trouble: str, state: str = "retrying", /) -> None:
        self.health.append(trouble)
        self.states.append(state)
        self.health_at.append(trio.current_time())

    def ring(self, *names: str, received_at: float | None = None) -> None:
        self.outbox.add(*names, received_at=received_at)
        self.bell.ring()

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[None]:
        with trio.fail_after(3 * MAX_AGE):  # on the virtual clock
            async with trio.open_nursery() as nursery:
                await nursery.start(self.deliverer.run)
                yield
                nursery.cancel_scope.cancel()

    async def until_rested(self) -> None:
        async with self.running():
            await self.deliverer.rested()

    @property
    def sent(self) -> list[str]:
        return [name for _, name in self.notifier.sent]

    def counted(self, outcome: str) -> float:
        labels = {"target": "t", "outcome": outcome}
        return self.metrics.registry.get_sample_value("botkube_deliveries_total", labels) or 0


async def test_what_waits_is_delivered_in_order(autojump_clock: Clock) -> None:
    bench = Bench()
    names = [str(number) for number in range(WINDOW * 3 + 5)]
    bench.outbox.add(*names)
    await bench.until_rested()
    assert bench.sent == names
    assert bench.counted("delivered") == len(names)
    assert bench.health == []


async def test_a_ring_wakes_it_at_once(autojump_clock: Clock) -> None:
    bench = Bench()
    async with bench.running():
        await bench.deliverer.rested()
        await trio.sleep(100)
        bench.ring("late")
        await trio.testing.wait_all_tasks_blocked()
        assert bench.notifier.sent == [(100.0, "late")]
        assert bench.outbox.windows == 3  # nobody polls


async def test_a_ring_while_it_works_is_not_lost(autojump_clock: Clock) -> None:
    bench = Bench()

    def ringing(delivery: Delivery) -> Outcome:
        if delivery.event_id == "first":
            bench.ring("second")
        return Delivered()

    bench.notifier._decide = ringing
    async with bench.running():
        await bench.deliverer.rested()
        bench.ring("first")
        await trio.testing.wait_all_tasks_blocked()
    assert bench.sent == ["first", "second"]


async def test_the_order_is_kept_when_one_in_the_middle_has_to_wait(autojump_clock: Clock) -> None:
    bench = Bench(
        lambda d: (
            Retry(reason="busy", after=3) if d.event_id == "b" and d.attempts < 2 else Delivered()
        )
    )
    bench.outbox.add("a", "b", "c", "d")
    await bench.until_rested()
    assert bench.sent == ["a", "b", "c", "d"]
    times = [at for at, _ in bench.notifier.sent]
    assert times[0] == 0
    assert times[1] == pytest.approx(6)
    assert bench.counted("retried") == 2
    assert bench.counted("delivered") == 4


async def test_attempts_wait_longer_and_longer_but_never_too_long(autojump_clock: Clock) -> None:
    attempts: list[float] = []

    def busy(_delivery: Delivery) -> Outcome:
        attempts.append(trio.current_time())
        return Retry(reason="busy")

    bench = Bench(busy)
    bench.outbox.add("a")
    with trio.move_on_after(200):
        await bench.until_rested()
    gaps = [after - before for before, after in itertools.pairwise(attempts)]
    assert BACKOFF.first * 0.8 <= gaps[0] <= BACKOFF.first
    assert all(later > gap for gap, later in itertools.pairwise(gaps[:7]))
    assert all(gap <= BACKOFF.maximum for gap in gaps)
    assert 10 < len(attempts) < 25


async def test_a_target_that_says_when_is_not_asked_before(autojump_clock: Clock) -> None:
    bench = Bench(lambda d: Delivered() if d.attempts else Retry(reason="slow down", after=120))
    bench.outbox.add("a")
    await bench.until_rested()
    assert bench.notifier.sent[0][0] == pytest.approx(120)


async def test_a_rejected_one_is_a_dead_letter_and_holds_up_nobody(
    autojump_clock: Clock,
    caplog: pytest.LogCaptureFixture,
) -> None:
    bench = Bench(
        lambda d: Rejected(reason="message too long") if d.event_id == "b" else Delivered()
    )
    bench.outbox.add("a", "b", "c")
    await bench.until_rested()
    assert bench.sent == ["a", "c"]
    assert ("b", Rejected(reason="message too long")) in bench.outbox.outcomes
    assert bench.counted("dead") == 1
    assert "dead letter for t: message too long (event b)" in caplog.text


async def test_what_is_too_old_is_given_up_unsent(autojump_clock: Clock) -> None:
    bench = Bench()
    await trio.sleep(MAX_AGE * 2)
    now = trio.current_time()
    bench.outbox.add("old", received_at=now - MAX_AGE - 1)
    bench.outbox.add("just", received_at=now - MAX_AGE)
    bench.outbox.add("new", received_at=now)
    await bench.until_rested()
    assert bench.sent == ["just", "new"]
    assert bench.counted("dead") == 1


async def test_a_target_that_stays_away_ends_in_dead_letters(autojump_clock: Clock) -> None:
    bench = Bench(lambda _: PeerError("connection refused"))
    bench.outbox.add("a", "b")
    await bench.until_rested()
    assert [outcome for _, outcome in bench.outbox.outcomes] == [
        Rejected(reason="older than a day")
    ] * 2
    assert trio.current_time() == pytest.approx(MAX_AGE, abs=BACKOFF.maximum)


async def test_trouble_and_recovery_are_said_once(
    autojump_clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    down = True
    bench = Bench(lambda _: PeerError("connection refused") if down else Delivered())
    bench.outbox.add("a", "b")
    async with bench.running():
        await trio.sleep(60)
        assert bench.health == ["connection refused"]
        down = False
        await bench.deliverer.rested()
    assert bench.health == ["connection refused", ""]
    assert bench.health_at[1] - 60 <= 4.0  # it is asked every few seconds
    assert caplog.text.count("t takes no deliveries: connection refused") == 1
    assert caplog.text.count("t takes deliveries again") == 1
    assert bench.sent == ["a", "b"]


async def test_another_trouble_is_said_too(autojump_clock: Clock) -> None:
    reasons = ["refused", "refused", "reset", "reset"]
    bench = Bench(lambda _: PeerError(reasons.pop(0)) if reasons else Delivered())
    bench.outbox.add("a")
    await bench.until_rested()
    assert bench.health == ["refused", "reset", ""]


async def test_a_retried_delivery_is_trouble_too(autojump_clock: Clock) -> None:
    bench = Bench(lambda d: Delivered() if d.attempts else Retry(reason="429", after=2))
    bench.outbox.add("a")
    await bench.until_rested()
    assert bench.health == ["429", ""]


async def test_a_disk_that_takes_nothing_is_trouble_that_passes(autojump_clock: Clock) -> None:
    bench = Bench()
    bench.outbox.add("a")
    bench.outbox.failures = 5
    await bench.until_rested()
    assert bench.health == [FULL, ""]
    assert bench.sent == ["a"]


async def test_an_outcome_that_cannot_be_recorded_is_sent_again_and_nothing_is_lost(
    autojump_clock: Clock,
) -> None:
    bench = Bench()

    def then_full(_delivery: Delivery) -> Outcome:
        bench.outbox.failures = 1 if len(bench.notifier.sent) == 0 else 0
        return Delivered()

    bench.notifier._decide = then_full
    bench.outbox.add("a")
    await bench.until_rested()
    assert bench.sent == ["a", "a"]
    assert bench.outbox.pending == []


class Recording:
    """A notifier that records outcomes itself, with the sends."""

    def __init__(self, outbox: MemoryOutbox) -> None:
        self._outbox = outbox

    async def deliver(self, window: Sequence[Delivery]) -> Sequence[Outcome]:
        await trio.lowlevel.checkpoint()
        self._outbox.pending.clear()
        return [Delivered(settled=True)] * len(window)


async def test_what_the_notifier_recorded_itself_is_not_recorded_again(
    autojump_clock: Clock,
) -> None:
    bench = Bench(notifier=Recording)
    bench.outbox.add("a", "b")
    await bench.until_rested()
    assert bench.outbox.outcomes == []
    assert bench.counted("delivered") == 2


async def test_the_delay_from_event_to_delivery_is_measured(autojump_clock: Clock) -> None:
    bench = Bench(lambda d: Delivered() if d.attempts else Retry(reason="x", after=10))
    bench.outbox.add("a")
    await bench.until_rested()
    name = "botkube_delivery_delay_seconds_sum"
    assert bench.metrics.registry.get_sample_value(name, {"target": "t"}) == pytest.approx(10)


async def test_rested_means_that_nothing_waits_now(autojump_clock: Clock) -> None:
    bench = Bench(lambda d: Delivered() if d.attempts else Retry(reason="x", after=7))
    async with bench.running():
        await bench.deliverer.rested()
        bench.ring("a")
        await trio.testing.wait_all_tasks_blocked()
        await bench.deliverer.rested()
        assert trio.current_time() == pytest.approx(7)


async def test_calm_means_that_nothing_is_due(autojump_clock: Clock) -> None:
    bench = Bench(lambda d: Delivered() if d.attempts else Retry(reason="x", after=7))
    async with bench.running():
        await bench.deliverer.calm()
        bench.ring("a")
        await trio.testing.wait_all_tasks_blocked()
        await bench.deliverer.calm()
        assert trio.current_time() == 0
        await trio.sleep(20)
        await bench.deliverer.calm()
    assert bench.sent == ["a"]


async def test_refused_credentials_are_a_state_and_are_tried_rarely(autojump_clock: Clock) -> None:
    tries: list[float] = []

    def decide(_delivery: Delivery) -> Outcome | Exception:
        tries.append(trio.current_time())
        return Delivered() if len(tries) == 4 else AuthError("it answered 401")

    bench = Bench(decide)
    bench.outbox.add("a")
    await bench.until_rested()
    assert tries == [0, AUTH_PAUSE, 2 * AUTH_PAUSE, 3 * AUTH_PAUSE]
    assert list(zip(bench.health, bench.states, strict=True)) == [
        ("it answered 401", "auth-failed"),
        ("", "retrying"),
    ]


async def test_a_rejection_shows_until_another_one_is_taken(autojump_clock: Clock) -> None:
    bench = Bench(lambda d: Rejected(reason="no") if d.event_id == "a" else Delivered())
    async with bench.running():
        bench.ring("a")
        await bench.deliverer.rested()
        await trio.sleep(100)
        await bench.deliverer.rested()
        assert bench.health == ["no"]
        bench.ring("b")
        await trio.testing.wait_all_tasks_blocked()
    assert bench.health == ["no", ""]


async def test_what_has_to_be_prepared_is_prepared_first_and_without_any_delivery(
    autojump_clock: Clock,
) -> None:
    left: list[Exception] = [PeerError("away"), PeerError("away"), AuthError("401")]

    async def prepare() -> None:
        await trio.lowlevel.checkpoint()
        if left:
            raise left.pop(0)

    bench = Bench(prepare=prepare)
    async with bench.running():
        await bench.deliverer.rested()
        assert bench.health == ["away", "401", ""]
        assert trio.current_time() == pytest.approx(AUTH_PAUSE + 0.75, abs=0.3)
        bench.ring("a")
        await trio.testing.wait_all_tasks_blocked()
    assert bench.sent == ["a"]


async def test_after_a_restart_it_goes_on_where_it_was(autojump_clock: Clock) -> None:
    bench = Bench(lambda _: trio_sleeps())
    bench.outbox.add("a", "b")
    with pytest.RaisesGroup(ZeroDivisionError):
        await bench.until_rested()
    bench.notifier._decide = lambda _: Delivered()
    await bench.until_rested()
    assert bench.sent == ["a", "b"]


def trio_sleeps() -> Exception:
    return ZeroDivisionError("a fault of ours: the supervisor restarts it")


def test_ages() -> None:
    def aged(age: float) -> Delivery:
        return Delivery(
            id=1,
            target="t",
            event_id="e",
            source="s",
            message=b"",
            raw=b"",
            received_at=1e6 - age,
        )

    items = [aged(0), aged(MAX_AGE), aged(MAX_AGE + 1), aged(-5)]
    assert split_by_age(items, 1e6) == ([items[0], items[1], items[3]], [items[2]])
