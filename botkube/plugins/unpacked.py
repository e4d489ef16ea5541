"""Finds and removes directories that killed one-file executables of ours left unpacked under TMPDIR.

PyInstaller's bootloader removes its `_MEI…` directory at a normal end only. Other frozen programs have such
directories too, so ours carry a marker file that every process using the directory keeps locked: a marked
directory that nobody has locked is dead.
"""

import fcntl
import logging
import os
import shutil
import sys
from pathlib import Path

log = logging.getLogger(__name__)

MARKER = ".botkube-in-use"
_PATTERN = "_MEI*"


def own_unpack_dir() -> Path | None:
    """Give the directory this program was unpacked to; None if it is not a one-file executable."""
    directory = Path(getattr(sys, "_MEIPASS", ""))
    return directory if directory.match(_PATTERN) else None


def mark_unpack_dir(directory: Path) -> int:
    """Mark the directory this program runs from as in use, until the process ends.

    The descriptor returned holds the lock: it is never to be closed.

    Raises: OSError if the directory cannot be written.
    """
    marker = directory / MARKER
    try:
        return _lock_shared(os.open(marker, os.O_RDWR | os.O_CLOEXEC))
    except FileNotFoundError:
        pass
    # Locked before it gets its name, so a sweeper never sees it unlocked.
    unnamed = directory / f"{MARKER}.{os.getpid()}"
    descriptor = _lock_shared(os.open(unnamed, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
    unnamed.replace(marker)
    return descriptor


def share_unpack_dir(directory: Path) -> None:
    """Let other users read what this program was unpacked to: plugins with a user of their own run from it."""
    directory.chmod(0o755)
    for path in directory.rglob("*"):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or os.access(path, os.X_OK) else 0o644)


def sweep_unpack_dirs(temporary: Path) -> tuple[Path, ...]:
    """Remove our dead unpack directories below `temporary` and name them."""
    dead = tuple(d for d in temporary.glob(_PATTERN) if _is_dead(d))
    for directory in dead:
        shutil.rmtree(directory, ignore_errors=True)
        log.info("removed what a killed run had unpacked: %s", directory)
    return dead


def _is_dead(directory: Path) -> bool:
    try:
        if directory.is_symlink() or directory.stat().st_uid != os.geteuid():
            return False
        descriptor = os.open(directory / MARKER, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
    except OSError:  # not ours, or not marked
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    finally:
        os.close(descriptor)
    return True


def _lock_shared(descriptor: int) -> int:
    fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    return descriptor
