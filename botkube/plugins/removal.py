"""Removes a directory that a plugin wrote: however deep, closed or full, and without following any link.

Works level by level on open directories: recursion ends at a depth that a plugin can go beyond, and a path
can be made to lead elsewhere while it is used.
"""

import itertools
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

_DIRECTORY: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


def remove_tree(top: Path) -> None:
    """Remove a directory and all in it; blocks, for long if it is large. What cannot be removed is left."""
    prefix = secrets.token_hex(4)
    names = (f"{prefix}-{number}" for number in itertools.count())
    with suppress(OSError):
        with _opened(str(top)) as directory:
            while _remove_level(directory, names):
                pass
        top.rmdir()


def _remove_level(top: int, names: Iterator[str]) -> bool:
    """Remove what is in a directory, putting what is in its directories in their place; False if it was empty."""
    found = False
    with os.scandir(top) as entries:
        for entry in entries:
            found = True
            if not entry.is_dir(follow_symlinks=False):
                os.unlink(entry.name, dir_fd=top)
                continue
            _make_ours(entry.name, top)
            with _opened(entry.name, top) as inner:
                _lift(inner, top, names)
            os.rmdir(entry.name, dir_fd=top)
    return found


def _lift(inner: int, top: int, names: Iterator[str]) -> None:
    with os.scandir(inner) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                _make_ours(entry.name, inner)
                os.rename(entry.name, next(names), src_dir_fd=inner, dst_dir_fd=top)
            else:
                os.unlink(entry.name, dir_fd=inner)


def _make_ours(name: str, directory: int) -> None:
    """Without rights of its own to it, only root could empty or move a directory; and root must not follow a link."""
    if os.geteuid():
        os.chmod(name, 0o700, dir_fd=directory)


@contextmanager
def _opened(name: str, directory: int | None = None) -> Iterator[int]:
    descriptor = os.open(name, _DIRECTORY, dir_fd=directory)
    try:
        yield descriptor
    finally:
        os.close(descriptor)
