"""Where the executable of a plugin is: built in, installed and proven, or put into the cache by hand.

Everything here is blocking, for a thread; nothing is changed but links that are missing.
"""

import sys
from collections.abc import Mapping
from pathlib import Path

import msgspec

from botkube.app.plugins.packages import cache_dir, plugin_shelf
from botkube.config import Config
from botkube.model.errors import FatalError
from botkube.model.plugin import PluginKey
from botkube.packages.cache.lockfile import Locked, LockedFiles, read_lock
from botkube.packages.cache.objects import is_object
from botkube.packages.cache.shelf import Shelf
from botkube.packages.index.keys import keys_of
from botkube.plugins.catalog import BUILTIN, Catalog, Program, own_command
from botkube.plugins.errors import PluginMissing, PluginUnusable


class Placed(msgspec.Struct, frozen=True, kw_only=True):
    """An executable that is there. `identity` names its content: another one, another process."""

    identity: str = ""
    locked: Locked | None = None  # what it was installed as


class Places(msgspec.Struct, frozen=True, kw_only=True):
    """Knows the places; asked anew each time, so what appears later is found."""

    config: Config
    environ: Mapping[str, str]
    state_dir: Path

    def shelf(self) -> Shelf:
        """Return what knows the installed plugins.

        Raises: PluginUnusable if the cache is not to be trusted.
        """
        return plugin_shelf(self.config, self.environ, self.state_dir)

    def locked(self) -> list[PluginKey]:
        """Return the keys in the lock file.

        Raises: as `shelf`; PackageRefused if the lock file cannot be read.
        """
        return list(keys_of(read_lock(self.shelf().lock_file).plugins))

    def locate(self, key: PluginKey) -> Program:
        """Find what to start; what is installed is read and proven.

        Raises: PackageRefused if it is not what was locked; PluginMissing if there is none; PluginUnusable if it
            must not be started; PackageFailed if a link to it cannot be made.
        """
        if key.repo == BUILTIN:
            return self._catalog.locate(key)
        shelf = self.shelf()
        installed = shelf.locate(key)
        if installed is None:
            return self._by_hand(shelf, key)
        return Program(argv=(str(installed.path),), dependency_dir=str(installed.dependencies))

    def look(self, key: PluginKey) -> Placed:
        """Find what would be started, by names and sizes only.

        Raises: FatalError if there is nothing that may be started; the text says why.
        """
        if key.repo == BUILTIN:
            return Placed()
        shelf = self.shelf()
        found = shelf.locked(key)
        if found is not None and shelf.holds(found[1]):
            return Placed(identity=_identity(found[1]), locked=found[0])
        self._by_hand(shelf, key)
        return Placed(identity=self._catalog.identity(key))

    @property
    def _catalog(self) -> Catalog:
        given = self.config.plugins.cache_dir
        return Catalog(
            cache_dir=cache_dir(given, self.environ, self.state_dir),
            own_command=own_command(frozen=getattr(sys, "frozen", False)),
        )

    def _by_hand(self, shelf: Shelf, key: PluginKey) -> Program:
        """What somebody put there: nothing that an installer did, for that is to be proven."""
        locked = read_lock(shelf.lock_file).get(key)
        if locked is not None and not shelf.may_be_used(key, locked):
            raise PluginUnusable(
                f"version {locked.version} of {key.kind} {key} did not come from an index signed by "
                f"plugins.repositories.{key.repo}.signature.publicKey, and signature.policy is require: "
                "install a newer one, or set the policy to warn"
            )
        if locked is not None:
            raise PluginMissing(
                f"files of {key.kind} {key} are gone: install it with `botkube plugins install`"
            )
        program = self._catalog.locate(key)
        path = program.argv[0]
        if _is_ours(shelf.root, Path(path)):
            raise PluginMissing(
                f"{path} was installed, but {shelf.lock_file} does not lock it as {key.kind} {key}: install it "
                "with `botkube plugins install`, or name the state directory that it was installed for"
            )
        if not shelf.may_be_unlocked(key):
            raise PluginUnusable(
                f"{path} was put there by hand and is not started: "
                f"plugins.repositories.{key.repo}.signature.policy is require; remove the file, "
                "or set the policy to warn"
            )
        return program


def _identity(files: LockedFiles) -> str:
    return " ".join(f"{name}={file.sha256}" for name, file in files.all.items())


def _is_ours(root: Path, path: Path) -> bool:
    try:
        return is_object(root, path)
    except OSError as error:
        raise PluginMissing(f"{path} cannot be read: {error.strerror}") from error


def reason_of(error: FatalError) -> str:
    """Return why something that is there is not started, "" if nothing is there at all."""
    return "" if isinstance(error, PluginMissing) else str(error)
