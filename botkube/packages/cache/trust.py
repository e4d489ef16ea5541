"""Proves that an installed file still is what was locked. Blocking, for a thread.

The whole file is read before each start of a process: a note of its inode, size and times would miss a change that
puts the times back, and reading costs 40 ms for 60 MB where the file is in memory anyway. What it does not cover: a
process of our own user may change a file between this look and the start, or a dependency at any time after it. Only
another user for plugins would; the cache is a directory that nobody but ours can write.
"""

import hashlib
import os
import stat
from pathlib import Path
from typing import Final

from botkube.packages.cache.lockfile import LockedFile
from botkube.packages.errors import PackageRefused

_FIX: Final = "run `botkube plugins install` to fetch it again"


def check_file(path: Path, locked: LockedFile) -> None:
    """Read a file and compare it with what was locked.

    Raises: PackageRefused if it is absent, another one, or one that others can write.
    """
    try:
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
        descriptor = os.open(path, flags)
    except OSError as error:
        raise PackageRefused(f"{path} cannot be read: {error.strerror}; {_FIX}") from error
    try:
        sha256 = _digest(path, descriptor)
    finally:
        os.close(descriptor)
    if sha256 != locked.sha256:
        raise PackageRefused(
            f"{path} was changed after it was installed: locked is sha256:{locked.sha256}, "
            f"found sha256:{sha256}; it is not started; {_FIX}"
        )


def _digest(path: Path, descriptor: int) -> str:
    found = os.fstat(descriptor)
    if not stat.S_ISREG(found.st_mode) or found.st_mode & 0o022:
        raise PackageRefused(f"{path} is no file that only we can write; {_FIX}")
    if found.st_uid not in {0, os.geteuid()}:
        raise PackageRefused(f"{path} belongs to user {found.st_uid}, not to us; {_FIX}")
    with open(descriptor, "rb", buffering=0, closefd=False) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
