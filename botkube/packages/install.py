"""Installs plugins: look what is there, plan, download, verify, lock, link; in that order, so that a crash anywhere
leaves what was installed before, and the next run goes on with what had come already.
"""

import logging
import math
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Final

import msgspec
import trio
from msgspec.structs import replace

from botkube.model.plugin import PluginKey
from botkube.packages.cache.lockfile import LockedFile, LockedFiles, read_lock
from botkube.packages.cache.shelf import Installed, Shelf, check_names
from botkube.packages.cache.turn import Turn
from botkube.packages.download.source import Offer, Repository, fetch_index
from botkube.packages.download.web import Patience
from botkube.packages.errors import PackageFailed, PackageRefused, joined
from botkube.packages.fetcher import Bounds, Copies, Fetcher
from botkube.packages.index.choose import choose
from botkube.packages.index.locator import public_url
from botkube.packages.ledger import forget_plugin, go_back, record
from botkube.packages.progress import Progress, Sum, Tell, ignore
from botkube.packages.recipe import (
    Recipe,
    check_covered,
    check_unchanged,
    from_index,
    from_lock,
    with_known,
)
from botkube.runtime.noting import noting

log = logging.getLogger(__name__)

_FRESH: Final = 10.0  # seconds for which several plugins share one look at an index


class InstallSettings(msgspec.Struct, frozen=True, kw_only=True):
    """What to install from and to."""

    shelf: Shelf
    repositories: Mapping[str, Repository]
    bounds: Bounds = Bounds()
    copies: Copies = Copies()

    def repository(self, name: str) -> Repository:
        """Return the repository of that name.

        Raises: PackageRefused if there is none, or nobody said where it is.
        """
        found = self.repositories.get(name)
        if found is None or not found.access.homes:
            raise PackageRefused(
                f"there is no repository {name}: set plugins.repositories.{name}.url to its index"
            )
        return found


