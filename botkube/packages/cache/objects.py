"""The cache of executables: each is kept once, under its digest, and plugins are links to them.

    objects/sha256/<digest>                                the executables, read-only
    <repo>/<kind>_<version>_<name>                         where the original has the plugin: the same file
    <repo>/<kind>_<version>_<name>_deps/<dependency>       likewise
    downloads/                                             what is on its way
    locks/                                                 links to the lock files that use it

An object appears whole or not at all, and a link is replaced in one step. The links are hard ones: a sandbox that
shows a plugin its own folder shows its files too, and whether an object is in use is a count. Blocking, for a thread.
"""

import os
import re
import secrets
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from botkube.model.plugin import PluginKey, PluginKind
from botkube.packages.cache.lockfile import Lock, LockedFile, LockedFiles
from botkube.packages.cache.users import locks_of
from botkube.packages.download.parts import digests
from botkube.packages.errors import PackageFailed
from botkube.packages.files import sync_folder

_MODE: Final = 0o555  # nobody writes into what is installed
_OLD: Final = 7 * 86_400.0
_MOMENT: Final = 3600.0
_ENTRY: Final = re.compile(r"(executor|source)_([^_]+)_(.+)")


def object_path(root: Path, sha256: str) -> Path:
    """Return where an executable is kept."""
    return _objects(root) / sha256


def plugin_path(root: Path, key: PluginKey, version: str) -> Path:
    """Return where a plugin is found, by the original and by people."""
    return root / key.repo / f"{key.kind}_{version}_{key.name}"


def is_object(root: Path, file: Path) -> bool:
    """Tell whether a file is one of the cache's executables, under whatever name.

    Raises: OSError if the file is not there.
    """
    found = file.stat()
    return any(os.path.samestat(found, path.stat()) for path in _files(_objects(root)))


def downloads(root: Path) -> Path:
    """Return the folder for what is on its way, made if need be.

    Raises: OSError.
    """
    folder = root / "downloads"
    folder.mkdir(mode=0o755, exist_ok=True)
    return folder


