"""One supervised child: runs its body, and again by policy, until told to stop.

state     entered when                               left by
starting  the body is about to run                   started(), failure, stop
ready     the body called started()                  failure, stop
retrying  it failed and runs again at `retry_at`     time, retry(), stop
parked    no restart helps, or there were too many   time, retry(), stop
stopping  removed, changed, or the block was left    the end of its task
"""

import math
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from random import Random

import trio

from botkube.runtime.childspec import (
    ChildEscalated,
    ChildFailed,
    ChildParked,
    ChildSpec,
    ChildStarted,
    ChildState,
    Observer,
    SlowStop,
    StateName,
)
from botkube.runtime.policy import (
    EndedUnexpectedly,
    Escalated,
    Failure,
    GiveUp,
    History,
    StartTimeout,
    after_parking,
    decide,
    describe,
    is_fatal,
    parked_wait,
)


@dataclass(frozen=True, slots=True)
class Home:
    """What a supervisor lends its children."""

    nursery: trio.Nursery
    tell: Observer
    changed: Callable[[], None]
    random: Random
    wall: Callable[[], float]


class Child:
    """A child's task, its state and its history; `run` is the task, owned by the home's nursery."""

    def __init__(self, spec: ChildSpec, home: Home) -> None:
        self.spec = spec
        self.state = ChildState(state="starting", since=home.wall())
        self.begun = trio.Event()
        self.done = trio.Event()
        self.stopping = False
        self._home = home
        self._history = History()
        self._wake = trio.Event()
        # The one shield without a deadline: whoever uses the children unwinds before they stop.
        self._scope = trio.CancelScope(shield=True)

    def is_settled(self) -> bool:
        """Tell whether there is nothing to wait for: it is ready, parked, or has done its work."""
        return self.done.is_set() or self.state.state in {"ready", "parked"}

    def stop(self) -> None:
        """Cancel the child; `done` is set when it is gone, and a slow one is named."""
        if self.stopping or self.done.is_set():
            return
        self._enter("stopping", self.state.reason)
        self.stopping = True
        self._scope.cancel(reason="stopped by its supervisor")
        self._home.nursery.start_soon(self._name_if_slow, self.done)

    def retry(self) -> None:
        """End a wait, parked or between restarts; anything else is left alone."""
        if self.state.state in {"parked", "retrying"}:
            self._enter("starting", self.state.reason)  # at once, so that wait_ready() waits for it
            self._wake.set()

    async def run(self) -> None:
        """Run the child to its end.

        Raises: Escalated; what the body raised that is no Exception.
        Cancellation: only by `stop`.
        """
        try:
            with self._scope:
                await self._run_by_policy()
        finally:
            self.begun.set()
            self.done.set()
            self._home.changed()

    async def _run_by_policy(self) -> None:
        while True:
            await trio.lowlevel.checkpoint_if_cancelled()  # stopped before it began
            error, ready_for = await self._run_once()
            if self.stopping:
                self._note_late(error)
                return
            if error is not None:
                await self._recover(error, ready_for)
            elif self.spec.policy.restart == "permanent":
                await self._recover(EndedUnexpectedly("ended unexpectedly"), ready_for)
            else:
                return

    async def _run_once(self) -> tuple[Exception | None, float]:
        run = _Run(self._note_ready)
        self._home.nursery.start_soon(self._time_start, run)
        error: Exception | None = None
        with run.scope:
            try:
                self.begun.set()
                await self.spec.body(task_status=run)
            except Exception as failure:  # noqa: BLE001  # what it means is policy
                error = failure
            except BaseExceptionGroup as group:
                error, rest = group.split(Exception)
                if self.stopping:
                    self._note_late(error)
                if rest is not None:  # cancellation, or an interrupt: not ours to judge
                    raise rest from None
            finally:
                run.end()
        if run.scope.cancelled_caught and error is None:
            error = StartTimeout(f"not ready after {self.spec.policy.start_timeout:g} s")
        return error, run.ready_for()  # noqa: ASYNC910 - a body that returns at once is its own affair

    async def _time_start(self, run: "_Run") -> None:
        # A timer beside the body: a deadline around it would be inherited by all it opens.
        if await _happens(run.settled, self.spec.policy.start_timeout):
            return
        run.scope.cancel(reason="not ready in time")
        await self._name_if_slow(run.ended)

    async def _name_if_slow(self, ended: trio.Event) -> None:
        grace = self.spec.policy.stop_grace
        if not await _happens(ended, grace):
            self._home.tell(SlowStop(name=self.spec.name, grace=grace))

    async def _recover(self, error: Exception, ready_for: float) -> None:
        failure = Failure(
            reason=describe(error),
            fatal=is_fatal(error),
            at=trio.current_time(),
            ready_for=ready_for,
        )
        decision, self._history = decide(
            self.spec.policy, self._history, failure, self._home.random
        )
        if not isinstance(decision, GiveUp):
            await self._back_off(error, failure.reason, decision.delay)
        elif decision.escalate:
            self._home.tell(ChildEscalated(name=self.spec.name, reason=failure.reason))
            raise Escalated(f"{self.spec.name} failed too often: {failure.reason}") from error
        else:
            await self._park(error, failure.reason)

    async def _back_off(self, error: Exception, reason: str, delay: float) -> None:
        self._enter("retrying", reason, delay)
        self._tell_failed(error, delay)
        await self._pause(delay)
        self._enter("starting", reason)

    async def _park(self, error: Exception, reason: str) -> None:
        wait = parked_wait(self.spec.policy)
        self._enter("parked", reason, wait)
        self._home.tell(ChildParked(name=self.spec.name, reason=reason, traceback=_format(error)))
        asked = await self._pause(wait)
        self._history = after_parking(self._history, asked=asked)
        self._enter("starting", reason)

    async def _pause(self, seconds: float) -> bool:
        self._wake = trio.Event()
        with trio.move_on_after(seconds):
            await self._wake.wait()
        return self._wake.is_set()

    def _note_ready(self) -> None:
        self._enter("ready")
        if not self.stopping:
            self._home.tell(ChildStarted(name=self.spec.name))

    def _note_late(self, error: Exception | None) -> None:
        if error is not None:
            self._tell_failed(error, None)

    def _tell_failed(self, error: Exception, delay: float | None) -> None:
        self._home.tell(
            ChildFailed(
                name=self.spec.name,
                error=describe(error),
                delay=delay,
                restarts=self._history.total,
                traceback=_format(error),
            )
        )

    def _enter(self, state: StateName, reason: str = "", wait: float = math.inf) -> None:
        if self.stopping:  # a cancelled body may still run code: it is not asked any more
            return
        now = self._home.wall()
        same = state == self.state.state
        self.state = ChildState(
            state=state,
            since=self.state.since if same else now,
            reason=reason,
            retry_at=now + wait if wait < math.inf else None,
            restarts=self._history.total,
        )
        self._home.changed()


class _Run:
    """One run of a body, which gets it as its `task_status`."""

    def __init__(self, on_started: Callable[[], None]) -> None:
        self.scope = trio.CancelScope()
        self.settled = trio.Event()  # started or ended
        self.ended = trio.Event()
        self._on_started = on_started
        self._ready_at = math.inf

    def started(self, value: None = None) -> None:  # noqa: ARG002  # part of trio.TaskStatus
        if self._ready_at < math.inf:
            raise RuntimeError("started() was called twice in one run")
        self._ready_at = trio.current_time()
        self.settled.set()
        self._on_started()

    def end(self) -> None:
        self.settled.set()
        self.ended.set()

    def ready_for(self) -> float:
        return max(0.0, trio.current_time() - self._ready_at)


async def _happens(event: trio.Event, seconds: float) -> bool:
    # Shielded: the timers must outlive a cancelled owner, as the children do.
    with trio.move_on_after(seconds, shield=True):
        await event.wait()
    return event.is_set()


def _format(error: Exception) -> str:
    return "".join(traceback.format_exception(error))