class Installer:
    """Installs into one cache, any number of plugins at a time; made by `open_installer`."""

    def __init__(self, settings: InstallSettings, fetcher: Fetcher) -> None:
        self._settings = settings
        self._shelf = settings.shelf
        self._fetcher = fetcher
        self._turn = Turn(settings.shelf.root)
        self._writing = trio.Lock()
        self._asking: dict[str, trio.Lock] = {}
        self._offers: dict[str, tuple[float, Offer | PackageFailed | PackageRefused]] = {}
        self._plugins: dict[tuple[str, str, str], trio.Lock] = {}

    async def install(self, key: PluginKey, tell: Tell, *, update: bool = False) -> Installed:
        """Install what is locked for a key, else choose a version; `update` chooses anew in any case.

        A plugin that is there is read and proven, its damaged files are fetched again and its links put back; `tell` hears
        of the stage "checking" if anything was.

        Raises: PackageFailed if it did not work now; PackageRefused if something has to be changed first.
        Cancellation: what was installed before stays; what was downloaded is gone on with next time.
        """
        check_names(key)
        if not update and (found := await self._present(key, tell)):
            return found
        async with self._alone(key, tell):
            if not update and (found := await self._present(key, tell)):
                return found  # by the installer that was waited for
            return await self._carry_out(key, await self.plan(key, tell, update=update), tell)

    async def install_planned(
        self, key: PluginKey, plan: Callable[[], Awaitable[Recipe]], tell: Tell
    ) -> Installed:
        """Install what `plan` says; it is asked when nobody else installs.

        Raises: as `install`, and what `plan` raises.
        Cancellation: as `install`.
        """
        check_names(key)
        async with self._alone(key, tell):
            return await self._carry_out(key, await plan(), tell)

    async def plan(self, key: PluginKey, tell: Tell, *, update: bool = False) -> Recipe:
        """Return what an install would get; nothing is changed.

        Raises: as `install`.
        """
        shelf = self._shelf
        lock = await trio.to_thread.run_sync(read_lock, shelf.lock_file)
        locked = lock.get(key)
        proven = await trio.to_thread.run_sync(shelf.locked, key)
        repository = self._settings.repositories.get(key.repo)
        homes = repository.access.homes if repository else ()
        if proven is not None and not update and not any(f.hidden for f in proven[1].all.values()):
            return from_lock(proven[0], proven[1], shelf.platform, homes)
        tell(Progress(stage="index"))
        offer = await self.offer(key.repo, tell, fresh=update)
        wanted = replace(key, version=locked.version) if locked and not update else key
        release = choose(offer.index, wanted, shelf.platform)
        recipe = from_index(release, offer.index, signed_by=offer.signed_by, homes=homes)
        if repository is not None and repository.policy == "require":
            check_covered(recipe)
        versions = list(lock.versions(key))
        for each in versions:
            check_unchanged(recipe, each)
        return with_known(recipe, versions)

    async def offer(self, name: str, tell: Tell = ignore, *, fresh: bool = False) -> Offer:
        """Return the index of a repository, at most a few seconds old; `fresh`: asked for after this call.

        `tell` is told what is waited for and how long that may be, if it takes long.

        Raises: as `install`.
        """
        repository, patience = self._settings.repository(name), self._settings.bounds.patience
        slow = Progress(stage="waiting", detail=_slow(repository, patience))
        async with noting(patience.note, lambda: tell(slow)):
            return await self._offer(repository, fresh=fresh)

    async def _offer(self, repository: Repository, *, fresh: bool) -> Offer:
        began, name = trio.current_time(), repository.name
        async with self._asking.setdefault(name, trio.Lock()):
            at, known = self._offers.get(name, (-math.inf, None))
            if isinstance(known, Offer) and at >= began - (0.0 if fresh else _FRESH):
                return known
            if isinstance(known, Exception) and at >= began:  # it failed for all who waited for it
                raise type(known)(str(known))
            return await self._asked(repository)

    async def roll_back(self, key: PluginKey) -> Installed:
        """Go back to the version before; a second time: forth again.

        Raises: PackageRefused if there is none, or its files are gone.
        """
        async with self._alone(key), self._writing:
            return await trio.to_thread.run_sync(go_back, self._shelf, key)

    async def remove(self, key: PluginKey) -> bool:
        """Remove a plugin from lock and cache; False if it was not locked. Its files go with the next `collect`."""
        check_names(key)
        async with self._alone(key), self._writing:
            return await trio.to_thread.run_sync(forget_plugin, self._shelf, key)

    @asynccontextmanager
    async def _alone(self, key: PluginKey, tell: Tell = ignore) -> AsyncGenerator[None]:
        """No other process installs, and nothing else is done to this plugin, under whatever key."""
        lock = self._plugins.setdefault((key.kind, key.repo, key.name), trio.Lock())
        if lock.locked():
            tell(Progress(stage="waiting", detail="something else is done to this plugin"))
        async with (
            lock,
            self._turn.taken(lambda who: tell(Progress(stage="waiting", detail=who))),
        ):
            yield

    async def _carry_out(self, key: PluginKey, recipe: Recipe, tell: Tell) -> Installed:
        files = await self._gather(key, recipe, tell)
        async with self._writing:
            return await trio.to_thread.run_sync(record, self._shelf, key, recipe, files)

    async def _present(self, key: PluginKey, tell: Tell) -> Installed | None:
        """What is there and proven; `tell` hears if its links had to be put back.

        Raises: PackageRefused if the lock file cannot be read, for no fetching mends that.
        """
        strays = await trio.to_thread.run_sync(self._shelf.strays, key)
        try:
            found = await trio.to_thread.run_sync(self._shelf.locate, key)
        except PackageRefused as error:
            log.warning("%s is fetched again: %s", key, error)
            return None
        if found and strays:
            tell(Progress(stage="checking"))
        return found

    async def _asked(self, repository: Repository) -> Offer:
        name = repository.name
        try:
            offer = await fetch_index(await self._fetcher.web(name), repository, self._shelf.root)
        except (PackageFailed, PackageRefused) as error:
            self._offers[name] = (trio.current_time(), type(error)(str(error)))
            raise
        self._offers[name] = (trio.current_time(), offer)
        return offer

    async def _gather(self, key: PluginKey, recipe: Recipe, tell: Tell) -> LockedFiles:
        sums = Sum(tell)
        found: dict[str, LockedFile] = {}
        troubles: list[PackageFailed | PackageRefused] = []
        async with trio.open_nursery() as nursery:

            async def fetch(name: str) -> None:
                try:
                    job = recipe.jobs[name]
                    found[name] = await self._fetcher.fetch(key.repo, job, name, sums.of(name))
                except (PackageFailed, PackageRefused) as error:
                    troubles.append(error)  # the others go on: what came stays

            for name in recipe.jobs:
                nursery.start_soon(fetch, name)
        if troubles:
            raise joined(troubles)
        tell(Progress(stage="checking"))
        return LockedFiles(plugin=found.pop(""), dependencies=dict(sorted(found.items())))


def _slow(repository: Repository, patience: Patience) -> str:
    """What is waited for when an index does not come."""
    first, *mirrors = repository.access.homes
    places = f", then {len(mirrors)} mirrors" if mirrors else ""
    return (
        f"the index {public_url(first)} does not come; "
        f"up to {patience.answer:g} s for an answer{places}, {patience.attempts} times"
    )


@asynccontextmanager
async def open_installer(settings: InstallSettings) -> AsyncGenerator[Installer]:
    """Give an installer; its connections are opened when they are needed."""
    async with AsyncExitStack() as stack:
        fetcher = Fetcher(
            settings.shelf.root, settings.repositories, settings.bounds, settings.copies, stack
        )
        yield Installer(settings, fetcher)
