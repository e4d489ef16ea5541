"""Finds the executable of a plugin: our own program for built-in ones, else the original's cache layout.

Looks only; installing is done elsewhere (`botkube.packages`). Names come from the configuration and never lead out of the cache.
"""

import os
import sys
from collections.abc import Sequence
from pathlib import Path

import msgspec

from botkube.model.plugin import PluginKey
from botkube.model.versions import pick_version, same_version
from botkube.plugins.directories import own_part
from botkube.plugins.errors import PluginMissing

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
        folder = own_part(self.cache_dir) / key.repo
        found = _cached_versions(folder, key)
        wanted = [v for v in found if not key.version or same_version(v, key.version)]
        version = pick_version(wanted)
        if version is None:
            raise PluginMissing(_missing(key, folder, found))
        path = folder / f"{key.kind}_{version}_{key.name}"
        if not os.access(path, os.X_OK):
            raise PluginMissing(f"{path} is not an executable file: make it executable (chmod +x)")
        return path


def own_program(*, frozen: bool, executable: str = sys.executable) -> tuple[str, ...]:
    """Give the command line of this very program, its arguments to be added.

    Not frozen: `-P` keeps a `yaml.py` in the user's directory from being imported.
    """
    return (executable,) if frozen else (executable, "-P", "-m", "botkube")


def own_command(*, frozen: bool, executable: str = sys.executable) -> tuple[str, ...]:
    """Give the command line that serves a built-in plugin, its name to be added."""
    return (*own_program(frozen=frozen, executable=executable), "plugin", "serve")


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
        "install it with `botkube plugins install`, or put the file there"
    )