def add_object(root: Path, file: Path) -> tuple[str, int]:
    """Move an executable into the cache; return its SHA-256 and size.

    Raises: OSError.
    """
    sha256 = digests(file)["sha256"]
    place = object_path(root, sha256)
    place.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    descriptor = os.open(file, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fchmod(descriptor, _MODE)
        os.fsync(descriptor)
        size = os.fstat(descriptor).st_size
    finally:
        os.close(descriptor)
    file.replace(place)
    sync_folder(place.parent)
    return sha256, size


def activate(root: Path, key: PluginKey, version: str, files: LockedFiles) -> None:
    """Make the links of a version; the plugin's own comes last, so it never lacks a dependency.

    Raises: PackageFailed if the cache cannot be written.
    """
    place = plugin_path(root, key, version)
    folder = _dependencies(place)
    try:
        place.parent.mkdir(mode=0o755, exist_ok=True)
        if files.dependencies:
            folder.mkdir(mode=0o755, exist_ok=True)
        for name, file in files.dependencies.items():
            _link(root, folder / name, file.sha256)
        for path in _ours(root, folder):
            if path.name not in files.dependencies:
                path.unlink()
        _link(root, place, files.plugin.sha256)
    except OSError as error:
        raise PackageFailed(f"{error.filename} cannot be written: {error.strerror}") from error


def is_active(root: Path, key: PluginKey, version: str, files: LockedFiles) -> bool:
    """Tell whether the links are as `activate` makes them."""
    return not any(astray(root, key, version, files))


def astray(
    root: Path, key: PluginKey, version: str, files: LockedFiles
) -> Iterator[tuple[Path, LockedFile]]:
    """Give the links of a version that do not lead to what is locked, with that."""
    place = plugin_path(root, key, version)
    links = {_dependencies(place) / name: file for name, file in files.dependencies.items()}
    for path, file in {place: files.plugin, **links}.items():
        if not _leads_to(root, path, file.sha256):
            yield path, file


def collect(root: Path, lock: Lock, now: float) -> list[str]:
    """Remove versions that are neither locked nor the ones before those, objects without a link, and old downloads.

    What other lock files of this cache name stays. Call it only while nobody installs. Returns the names of what was
    removed.

    Raises: OSError; PackageRefused if another lock file cannot be read.
    """
    locks = [lock, *locks_of(root)]
    for pattern in (".*.new", "*/.*.new", "*/*_deps/.*.new"):
        for file in root.glob(pattern):
            if (
                now - file.lstat().st_ctime > _MOMENT
            ):  # else somebody is about to put it into its place
                file.unlink()
    _tidy_downloads(root, now)
    removed = prune(root, locks)
    locked = {sha256 for each in locks for sha256 in _locked(each)}
    for file in _files(_objects(root)):
        if file.name not in locked and file.stat().st_nlink == 1:
            file.unlink()
            removed.append(file.name)
    return removed


def by_hand(root: Path) -> Iterator[PluginKey]:
    """Give the plugins that people put into the cache, with their versions."""
    for folder in _folders(root):
        ours = set(_ours(root, folder))
        for path in _files(folder):
            found = _ENTRY.fullmatch(path.name)
            if found and path not in ours and os.access(path, os.X_OK):
                kind: PluginKind = "source" if found[1] == "source" else "executor"
                yield PluginKey(kind=kind, repo=folder.name, name=found[3], version=found[2])


def prune(root: Path, locks: Iterable[Lock], only: PluginKey | None = None) -> list[str]:
    """Remove the links of versions that no lock names, of all plugins or of one; returns their names.

    Raises: OSError.
    """
    named = {place for lock in locks for place in _named(lock)}
    removed = []
    for folder in _folders(root):
        for path in _ours(root, folder):
            place, found = f"{folder.name}/{path.name}", _ENTRY.fullmatch(path.name)
            if found and place not in named and _is_of(found, folder.name, only):
                _unlink_version(root, path)
                removed.append(place)
    return removed


def _named(lock: Lock) -> Iterator[str]:
    for name, locked in lock.plugins.items():
        kind, _, plugin = name.partition("@")[0].partition(" ")
        repo, _, plain = plugin.partition("/")
        for each in (locked, locked.previous):
            if each:
                yield f"{repo}/{kind}_{each.version}_{plain}"


def _is_of(found: re.Match[str], repo: str, only: PluginKey | None) -> bool:
    return only is None or (found[1], repo, found[3]) == (only.kind, only.repo, only.name)


def _tidy_downloads(root: Path, now: float) -> None:
    for file in _files(root / "downloads"):
        if file.suffix not in {".part", ".json"} or now - file.stat().st_mtime > _OLD:
            file.unlink()
    for folder in root.glob("downloads/bundle-*"):  # of an install that was killed
        if now - folder.stat().st_mtime > _OLD:
            shutil.rmtree(folder)


def _unlink_version(root: Path, place: Path) -> None:
    """Remove the links of a version; the plugin's own goes last, for by it what a crash left is found again."""
    folder = _dependencies(place)
    for path in _ours(root, folder):
        path.unlink()
    if folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()
    place.unlink()


def _locked(lock: Lock) -> Iterator[str]:
    for entry in lock.plugins.values():
        for locked in (entry, entry.previous):
            for files in locked.platforms.values() if locked else ():
                yield from (file.sha256 for file in files.all.values())


def _link(root: Path, place: Path, sha256: str) -> None:
    if _leads_to(root, place, sha256):
        return
    fresh = place.with_name(f".{place.name}.{secrets.token_hex(4)}.new")
    fresh.hardlink_to(object_path(root, sha256))
    try:
        fresh.replace(place)
    finally:
        fresh.unlink(missing_ok=True)


def _leads_to(root: Path, place: Path, sha256: str) -> bool:
    try:
        found, wanted = place.lstat(), object_path(root, sha256).lstat()
    except FileNotFoundError:
        return False
    return os.path.samestat(found, wanted)


def _ours(root: Path, folder: Path) -> list[Path]:
    """The files of a folder that are links of ours; what people put there is left alone."""
    objects = {(found.st_dev, found.st_ino) for found in map(Path.stat, _files(_objects(root)))}
    files = ((path, path.stat()) for path in _files(folder))
    return [path for path, found in files if (found.st_dev, found.st_ino) in objects]


def _objects(root: Path) -> Path:
    return root / "objects" / "sha256"


def _dependencies(place: Path) -> Path:
    return place.with_name(f"{place.name}_deps")


def _folders(root: Path) -> list[Path]:
    own = {"objects", "downloads", "locks"}
    return [path for path in _entries(root) if path.is_dir() and path.name not in own]


def _files(folder: Path) -> list[Path]:
    return [path for path in _entries(folder) if path.is_file() and not path.is_symlink()]


def _entries(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except (FileNotFoundError, NotADirectoryError):
        return []
