"""Keeps a set of named children as it should be: starts, stops and restarts them by policy.

Does not know what a child does. Stops when the block of `open_supervisor` is left: the block unwinds
first (cancelled or not), then all children are stopped together, and the last one ends it.
"""

import logging
from collections.abc import AsyncGenerator, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from random import Random

import trio

from botkube.runtime import clock
from botkube.runtime.child import Child, Home
from botkube.runtime.childspec import (
    Body,
    ChildEscalated,
    ChildFailed,
    ChildParked,
    ChildSpec,
    ChildStarted,
    ChildState,
    Observer,
    SlowStop,
    SupervisorEvent,
    ignore,
)
from botkube.runtime.policy import StateName

__all__ = [
    "Body",
    "ChildEscalated",
    "ChildFailed",
    "ChildParked",
    "ChildSpec",
    "ChildStarted",
    "ChildState",
    "Observer",
    "SlowStop",
    "StateName",
    "Supervisor",
    "SupervisorEvent",
    "ignore",
    "open_supervisor",
]

log = logging.getLogger(__name__)


class Supervisor:
    """A set of children that is made to match what is wanted; `open_supervisor` makes one."""

    def __init__(
        self,
        name: str,
        nursery: trio.Nursery,
        *,
        observe: Observer,
        random: Random,
        wall: Callable[[], float],
    ) -> None:
        self.name = name
        self._observe = observe
        self._home = Home(
            nursery=nursery, tell=self._tell, changed=self._announce, random=random, wall=wall
        )
        self._children: dict[str, Child] = {}
        self._reconciling = trio.Lock()
        self._changed = trio.Event()
        self._closed = False

    async def reconcile(self, desired: Iterable[ChildSpec], *, retry_parked: bool = False) -> None:
        """Stop what is not as wanted, then start what is missing, and return when all have begun.

        Children equal to what is wanted are untouched, except that parked ones may be retried.
        Raises: ValueError for a name given twice; trio.ClosedResourceError after the block.
        Cancellation: stops that were asked for go on; the next call picks up from there.
        """
        wanted = _by_name(desired)
        async with self._reconciling:
            await self._stop_unwanted(wanted)
            if self._closed:
                raise trio.ClosedResourceError(f"supervisor {self.name} is closed")
            if retry_parked:
                self.retry_parked()
            new = [self._launch(wanted[name]) for name in wanted if name not in self._children]
            for child in new:
                await child.begun.wait()

    async def wait_ready(self) -> None:
        """Return when every child has called `started()`, or is parked, or has done its work."""
        await trio.lowlevel.checkpoint()
        while not all(child.is_settled() for child in self._children.values()):
            await self._changed.wait()

    async def outcome(self, name: str) -> ChildState | None:
        """Return how a child is as soon as it does not start any more: ready, or failed; None: there is no such child.

        Cancellation: it waits for as long as the child takes; the caller brings the deadline.
        """
        await trio.lowlevel.checkpoint()
        while (child := self._children.get(name)) and child.state.state == "starting":
            if child.done.is_set():
                break
            await self._changed.wait()
        return child.state if child else None

    def restart(self, name: str) -> StateName:
        """Run a child anew with all its restarts: now if it waits, else after an orderly stop.

        Gives the state it was in; one that stops or has done its work is left alone.
        Raises: KeyError when there is no child of that name.
        """
        return self._children[name].restart()

    def retry_parked(self) -> Sequence[str]:
        """Run all parked children now, with all their restarts; gives their names."""
        parked = [child for child in self._children.values() if child.state.state == "parked"]
        for child in parked:
            child.restart()
        return [child.spec.name for child in parked]

    def states(self) -> Mapping[str, ChildState]:
        """Return a snapshot of all children, except those that have done their work."""
        children = self._children.items()
        return {name: child.state for name, child in children if not child.done.is_set()}

    def close(self) -> None:
        """Ask all children to stop, and take no new ones; the end of the block waits for them."""
        self._closed = True
        for child in self._children.values():
            child.stop()

    async def _stop_unwanted(self, wanted: Mapping[str, ChildSpec]) -> None:  # noqa: ASYNC910 - nothing may leave
        leaving = [
            child
            for name, child in self._children.items()
            if child.stopping or wanted.get(name) != child.spec
        ]
        for child in leaving:
            child.stop()
        for child in leaving:
            await child.done.wait()
            del self._children[child.spec.name]

    def _launch(self, spec: ChildSpec) -> Child:
        child = Child(spec, self._home)
        self._children[spec.name] = child
        self._home.nursery.start_soon(child.run, name=spec.name)
        return child

    def _announce(self) -> None:
        self._changed.set()
        self._changed = trio.Event()

    def _tell(self, event: SupervisorEvent) -> None:
        try:
            self._observe(event)
        except Exception:
            log.exception("an observer of supervisor %s failed", self.name)


@asynccontextmanager
async def open_supervisor(
    name: str,
    *,
    observe: Observer = ignore,
    random: Random,
    wall: Callable[[], float] = clock.wall,
) -> AsyncGenerator[Supervisor]:
    """Give a supervisor without children, and stop all it has when the block is left.

    Raises: a group with what the block raised and `Escalated` of a child that gave up.
    Cancellation: reaches the block; the children run until it is left.
    """
    async with trio.open_nursery() as nursery:
        supervisor = Supervisor(name, nursery, observe=observe, random=random, wall=wall)
        try:
            yield supervisor
        finally:
            supervisor.close()


def _by_name(desired: Iterable[ChildSpec]) -> dict[str, ChildSpec]:
    wanted: dict[str, ChildSpec] = {}
    for spec in desired:
        if wanted.setdefault(spec.name, spec) is not spec:
            raise ValueError(f"two children are called {spec.name}")
    return wanted
