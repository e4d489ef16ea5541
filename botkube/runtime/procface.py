"""What `ps` and /proc show of this process: its command line and environment, written over in place.

A forked process shows what its ancestor was executed with. The kernel reads both out of the process's own
memory, so they can be replaced without any privilege, as long as there was room from the beginning.
"""

import ctypes
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

_ROOM_NAME: Final = "_ROOM"
_ARG_START: Final = 45  # proc(5) "arg_start", counted from the field behind the closing parenthesis


class NoRoom(ValueError):
    """The process was executed with less than it is to show now."""


def room_argument(size: int) -> str:
    """Give an argument that makes room for a longer command line."""
    return " " * size


def with_room(environ: Mapping[str, str], size: int) -> dict[str, str]:
    """Add to an environment what makes room for a longer one."""
    return {**environ, _ROOM_NAME: " " * size}


def show(argv: Sequence[bytes], environ: Sequence[bytes]) -> None:
    """Show this command line and environment from now on.

    The variables that the process was executed with must not be in use any more (os.environ was cleared):
    the C library's point into this memory.

    Raises: NoRoom; OSError if /proc cannot be read.
    """
    arg_start, arg_end, env_start, env_end = _areas()
    _check(argv, arg_end - arg_start, "a command line")
    _check(environ, env_end - env_start, "an environment")
    _write(argv, arg_start, arg_end)
    _write(environ, env_start, env_end)


def _areas() -> tuple[int, int, int, int]:
    stat = Path("/proc/self/stat").read_bytes().rpartition(b")")[2].split()
    arg_start, arg_end, env_start, env_end = map(int, stat[_ARG_START : _ARG_START + 4])
    return arg_start, arg_end, env_start, env_end


def _check(words: Sequence[bytes], size: int, what: str) -> None:
    needed = sum(len(word) + 1 for word in words)
    # The last byte stays NUL: if it is not, the kernel takes the area for one string without an end.
    if needed > size:
        raise NoRoom(f"no room for {what} of {needed} bytes, there are {size}")


def _write(words: Sequence[bytes], start: int, end: int) -> None:
    ctypes.memset(start, 0, end - start)
    text = b"".join(word + b"\0" for word in words)
    ctypes.memmove(start, text, len(text))
