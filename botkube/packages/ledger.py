"""Changes of what is installed: the lock file first, then the links, so that a crash between them mends itself.

Blocking, for a thread; only for whoever has the turn.
"""

from msgspec.structs import replace

from botkube.model.plugin import PluginKey
from botkube.packages.cache.lockfile import (
    Locked,
    LockedFiles,
    check_same,
    read_lock,
    succeed,
    write_lock,
)
from botkube.packages.cache.objects import object_path, prune
from botkube.packages.cache.shelf import Installed, Shelf
from botkube.packages.cache.trust import check_file
from botkube.packages.cache.users import locks_of, sign_up
from botkube.packages.errors import PackageFailed, PackageRefused
from botkube.packages.index.locator import kept_url
from botkube.packages.recipe import Recipe


def record(shelf: Shelf, key: PluginKey, recipe: Recipe, files: LockedFiles) -> Installed:
    """Make files that are in the cache the installed ones.

    Raises: PackageRefused if a file of a version that is locked has changed; PackageFailed if nothing can be written.
    """
    sign_up(shelf.root, shelf.lock_file)
    lock = read_lock(shelf.lock_file)
    new = Locked(
        version=recipe.version,
        index=kept_url(recipe.index),
        signed_by=recipe.signed_by,
        platforms={recipe.platform: files},
    )
    for other in lock.versions(key):
        before = other.platforms.get(recipe.platform)
        if before is not None and other.version == new.version:
            check_same(f"version {new.version}", before, files)
    entry = succeed(lock.get(key), new)
    if entry != lock.get(key):
        write_lock(shelf.lock_file, lock.put(key, entry))
    return _activated(shelf, key)


def go_back(shelf: Shelf, key: PluginKey) -> Installed:
    """Make the version before the installed one, and this the one before.

    Raises: PackageRefused if there is none or its files are gone; PackageFailed if nothing can be written.
    """
    lock = read_lock(shelf.lock_file)
    locked = lock.get(key)
    before = locked.previous if locked else None
    files = before.platforms.get(shelf.platform) if before else None
    if locked is None or before is None or files is None:
        raise PackageRefused(f"there is no version of {key} before the installed one")
    if not shelf.may_be_used(key, before):
        raise PackageRefused(
            f"version {before.version} of {key} did not come from an index signed by "
            f"plugins.repositories.{key.repo}.signature.publicKey, which its policy requires"
        )
    for file in files.all.values():
        check_file(object_path(shelf.root, file.sha256), file)
    entry = replace(before, previous=replace(locked, previous=None))
    write_lock(shelf.lock_file, lock.put(key, entry))
    return _activated(shelf, key)


def forget_plugin(shelf: Shelf, key: PluginKey) -> bool:
    """Remove a plugin from the lock file, and its links unless another key needs them; False if it was not there.

    Raises: PackageFailed if something cannot be written; PackageRefused if a lock file cannot be read.
    """
    lock = read_lock(shelf.lock_file)
    locked = lock.get(key)
    if locked is None:
        return False
    left = lock.put(key, None)
    write_lock(shelf.lock_file, left)
    try:
        prune(shelf.root, [left, *locks_of(shelf.root)], key)
    except OSError as error:
        raise PackageFailed(
            f"{key} is no longer in {shelf.lock_file}, but {error.filename} cannot be removed: {error.strerror}"
        ) from error
    return True


def _activated(shelf: Shelf, key: PluginKey) -> Installed:
    installed = shelf.locate(key)
    if installed is None:
        raise PackageFailed(
            f"{key} is no longer in {shelf.lock_file}, somebody changed it: try again"
        )
    return installed
