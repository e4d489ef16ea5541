"""One installer at a time in a cache, whatever process it is in; any number of installs within that one."""

import fcntl
import os
import threading
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Final

import trio

from botkube.packages.errors import PackageFailed

NAME: Final = "install.lock"


class Turn:
    """The right to install in one cache, shared by the tasks of this process."""

    def __init__(self, root: Path) -> None:
        self._file = root / NAME
        self._taking = trio.Lock()
        self._holders = 0
        self._descriptor = -1
        self._threads = trio.CapacityLimiter(
            1
        )  # a wait that is given up keeps its thread until the lock is free

    @asynccontextmanager
    async def taken(self, waiting: Callable[[str], None]) -> AsyncGenerator[None]:
        """Hold the turn while the block runs; `waiting` is told who has it, if somebody else does.

        Raises: PackageFailed if the lock's file cannot be used.
        Cancellation: nothing is held.
        """
        async with self._taking:
            if self._holders == 0:
                self._descriptor = await self._take(waiting)
            self._holders += 1
        try:
            yield
        finally:
            self._holders -= 1
            if self._holders == 0:
                os.close(self._descriptor)

    async def _take(self, waiting: Callable[[str], None]) -> int:
        try:
            descriptor = os.open(self._file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise PackageFailed(f"{self._file} cannot be opened: {error.strerror}") from error
        grip = _Grip(descriptor)
        try:
            if not _try(descriptor):
                waiting(f"another installer ({_who(descriptor)}) is at work")
                await trio.to_thread.run_sync(
                    grip.wait, abandon_on_cancel=True, limiter=self._threads
                )
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, f"pid {os.getpid()}".encode(), 0)
        except BaseException:
            grip.drop()
            raise
        return descriptor


class _Grip:
    """A wait for the lock that can be given up: whoever comes second then, thread or task, closes the file."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._guard = threading.Lock()
        self._dropped = threading.Event()
        self._waits = False

    def wait(self) -> None:
        """Wait for the lock, in a thread."""
        with self._guard:
            if self._dropped.is_set():
                return
            self._waits = True
        fcntl.flock(self._descriptor, fcntl.LOCK_EX)
        with self._guard:
            self._waits = False
            if self._dropped.is_set():
                os.close(self._descriptor)

    def drop(self) -> None:
        """Give up."""
        with self._guard:
            self._dropped.set()
            if not self._waits:
                os.close(self._descriptor)


def _try(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _who(descriptor: int) -> str:
    return os.pread(descriptor, 32, 0).decode("ascii", "replace").strip() or "unknown"


@contextmanager
def idle(root: Path) -> Generator[bool]:
    """Hold the turn while the block runs if nobody has it; tells whether it is held.

    Raises: OSError if the lock's file cannot be used.
    """
    descriptor = os.open(root / NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        yield _try(descriptor)
    finally:
        os.close(descriptor)
