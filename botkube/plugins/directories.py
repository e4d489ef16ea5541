"""Directories that only we may write: the checks, and where the runtime directory is.

A directory somebody else could have made or can write is refused, since executables are started from it
or sockets are trusted in it.
"""

import os
import stat
from collections.abc import Mapping
from pathlib import Path

from botkube.plugins.errors import PluginUnusable
from botkube.wire.handshake import MAX_SOCKET_PATH

# Go plugins name their sockets `plugin` and up to ten digits, others longer.
SOCKET_DIR_LIMIT = MAX_SOCKET_PATH - len("/plugin-0123456789.sock")


def own_directory(path: Path) -> Path:
    """Make `path`, private to us, or check that it is.

    Raises: PluginUnusable if it is a link, not ours, or open to others.
    """
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    check_own(path)
    return path


def check_own(path: Path) -> None:
    """Check that an existing directory is ours alone to write.

    Raises: PluginUnusable if it is not; OSError if it is absent.
    """
    found = path.lstat()
    if not stat.S_ISDIR(found.st_mode):
        raise PluginUnusable(f"{path} is not a directory; remove it")
    if found.st_uid != os.geteuid():
        raise PluginUnusable(f"{path} belongs to user {found.st_uid}, not to us; remove it")
    if found.st_mode & 0o022:
        raise PluginUnusable(f"others can write {path}; run: chmod 700 {path}")


def writable_by_others(path: Path) -> bool:
    """Tell whether anybody but us and root can put files into a directory; False if it is absent."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return False
    return bool(found.st_mode & 0o022) or found.st_uid not in {0, os.geteuid()}


def own_part(cache_dir: Path) -> Path:
    """Return where in a cache directory plugins may be started from: all of it, unless others can write there.

    Raises: PluginUnusable if our part is there, and is not ours alone.
    """
    if not writable_by_others(cache_dir):
        return cache_dir
    private = cache_dir / f"botkube-{os.geteuid()}"
    if private.is_symlink() or private.exists():
        check_own(private)
    return private


def choose_runtime_dir(environ: Mapping[str, str]) -> Path:
    """Say where sockets and temporary files of plugins go: under $RUNTIME_DIRECTORY, else $TMPDIR."""
    given = environ.get("RUNTIME_DIRECTORY", "").split(":")[0]
    if given:
        return Path(given) / "plugins"
    name = f"botkube-run-{os.geteuid()}"
    chosen = Path(environ.get("TMPDIR") or "/tmp") / name  # noqa: S108 - made by own_directory, private
    too_long = len(os.fsencode(chosen)) > SOCKET_DIR_LIMIT - len("/bk-01234567")
    return Path("/tmp") / name if too_long else chosen  # noqa: S108 - likewise
