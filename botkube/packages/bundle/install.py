"""Installs plugins out of a bundle: no network, and nothing believed that its index does not say.

The bundle's lock says which version stands for a plugin; what must come of it is in the index, which is proven by its
signature as the configuration wants, as if a server had sent it.
"""

import shutil
import tempfile
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import trio
from msgspec.structs import replace

from botkube.model.plugin import PluginKey
from botkube.packages.bundle.content import bundled_recipe
from botkube.packages.bundle.folder import Bundle, read_bundle
from botkube.packages.bundle.tar import extract
from botkube.packages.cache.lockfile import read_lock
from botkube.packages.cache.objects import downloads
from botkube.packages.cache.shelf import Installed
from botkube.packages.download.source import Offer, prove
from botkube.packages.errors import PackageFailed, PackageRefused
from botkube.packages.fetcher import Copies
from botkube.packages.index.cache import Kept, keep_index, load_index
from botkube.packages.install import InstallSettings, open_installer
from botkube.packages.progress import Progress
from botkube.packages.recipe import Recipe, check_unchanged

_CLEANING = 60.0  # seconds; then removing what was taken apart goes on by itself


@asynccontextmanager
async def opened_bundle(source: Path, root: Path) -> AsyncGenerator[Bundle]:
    """Open a bundle, a folder or a tar file; that one is taken apart in the cache, and is there while the block runs.

    Raises: PackageRefused if it is no bundle; PackageFailed if there is no room for it.
    Cancellation: nothing of it stays in the cache.
    """
    if await trio.to_thread.run_sync(source.is_dir):
        yield await trio.to_thread.run_sync(read_bundle, source)
        return
    if not await trio.to_thread.run_sync(source.is_file):
        raise PackageRefused(f"there is no bundle {source}: name a folder or a .tar file")
    folder = await trio.to_thread.run_sync(_scratch, root)
    try:
        check = trio.from_thread.check_cancelled
        await trio.to_thread.run_sync(extract, source, folder, check)
        yield await trio.to_thread.run_sync(read_bundle, folder)
    finally:
        with trio.CancelScope(shield=True, deadline=trio.current_time() + _CLEANING):
            clean = partial(shutil.rmtree, folder, ignore_errors=True)
            await trio.to_thread.run_sync(clean, abandon_on_cancel=True)


async def install_bundle(
    settings: InstallSettings,
    bundle: Bundle,
    keys: Sequence[PluginKey],
    tell: Callable[[PluginKey, Progress], None],
) -> Mapping[PluginKey, Installed | PackageFailed | PackageRefused]:
    """Install the bundle's version of each plugin; what is wrong with one does not keep the others.

    Cancellation: what is installed stays.
    """
    settings = replace(settings, copies=Copies(files=bundle.files))
    planner = _Planner(settings, bundle)
    found: dict[PluginKey, Installed | PackageFailed | PackageRefused] = {}
    async with open_installer(settings) as installer:
        for key in keys:
            told = partial(tell, key)

            async def plan(key: PluginKey = key) -> Recipe:
                return await trio.to_thread.run_sync(planner.plan, key)

            try:
                found[key] = await installer.install_planned(key, plan, told)
                await trio.to_thread.run_sync(planner.keep, key.repo)
            except (PackageFailed, PackageRefused) as error:
                found[key] = error
    return found


def _scratch(root: Path) -> Path:
    try:
        return Path(tempfile.mkdtemp(prefix="bundle-", dir=downloads(root)))
    except OSError as error:
        raise PackageFailed(f"cannot write in {root}: {error.strerror}") from error


class _Planner:
    """Plans from one bundle, each index proven once. Blocking, for a thread."""

    def __init__(self, settings: InstallSettings, bundle: Bundle) -> None:
        self._settings = settings
        self._bundle = bundle
        self._proven: dict[str, tuple[Offer, Kept]] = {}

    def plan(self, key: PluginKey) -> Recipe:
        """Return what an install would put in place.

        Raises: PackageRefused.
        """
        shelf = self._settings.shelf
        repository = self._settings.repository(key.repo)
        if key.repo not in self._proven:
            self._proven[key.repo] = self._prove(key.repo)
        offer, signed = self._proven[key.repo][0], repository.policy == "require"
        recipe = bundled_recipe(self._bundle, offer, key, shelf.platform, signed=signed)
        check_unchanged(recipe, read_lock(shelf.lock_file).get(key))
        return recipe

    def keep(self, name: str) -> None:
        """Keep the bundle's index of a repository for searches, unless a newer one, or an undated one, is kept.

        Raises: PackageFailed.
        """
        root, (_, fresh) = self._settings.shelf.root, self._proven[name]
        kept = load_index(root, name)
        if kept is None or kept.note.signed_at < fresh.note.signed_at:
            keep_index(root, name, fresh.content, fresh.note)

    def _prove(self, name: str) -> tuple[Offer, Kept]:
        found = self._bundle.index(name)
        kept = load_index(self._settings.shelf.root, name)
        newest = kept.note.signed_at if kept else 0  # an older one may be replayed
        found = replace(found, note=replace(found.note, signed_at=newest))
        offer, signed_at = prove(self._settings.repository(name), found)
        return offer, replace(found, note=replace(found.note, signed_at=signed_at))
