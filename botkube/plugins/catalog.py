"""Finds the executable of a plugin: our own program for built-in ones, else the original's cache layout.

Looks only; downloading is not done here. Names come from the configuration and never lead out of the cache.
"""

import os
import sys
from collections.abc import Sequence
from pathlib import Path

import msgspec

from botkube.model.plugin import PluginKey
from botkube.plugins.directories import check_own, writable_by_others
from botkube.plugins.errors import PluginMissing
from botkube.plugins.versions import pick_version, same_version

BUILTIN = "builtin"


class Program(msgspec.Struct, frozen=True, kw_only=True):
    """What to start."""

    argv: tuple[str, ...]
    own: bool = False
    dependency_dir: str | None = None


class Catalog(msgspec.Struct, frozen=True, kw_only=True):
    """Knows the places; asked anew for each start, so an executable that appears later is found."""

    cache_dir: Path
    own_command: tuple[str, ...]

    def locate(self, key: PluginKey) -> Program:
        """Find the executable of `key` (reads directories: call it in a thread).

        Raises: PluginMissing if there is none; PluginUnusable if its directory is not to be trusted.
        """
        if key.repo == BUILTIN:
            return Program(argv=(*self.own_command, key.name), own=True)
        _refuse_paths(key)
        path = self._find(key)
        return Program(argv=(str(path),), dependency_dir=f"{path}_deps")

    def identity(self, key: PluginKey) -> str:
        """Name the very file that `locate` would start, "" if there is none: part of a fingerprint."""
        try:
            path = Path(self.locate(key).argv[0]).resolve()
            found = path.stat()
        except (PluginMissing, OSError):
            return ""
        return f"{path} {found.st_size} {found.st_mtime_ns}"

    def _find(self, key: PluginKey) -> Path:
        folder = self._folder(key)
        found = _cached_versions(folder, key)
        wanted = [v for v in found if not key.version or same_version(v, key.version)]
        version = pick_version(wanted)
        if version is None:
            raise PluginMissing(_missing(key, folder, found))
        path = folder / f"{key.kind}_{version}_{key.name}"
        if not os.access(path, os.X_OK):
            raise PluginMissing(f"{path} is not an executable file: make it executable (chmod +x)")
        return path

    def _folder(self, key: PluginKey) -> Path:
        if not writable_by_others(self.cache_dir):
            return self.cache_dir / key.repo
        private = self.cache_dir / f"botkube-{os.geteuid()}"
        if private.is_symlink() or private.exists():
            check_own(private)
        return private / key.repo


def own_command(*, frozen: bool, executable: str = sys.executable) -> tuple[str, ...]:
    """Give the command line that serves a built-in plugin, its name to be added.

    Not frozen: `-P` keeps a `yaml.py` in the user's directory from being imported.
    """
    program = (executable,) if frozen else (executable, "-P", "-m", "botkube")
    return (*program, "plugin", "serve")


def _cached_versions(folder: Path, key: PluginKey) -> list[str]:
    start, end = f"{key.kind}_", f"_{key.name}"
    try:
        files = [entry.name for entry in os.scandir(folder) if entry.is_file()]
    except OSError:
        return []
    middles = [n[len(start) : -len(end)] for n in files if n.startswith(start) and n.endswith(end)]
    # Versions hold no "_", so `executor_v1_a_b` is not version `v1_a` of plugin `b`.
    return [middle for middle in middles if middle and "_" not in middle]


def _refuse_paths(key: PluginKey) -> None:
    for part in (key.repo, key.name, key.version):
        if "/" in part or "\0" in part or part.startswith("."):
            raise PluginMissing(
                f"{part!r} in the plugin key {str(key)!r} cannot be part of a file name"
            )


def _missing(key: PluginKey, folder: Path, found: Sequence[str]) -> str:
    pattern = f"{key.kind}_{key.version or '<version>'}_{key.name}"
    others = f" (there: {', '.join(sorted(found))})" if found else ""
    return (
        f"the executable of {key.kind} {key} is not there: looked for {folder / pattern}{others}; "
        "put the file there; downloading plugins is not available in this version"
    )
