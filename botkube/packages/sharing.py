"""Installs that several wait for: each runs once, for as long as anybody does."""

import logging
from collections.abc import Awaitable, Callable

import trio

from botkube.model.errors import FatalError
from botkube.model.plugin import PluginKey
from botkube.packages.cache.shelf import Installed
from botkube.packages.errors import PackageFailed, PackageRefused
from botkube.packages.progress import Progress, Tell
from botkube.runtime.policy import describe

log = logging.getLogger(__name__)

Install = Callable[[PluginKey, Tell, bool], Awaitable[Installed]]


class Shared:
    """Runs installs in a nursery, one for each key (and one for its update) at a time."""

    def __init__(self, nursery: trio.Nursery, install: Install) -> None:
        self._nursery = nursery
        self._install = install
        self._flights: dict[tuple[PluginKey, bool], _Flight] = {}

    async def install(self, key: PluginKey, tell: Tell, *, update: bool = False) -> Installed:
        """Install a plugin, or wait for the install that runs; `tell` may miss moments, never the newest.

        Raises: PackageFailed; PackageRefused.
        Cancellation: the install is given up if nobody else waits for it.
        """
        flight = self._flights.get((key, update))
        if flight is None:
            flight = self._flights[key, update] = _Flight()
            self._nursery.start_soon(self._run, flight, key, update)
        flight.waiting += 1
        try:
            return await flight.wait(tell)
        finally:
            flight.waiting -= 1
            if not flight.waiting:
                self._land(flight, key, update)
                flight.scope.cancel(reason="nobody waits for this install any more")

    async def _run(self, flight: "_Flight", key: PluginKey, update: bool) -> None:  # noqa: FBT001 - passed by position
        outcome: Installed | Exception = PackageFailed("the install was stopped")
        try:
            with flight.scope:
                outcome = await self._install(key, flight.tell, update)
        except FatalError as error:
            outcome = error
        except Exception as error:
            outcome = error
            if not isinstance(error, PackageFailed):
                log.exception("installing %s %s broke", key.kind, key)
        finally:
            self._land(flight, key, update)
            flight.end(outcome)

    def _land(self, flight: "_Flight", key: PluginKey, update: bool) -> None:  # noqa: FBT001 - as above
        if self._flights.get((key, update)) is flight:
            del self._flights[key, update]


class _Flight:
    """One install while it runs."""

    def __init__(self) -> None:
        self.scope = trio.CancelScope()
        self.waiting = 0
        self._progress: Progress | None = None
        self._outcome: Installed | Exception | None = None
        self._changed = trio.Event()

    def tell(self, progress: Progress) -> None:
        """Show a moment, if it reads otherwise than the one before."""
        if self._progress is None or progress.text != self._progress.text:
            self._progress = progress
            self._wake()

    def end(self, outcome: Installed | Exception) -> None:
        """Let everybody go who waits."""
        self._outcome = outcome
        self._wake()

    async def wait(self, tell: Tell) -> Installed:
        """Return what was installed, or raise why not, as an error of the waiter's own."""
        told = None
        while True:
            if self._progress is not None and self._progress is not told:
                told = self._progress
                tell(told)
            match self._outcome:
                case Installed():
                    return self._outcome
                case Exception() as error:
                    refused = isinstance(error, FatalError)
                    kind = PackageRefused if refused else PackageFailed
                    raise kind(describe(error)) from error
                case None:
                    await self._changed.wait()

    def _wake(self) -> None:
        self._changed.set()
        self._changed = trio.Event()
