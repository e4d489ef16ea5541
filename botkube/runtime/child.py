"""One supervised child: runs its body, and again by policy, until told to stop.

state     entered when                               left by
starting  the body is about to run                   started(), failure, restart(), stop
ready     the body called started()                  failure, restart(), stop
retrying  it failed and runs again at `retry_at`     time, restart(), stop
parked    no restart helps, or there were too many   time, restart(), stop
stopping  removed, changed, or the block was left    the end of its task
"""

import math
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
)
from botkube.runtime.logs import full_traceback
from botkube.runtime.policy import (
    EndedUnexpectedly,
    Escalated,
    Failure,
    GiveUp,
    History,
    StartTimeout,
    StateName,
    after_parking,
    decide,
    describe,
    is_fatal,
    parked_wait,
    renewed,
)
from botkube.runtime.run import Run


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
        self._run: Run | None = None
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

    def restart(self) -> StateName:
        """Run anew with all restarts: a wait ends at once, a run is cancelled first; gives the state before.

        One that stops or has done its work is left alone.
        """
        before = self.state.state
        if self.stopping or self.done.is_set():
            return "stopping"
        if self._run is not None and self._run.leaving:
            return before
        self._history = renewed(self._history, counted=before == "retrying")
        self._enter("starting", self.state.reason)  # at once, so that wait_ready() waits for it
        self._wake.set()
        if self._run is not None and not self._run.ended.is_set():
            self._run.supersede()
            self._home.nursery.start_soon(self._name_if_slow, self._run.ended)
        return before

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
            run = self._run = Run(self._note_ready)
            error = await self._run_once(run)
            if self.stopping or run.superseded:
                self._note_late(error)
                if self.stopping:
                    return
            elif error is not None or self.spec.policy.restart == "permanent":
                error = error or EndedUnexpectedly("ended unexpectedly")
                await self._recover(error, run.ready_for())
            else:
                return

    async def _run_once(self, run: Run) -> Exception | None:
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
        if run.scope.cancelled_caught and error is None and not run.superseded:
            error = StartTimeout(f"not ready after {self.spec.policy.start_timeout:g} s")
        return error  # noqa: ASYNC910 - a body that returns at once is its own affair

    async def _time_start(self, run: Run) -> None:
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
            await self._back_off(error, failure, decision.delay)
        elif decision.escalate:
            self._home.tell(ChildEscalated(name=self.spec.name, reason=failure.reason))
            raise Escalated(f"{self.spec.name} failed too often: {failure.reason}") from error
        else:
            await self._park(error, failure)

    async def _back_off(self, error: Exception, failure: Failure, delay: float) -> None:
        self._enter("retrying", failure.reason, delay)
        self._tell_failed(error, delay, failure.ready_for)
        await self._pause(delay)
        self._enter("starting", failure.reason)

    async def _park(self, error: Exception, failure: Failure) -> None:
        wait = parked_wait(self.spec.policy)
        self._enter("parked", failure.reason, wait)
        self._home.tell(
            ChildParked(
                name=self.spec.name,
                reason=failure.reason,
                wait=wait,
                ready_for=failure.ready_for,
                traceback=_format(error),
            )
        )
        if not await self._pause(wait):
            self._history = after_parking(self._history)
        self._enter("starting", failure.reason)

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

    def _tell_failed(self, error: Exception, delay: float | None, ready_for: float = 0.0) -> None:
        self._home.tell(
            ChildFailed(
                name=self.spec.name,
                error=describe(error),
                delay=delay,
                restarts=self._history.total,
                ready_for=ready_for,
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


async def _happens(event: trio.Event, seconds: float) -> bool:
    # Shielded: the timers must outlive a cancelled owner, as the children do.
    with trio.move_on_after(seconds, shield=True):
        await event.wait()
    return event.is_set()


def _format(error: Exception) -> str:
    return full_traceback(error)
