"""What is installed, as the lock file says and the digests prove. Light: it knows no network. Blocking, for a thread."""

from collections.abc import Mapping
from pathlib import Path

import msgspec

from botkube.model.plugin import PluginKey
from botkube.packages.cache.lockfile import Locked, LockedFile, LockedFiles, read_lock
from botkube.packages.cache.objects import activate, astray, is_active, object_path, plugin_path
from botkube.packages.cache.trust import check_file
from botkube.packages.cache.users import sign_up
from botkube.packages.errors import PackageRefused


class Installed(msgspec.Struct, frozen=True, kw_only=True):
    """A plugin that can be started."""

    key: PluginKey
    version: str
    path: Path
    dependencies: Path
    sha256: str


class Shelf(msgspec.Struct, frozen=True, kw_only=True):
    """The installed plugins of one cache. `required` has the public keys of repositories that must be signed."""

    root: Path
    lock_file: Path
    platform: str
    required: Mapping[str, str] = {}

    def locked(self, key: PluginKey) -> tuple[Locked, LockedFiles] | None:
        """Return what is locked for a key on this platform, None if there is nothing that may be used.

        Raises: PackageRefused if the lock file cannot be read.
        """
        locked = read_lock(self.lock_file).get(key)
        files = locked.platforms.get(self.platform) if locked else None
        if locked is None or files is None or not self.may_be_used(key, locked):
            return None
        return locked, files

    def find(self, key: PluginKey) -> Installed | None:
        """Return the plugin if all its files are there, by name and size only; it is not proven yet.

        Raises: as `locked`.
        """
        return self._whole(key, self.locked(key))

    def holds(self, files: LockedFiles) -> bool:
        """Tell whether all files are there, by name and size only."""
        return all(map(self._is_there, files.all.values()))

    def _whole(self, key: PluginKey, found: tuple[Locked, LockedFiles] | None) -> Installed | None:
        if found is None or not self.holds(found[1]):
            return None
        locked, files = found
        path = plugin_path(self.root, key, locked.version)
        return Installed(
            key=key,
            version=locked.version,
            path=path,
            dependencies=path.with_name(f"{path.name}_deps"),
            sha256=files.plugin.sha256,
        )

    def locate(self, key: PluginKey) -> Installed | None:
        """Return the plugin, its files and those of its dependencies read and proven, its links in place.

        Raises: PackageRefused if a file is not what was locked; PackageFailed if a link cannot be made.
        """
        found = self.locked(key)
        installed = self._whole(key, found)
        if installed is None or found is None:
            return None
        sign_up(self.root, self.lock_file)
        for file in found[1].all.values():
            check_file(object_path(self.root, file.sha256), file)
        if not is_active(self.root, key, installed.version, found[1]):
            activate(self.root, key, installed.version, found[1])
        return installed

    def strays(self, key: PluginKey) -> bool:
        """Tell whether all files are there, but others are in their places: `locate` puts them there.

        Raises: as `locked`.
        """
        found = self.locked(key)
        if found is None or not self.holds(found[1]):
            return False
        links = astray(self.root, key, found[0].version, found[1])
        return any(path.exists() for path, _ in links)

    def may_be_unlocked(self, key: PluginKey) -> bool:
        """Tell whether an executable that somebody put into the cache may be started."""
        return key.repo not in self.required

    def may_be_used(self, key: PluginKey, locked: Locked) -> bool:
        """Tell whether what is locked was proven by the signature that the repository needs now."""
        return locked.signed_by == self.required.get(key.repo, locked.signed_by)

    def _is_there(self, file: LockedFile) -> bool:
        try:
            return object_path(self.root, file.sha256).stat().st_size == file.size
        except OSError:
            return False


def check_names(key: PluginKey) -> None:
    """Check that the parts of a key are names of files and nothing more.

    Raises: PackageRefused.
    """
    for part in (key.repo, key.name):
        if "/" in part or "\0" in part or part.startswith("."):
            raise PackageRefused(f"{part!r} in the plugin key {str(key)!r} cannot be a file's name")
