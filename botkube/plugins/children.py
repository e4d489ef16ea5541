"""Knows which of our child processes somebody waits for, and reaps the others.

Others there are where we are the nearest subreaper, or process 1 of a container: what a plugin started and
left behind becomes our child, and a zombie when it ends. So every process of this program is started through
here, or in a block of `spawning`: the exit code of any other may be lost.
"""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager

import trio

from botkube.plugins.spawn import Command, Spawn, Spawned, spawn_by_exec
from botkube.runtime.override import override


class Children:
    """The child processes of this program; `run` is the task that reaps."""

    def __init__(self) -> None:
        self._kept: set[int] = set()
        self._spawning = 0

    async def run(self, *, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        """Reap orphans as they end, until cancelled. For the main thread."""
        with trio.open_signal_receiver(signal.SIGCHLD) as signals:
            # A child's end must not cut off a system call of another thread, such as SQLite's.
            signal.siginterrupt(signal.SIGCHLD, False)  # noqa: FBT003 - takes it by position only
            self._reap()
            task_status.started()
            async for _ in signals:
                self._reap()

    @contextmanager
    def spawning(self) -> Iterator[None]:
        """While the block runs there are children that nobody has named yet: nothing is reaped."""
        self._spawning += 1
        try:
            yield
        finally:
            self._spawning -= 1
            self._reap()

    def keep(self, process: Spawned) -> Spawned:
        """Leave a child to whoever has what is returned, until its `wait` is over, or given up."""
        self._kept.add(process.pid)
        return _Kept(process, self)

    async def start(self, spawn: Spawn, command: Command) -> Spawned:
        """Start a child that is kept.

        Raises, and is cancelled, as `spawn`.
        """
        with self.spawning():
            return self.keep(await spawn(command))

    async def by_exec(self, command: Command) -> Spawned:
        """Start a program, as `spawn_by_exec` does."""
        return await self.start(spawn_by_exec, command)

    def release(self, pid: int) -> None:
        """Nobody waits for this child any more."""
        self._kept.discard(pid)
        self._reap()

    def _reap(self) -> None:
        # The kernel shows one ended child at a time. One that is kept hides those behind it, but it is
        # waited for, and then it is released.
        while not self._spawning and (pid := _ended_child()) and pid not in self._kept:
            os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG)


class _Kept(Spawned):
    """A child that is released when it was waited for. To cancel the wait is to give it up."""

    def __init__(self, process: Spawned, children: Children) -> None:
        self.pid = process.pid
        self.stdout = process.stdout
        self.stderr = process.stderr
        self._process = process
        self._children = children

    @override
    async def wait(self) -> int:
        try:
            return await self._process.wait()
        finally:
            self._children.release(self.pid)


def _ended_child() -> int:
    try:
        found = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:  # there are no children at all
        return 0
    return found.si_pid if found else 0
