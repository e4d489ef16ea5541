"""Makes bundles: installs the plugins into a cache of its own and keeps what was downloaded, for any platform.

What is locked is taken in its locked version, the rest is chosen as an install would. The bundle is there whole or not
at all; before it is, it is read as its receiver will read it.
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

import msgspec
import trio
from msgspec.structs import replace

from botkube.model.plugin import PluginKey
from botkube.packages.bundle.content import bundled_recipe
from botkube.packages.bundle.folder import FILES, read_bundle, write_lists
from botkube.packages.bundle.tar import SUFFIX, building, write_tar
from botkube.packages.cache.lockfile import Lock, Locked, read_lock, succeed, write_lock
from botkube.packages.cache.shelf import Shelf, check_names
from botkube.packages.download.source import Repository, prove
from botkube.packages.errors import PackageFailed, PackageRefused, joined
from botkube.packages.fetcher import Copies
from botkube.packages.index.cache import Kept, keep_index, load_index
from botkube.packages.index.locator import public_url
from botkube.packages.install import Installer, InstallSettings, open_installer
from botkube.packages.progress import Progress

_LOCK: Final = "plugins.lock"

TellOf = Callable[[PluginKey, str, Progress], None]
"""Takes how far a plugin is for a platform."""


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """What is wanted: a folder, or a file if `target` ends in .tar."""

    keys: tuple[PluginKey, ...]
    platforms: tuple[str, ...]
    target: Path


class Vendored(msgspec.Struct, frozen=True, kw_only=True):
    """What a bundle has: the version of each plugin, and its size."""

    versions: Mapping[PluginKey, str]
    files: int
    size: int


async def vendor(settings: InstallSettings, order: Order, tell: TellOf) -> Vendored:
    """Make a bundle.

    Raises: PackageFailed or PackageRefused if any plugin cannot be had; then there is none.
    Cancellation: nothing is left.
    """
    for key in order.keys:
        check_names(key)
        settings.repository(key.repo)
    with building(order.target) as scratch:
        making = _Making(settings, order, scratch)
        await trio.to_thread.run_sync(making.prepare)
        for platform in order.platforms:
            await making.download(platform, tell)
        return await trio.to_thread.run_sync(making.finish)


class _Making:
    """A bundle that is made in `scratch`; its methods are blocking, for a thread, but for `download`."""

    def __init__(self, settings: InstallSettings, order: Order, scratch: Path) -> None:
        self._order = order
        self._scratch = scratch
        self._home = settings.shelf
        self._root = scratch / "cache"
        self._files = scratch / "bundle" / FILES
        self._settings = replace(
            settings,
            shelf=replace(settings.shelf, root=self._root, lock_file=scratch / _LOCK),
            repositories={
                name: replace(repository, passed_on=True)
                for name, repository in settings.repositories.items()
            },
            copies=Copies(keep=self._files),
        )

    def prepare(self) -> None:
        """Begin with what is known here: the versions that are locked, and the indexes for when no server answers."""
        self._root.mkdir()
        self._files.mkdir(parents=True)
        known = read_lock(self._home.lock_file)
        lock = Lock()
        for key in self._order.keys:
            if locked := known.get(key):
                lock = lock.put(key, replace(locked, platforms={}, previous=None))
        write_lock(self._shelf.lock_file, lock)
        for name in self._repositories:
            if kept := load_index(self._home.root, name):
                keep_index(self._root, name, kept.content, kept.note)

    async def download(self, platform: str, tell: TellOf) -> None:
        """Get every plugin for a platform.

        Raises: PackageFailed; PackageRefused.
        """
        settings = replace(self._settings, shelf=replace(self._shelf, platform=platform))
        troubles: list[PackageFailed | PackageRefused] = []
        async with open_installer(settings) as installer, trio.open_nursery() as nursery:
            for key in self._order.keys:
                nursery.start_soon(_get, installer, key, platform, tell, troubles)
        if troubles:
            raise joined(troubles)

    def finish(self) -> Vendored:
        """Write the lists, look at the whole as a receiver will, and put it where `building` wants it."""
        lock, known = read_lock(self._shelf.lock_file), read_lock(self._home.lock_file)
        for key in self._order.keys:
            succeed(known.get(key), self._entry(lock, key))  # a locked version has to be the same
        folder = self._files.parent
        indexes = {name: self._kept(name) for name in self._repositories}
        write_lists(folder, lock, indexes, _urls(lock))
        self._check(folder, indexes)
        done = self._scratch / "done"
        if self._order.target.suffix == SUFFIX:
            write_tar(folder, done)
        else:
            folder.rename(done)
        files = [
            path.stat().st_size
            for path in (done / FILES if done.is_dir() else self._files).iterdir()
        ]
        versions = {key: self._entry(lock, key).version for key in self._order.keys}
        return Vendored(versions=versions, files=len(files), size=sum(files))

    def _check(self, folder: Path, indexes: Mapping[str, Kept]) -> None:
        bundle = read_bundle(folder)
        for name, kept in indexes.items():
            offer, _ = prove(self._repository(name), kept)
            for key in self._order.keys:
                for platform in self._order.platforms if key.repo == name else ():
                    bundled_recipe(bundle, offer, key, platform, signed=False)

    @property
    def _shelf(self) -> Shelf:
        return self._settings.shelf

    @property
    def _repositories(self) -> Sequence[str]:
        return sorted({key.repo for key in self._order.keys})

    def _repository(self, name: str) -> Repository:
        return self._settings.repository(name)

    def _kept(self, name: str) -> Kept:
        kept = load_index(self._root, name)
        if kept is None:
            raise PackageFailed(f"the index of {name} went away while the bundle was made")
        return kept

    def _entry(self, lock: Lock, key: PluginKey) -> Locked:
        found = lock.get(key)
        if found is None:
            raise PackageFailed(f"{key} went away while the bundle was made")
        return found


async def _get(
    installer: Installer,
    key: PluginKey,
    platform: str,
    tell: TellOf,
    troubles: list[PackageFailed | PackageRefused],
) -> None:
    try:
        await installer.install(key, lambda progress: tell(key, platform, progress))
    except (PackageFailed, PackageRefused) as error:
        troubles.append(error)  # the others go on, so that all troubles are told


def _urls(lock: Lock) -> dict[str, str]:
    found: dict[str, str] = {}
    for locked in lock.plugins.values():
        for files in locked.platforms.values():
            for file in files.all.values():
                if found.setdefault(file.url, file.download) != file.download:
                    raise PackageRefused(
                        f"{public_url(file.url)} changed while the bundle was made: try again"
                    )
    return found
