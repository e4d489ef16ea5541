"""The life of one target: takes what waits for it, sends it in order, records the outcome.

A target that fails holds up only itself. What cannot be delivered within `MAX_AGE` becomes a dead
letter, counted and kept, never dropped without a trace.
"""

import logging
from collections.abc import Awaitable, Callable, Sequence
from random import Random
from typing import Final

import msgspec
import trio

from botkube.engine.ports import Notifier, Outbox
from botkube.model.delivery import Delivered, Delivery, Outcome, Rejected, Retry
from botkube.model.errors import AuthError, BotkubeError
from botkube.runtime.doorbell import Doorbell
from botkube.runtime.metrics import Metrics
from botkube.runtime.policy import Backoff, Health, TroubleState

log = logging.getLogger(__name__)

WINDOW: Final = 64  # deliveries taken at once, unless a target wants more
MAX_AGE: Final = 24 * 3600.0  # seconds after which a delivery is given up
BACKOFF: Final = Backoff(first=0.25, maximum=30.0)
LONGEST_PAUSE: Final = 4.0  # seconds until a peer that is away is tried again
AUTH_PAUSE: Final = 60.0  # seconds until credentials that were refused are tried again


class Target(msgspec.Struct, frozen=True, kw_only=True):
    """A delivery target and the parts it works with."""

    name: str
    notifier: Notifier
    bell: Doorbell
    health: Health
    window: int = WINDOW
    prepare: Callable[[], Awaitable[object]] = trio.lowlevel.checkpoint
    """Done before anything is delivered, also when nothing waits: whether it works shall be known. Raises as a
    notifier does, and is then tried again."""


class Deliverer:
    """Delivers to one target until cancelled."""

    def __init__(
        self,
        target: Target,
        outbox: Outbox,
        metrics: Metrics,
        wall: Callable[[], float],
        random: Random,
    ) -> None:
        self._target = target
        self._outbox = outbox
        self._metrics = metrics
        self._wall = wall
        self._random = random
        self._prepared = False
        self._failures = 0
        self._trouble = ""
        self._rejection = ""  # why the last one was refused, until another is taken
        self._resting = trio.Event()
        self._calm = trio.Event()

    async def run(self, *, task_status: trio.TaskStatus[None]) -> None:
        """Deliver window after window; rest on the doorbell while nothing waits.

        Cancellation: a send that is under way is cut off and repeated at the next start, unless the
        notifier records sends and outcomes together.
        """
        task_status.started()
        while True:
            await trio.lowlevel.checkpoint()
            try:
                await self._prepare()
                rest = await self._round()
            except AuthError as error:
                self._say(str(error), "auth-failed")
                rest = AUTH_PAUSE
            except BotkubeError as error:
                rest = self._failed(str(error))
            if rest:
                self._calm.set()
                await trio.sleep(rest)
                self._calm = trio.Event()

    @property
    def name(self) -> str:
        """The target's name."""
        return self._target.name

    async def rested(self) -> None:
        """Until nothing waits for this target."""
        await self._resting.wait()

    async def calm(self) -> None:
        """Until nothing is due for this target: nothing waits, or what does has to be tried later."""
        await self._calm.wait()

    async def _prepare(self) -> None:  # noqa: ASYNC910 - the loop has checkpoints enough
        if not self._prepared:
            await self._target.prepare()
            self._prepared = True
            self._failures = 0
            self._say("")

    async def _round(self) -> float:
        """One window; returns how long to rest before the next."""
        window = await self._outbox.window(self._target.name, self._target.window)
        if not window:
            self._say("")
            self._resting.set()
            self._calm.set()
            await self._target.bell.wait()
            self._resting, self._calm = trio.Event(), trio.Event()
            return 0.0
        wait = window[0].due - self._wall()
        if wait > 0:
            return min(wait, BACKOFF.maximum)
        fresh, old = split_by_age(window, self._wall())
        await self._record([(item, Rejected(reason="older than a day")) for item in old])
        if fresh:
            await self._deliver(fresh)
        return 0.0

    async def _deliver(self, window: Sequence[Delivery]) -> None:
        outcomes = await self._target.notifier.deliver(window)
        self._failures = 0
        results = [
            (item, self._timed(item, outcome))
            for item, outcome in zip(window, outcomes, strict=False)
        ]
        await self._record(results)
        self._judge([outcome for _, outcome in results])

    def _judge(self, outcomes: Sequence[Outcome]) -> None:
        """What is tried again is trouble, and so is a last one that was refused, until one is taken."""
        retried = next((outcome for outcome in outcomes if isinstance(outcome, Retry)), None)
        last = outcomes[-1] if outcomes else None
        self._say(retried.reason if retried else "")
        if retried is None and isinstance(last, Rejected):
            self._rejection = last.reason
            self._target.health(last.reason)
        elif self._rejection and retried is None:
            self._rejection = ""
            self._target.health("")

    def _timed(self, delivery: Delivery, outcome: Outcome) -> Outcome:
        if not isinstance(outcome, Retry):
            return outcome
        after = max(outcome.after, BACKOFF.delay(delivery.attempts, self._random))
        return Retry(reason=outcome.reason, after=after)

    async def _record(  # noqa: ASYNC910 - the loop has checkpoints enough
        self, results: Sequence[tuple[Delivery, Outcome]]
    ) -> None:
        if any(not _settled(outcome) for _, outcome in results):
            await self._outbox.settle(results)
        if results:
            self._count(results)

    def _count(self, results: Sequence[tuple[Delivery, Outcome]]) -> None:
        """Thousands a second: each counter is looked up once for a window."""
        name, now = self._target.name, self._wall()
        observe = self._metrics.delivery_delay.labels(name).observe
        found = {"delivered": 0, "retried": 0, "dead": 0}
        for delivery, outcome in results:
            match outcome:
                case Delivered():
                    found["delivered"] += 1
                    observe(max(now - delivery.received_at, 0))
                case Retry():
                    found["retried"] += 1
                case Rejected(reason=reason):
                    found["dead"] += 1
                    log.error("dead letter for %s: %s (event %s)", name, reason, delivery.event_id)
        for outcome_name, number in found.items():
            if number:
                self._metrics.deliveries.labels(name, outcome_name).inc(number)

    def _failed(self, reason: str) -> float:
        delay = min(BACKOFF.delay(self._failures, self._random), LONGEST_PAUSE)
        self._failures += 1
        self._say(reason)
        return delay

    def _say(self, trouble: str, state: TroubleState = "retrying") -> None:
        if trouble != self._trouble:
            name = self._target.name
            self._target.health(trouble, state)
            if trouble:
                log.warning("%s takes no deliveries: %s", name, trouble)
            else:
                log.warning("%s takes deliveries again", name)
            self._trouble = trouble


def split_by_age(window: Sequence[Delivery], now: float) -> tuple[list[Delivery], list[Delivery]]:
    """Deliveries still worth sending, and those past `MAX_AGE`."""
    fresh = [item for item in window if now - item.received_at <= MAX_AGE]
    return fresh, [item for item in window if now - item.received_at > MAX_AGE]


def _settled(outcome: Outcome) -> bool:
    return isinstance(outcome, Delivered) and outcome.settled
