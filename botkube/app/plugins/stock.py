"""Which plugins are there to be run and which are to be installed; keeps the two sets of children so.

The one place that reconciles them: one round at a time, for those keys that somebody asks about. What runs stays as
it was found, whatever happens to its files, until it is asked about.
"""

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final

import msgspec
import trio

from botkube.app.plugins.placing import Placed, Places, reason_of
from botkube.model.errors import BotkubeError, FatalError
from botkube.model.plugin import PluginKey
from botkube.packages.cache.lockfile import Lock, name_of, read_lock
from botkube.packages.cache.objects import collect
from botkube.packages.cache.turn import idle
from botkube.plugins.catalog import Program
from botkube.runtime.childspec import ChildSpec
from botkube.runtime.doorbell import Doorbell
from botkube.runtime.supervisor import Supervisor

log = logging.getLogger(__name__)

SETTLED: Final = 60.0  # seconds for which a plugin that was mended is not mended again


class Hosts(msgspec.Struct, frozen=True, kw_only=True):
    """Who runs the plugins that are there, and who installs the others."""

    plugins: Supervisor
    packages: Supervisor
    plugin: Callable[[PluginKey, Placed], ChildSpec]
    package: Callable[[PluginKey], ChildSpec]


class _Request(msgspec.Struct, frozen=True):
    keys: frozenset[PluginKey]
    done: trio.Event


class Stock:
    """What is there of the plugins in use."""

    def __init__(
        self, places: Places, keys: Sequence[PluginKey], wall: Callable[[], float]
    ) -> None:
        self.places = places
        self._keys = tuple(keys)
        self._wall = wall
        self._there: dict[PluginKey, Placed] = {}
        self._missing: tuple[PluginKey, ...] = ()
        self._why: dict[PluginKey, str] = {}  # what is there and not started: why
        self._lost: set[PluginKey] = set()  # their last start found them damaged or gone
        self._mended: dict[PluginKey, float] = {}
        self._requests: list[_Request] = []
        self._bell = Doorbell()

    def locate(self, key: PluginKey) -> Program:
        """Find what to start, in a thread; that it is damaged or gone is kept in mind.

        Raises: as `Places.locate`.
        """
        try:
            return self.places.locate(key)
        except FatalError as error:
            trio.from_thread.run_sync(self._lose, key, reason_of(error))
            raise

    def parked(self, key: PluginKey) -> None:
        """Have a plugin installed anew that was given up because its files are damaged or gone."""
        since = trio.current_time() - self._mended.get(key, -SETTLED)
        if key in self._lost and since >= SETTLED:
            self._ask([key])

    def why(self, key: PluginKey) -> str:
        """Why a plugin is not started although something is there, else ""."""
        return self._why.get(key, "")

    def version(self, key: PluginKey) -> str:
        """Which version runs, or is tried to; "" if none was installed, or nobody did it but by hand."""
        placed = self._there.get(key)
        return placed.locked.version if placed and placed.locked else ""

    async def is_there(self, key: PluginKey) -> bool:
        """Tell whether a plugin that was missing is there now, by whatever hand."""
        if key in self._lost:  # names and sizes are not enough
            return await trio.to_thread.run_sync(self._is_whole, key)
        return key in await trio.to_thread.run_sync(self._look, [key])

    def arrived(self, keys: Iterable[PluginKey]) -> trio.Event:
        """Have these plugins looked at again, since their files are others now; the event: all is as it should be."""
        keys = list(keys)
        for key in keys:
            if key in self._lost:
                self._lost.discard(key)
                self._mended[key] = trio.current_time()
        return self._ask(keys).done

    async def settle(self, keys: Iterable[PluginKey]) -> None:
        """Have these plugins looked at again, and wait until those that run and those that do not are as they should be.

        Cancellation: it is done all the same.
        """
        await self.arrived(keys).wait()

    async def run(self, hosts: Hosts, *, task_status: trio.TaskStatus[None]) -> None:
        """Have everything run or be installed, then see to what is asked; `started()` when all have begun."""
        await self._round(hosts, self._keys)
        task_status.started()
        while True:
            await trio.to_thread.run_sync(self._tidy)
            await self._bell.wait()
            requests, self._requests = self._requests, []
            await self._round(hosts, {key for request in requests for key in request.keys})
            for request in requests:
                request.done.set()

    def _ask(self, keys: Iterable[PluginKey]) -> _Request:
        request = _Request(frozenset(keys), trio.Event())
        self._requests.append(request)
        self._bell.ring()
        return request

    def _lose(self, key: PluginKey, reason: str) -> None:
        self._lost.add(key)
        self._why[key] = reason

    async def _round(self, hosts: Hosts, keys: Iterable[PluginKey]) -> None:
        asked = set(keys)
        found = await trio.to_thread.run_sync(self._look, [k for k in self._keys if k in asked])
        kept = {key: placed for key, placed in self._there.items() if key not in asked}
        new = {key: placed for key, placed in found.items() if key not in self._lost}
        self._there = kept | new
        before, (present, missing) = self._missing, divide(self._keys, self._there)
        self._missing = missing
        # Whichever way a plugin goes, it is a child all the time: /readyz must not miss it.
        both = dict.fromkeys((*before, *missing))
        await hosts.packages.reconcile(map(hosts.package, both))
        await hosts.plugins.reconcile(hosts.plugin(key, self._there[key]) for key in present)
        await hosts.packages.reconcile(map(hosts.package, missing))

    def _look(self, keys: Iterable[PluginKey]) -> dict[PluginKey, Placed]:
        found: dict[PluginKey, Placed] = {}
        for key in keys:
            try:
                found[key] = self.places.look(key)
                self._why.pop(key, None)
            except FatalError as error:
                self._why[key] = reason_of(error)
            except OSError as error:
                self._why[key] = f"{error.filename} cannot be read: {error.strerror}"
        return found

    def _is_whole(self, key: PluginKey) -> bool:
        try:
            self.places.locate(key)
        except (BotkubeError, OSError):
            return False
        return True

    def _tidy(self) -> None:
        try:
            shelf = self.places.shelf()
            if not (shelf.root / "objects").is_dir():
                return
            with idle(shelf.root) as alone:
                lock = with_running(read_lock(shelf.lock_file), self._there)
                removed = collect(shelf.root, lock, self._wall()) if alone else []
        except (OSError, BotkubeError) as error:
            if str(error) not in self._why.values():  # then its plugins say it
                log.warning("the plugin cache cannot be tidied up: %s", error)
        else:
            if removed:
                log.info("removed from the plugin cache: %s", ", ".join(removed))


def divide(
    keys: Iterable[PluginKey], there: Mapping[PluginKey, Placed]
) -> tuple[tuple[PluginKey, ...], tuple[PluginKey, ...]]:
    """Return which plugins are to run, and which are to be installed."""
    keys = tuple(keys)
    return tuple(k for k in keys if k in there), tuple(k for k in keys if k not in there)


def with_running(lock: Lock, there: Mapping[PluginKey, Placed]) -> Lock:
    """Return a lock that keeps what runs, too, even if another version has been installed since."""
    running = {
        f"{name_of(key)}@running": placed.locked
        for key, placed in there.items()
        if placed.locked is not None and placed.locked != lock.get(key)
    }
    return msgspec.structs.replace(lock, plugins={**lock.plugins, **running})
