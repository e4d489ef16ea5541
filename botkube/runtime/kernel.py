"""The calls into Linux that a process gives up its rights with, behind one seam.

For a process with one thread that is about to become another program: each call changes the calling
thread alone, and most of them cannot be taken back.
"""

import ctypes
import os
from functools import cache
from typing import Protocol


class Kernel(Protocol):
    """What the confinement asks of the system; a test gives a kernel that lacks something."""

    def syscall(self, number: int, *arguments: int | bytes | None) -> int:
        """Make a system call by its number; raises OSError."""
        ...

    def libc(self, name: str, *arguments: int | bytes | None) -> int:
        """Call a function of the C library that sets errno; raises OSError."""
        ...

    def write(self, path: str, text: str) -> None:
        """Write into a file of the kernel's, in one piece; raises OSError."""
        ...


class RealKernel:
    """The running kernel."""

    def syscall(self, number: int, *arguments: int | bytes | None) -> int:
        """Make a system call by its number.

        Raises: OSError.
        """
        return self.libc("syscall", number, *arguments)

    def libc(self, name: str, *arguments: int | bytes | None) -> int:
        """Call a function of the C library.

        Raises: OSError.
        """
        result: int = _library()[name](*(_word(argument) for argument in arguments))
        if result < 0:
            code = ctypes.get_errno()
            raise OSError(code, os.strerror(code), name)
        return result

    def write(self, path: str, text: str) -> None:
        """Write into a file such as those in /proc and /sys.

        Raises: OSError.
        """
        descriptor = os.open(path, os.O_WRONLY | os.O_CLOEXEC)
        try:
            os.write(descriptor, text.encode())
        finally:
            os.close(descriptor)


@cache
def _library() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _word(argument: int | bytes | None) -> object:
    # Whole registers: as a plain int ctypes passes 32 bits, and syscall(2) reads 64.
    return ctypes.c_long(argument) if isinstance(argument, int) else argument
