"""The warm parent of built-in plugins, as a supervised child: owns that process, and starts plugins from it.

A plugin that is forked is there in milliseconds and shares most of its memory with the others. It is our own
child, so the warm parent may die and be replaced without harm to it. Whatever goes wrong here, a plugin is
started by exec.
"""

import logging
import socket
import sys
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from functools import partial
from typing import Final

import trio

from botkube.plugins.catalog import own_program
from botkube.plugins.children import Children
from botkube.plugins.env import zygote_environment
from botkube.plugins.errors import PluginFailed
from botkube.plugins.forked import ForkFailed, fork
from botkube.plugins.processes import kill_group
from botkube.plugins.spawn import Command, Spawned, spawn_with_stdin
from botkube.runtime.childspec import ChildSpec
from botkube.runtime.forkorder import LIMIT, READY
from botkube.runtime.policy import Backoff, Policy
from botkube.runtime.procface import room_argument, with_room

log = logging.getLogger(__name__)

_PATIENCE: Final = 4.0  # with one that is starting: about what exec takes on a busy machine
_ANSWER: Final = 3.0  # usually 10 ms
_REAP: Final = 2.0
_TITLE: Final = 64  # bytes: room for the longest `botkube plugin serve NAME`
_LAST_WORDS: Final = 4096
_SHOWN: Final = 200
_POLICY: Final = Policy(backoff=Backoff(0.1, 30.0), start_timeout=20.0)


def zygote_command(*, frozen: bool, executable: str = sys.executable) -> tuple[str, ...]:
    """Give the command line of the warm parent."""
    return (*own_program(frozen=frozen, executable=executable), "plugin", "zygote")


class Zygote:
    """The warm parent, one process at a time. `argv` starts it, in the environment of this program."""

    def __init__(
        self, argv: tuple[str, ...], environ: Mapping[str, str], children: Children
    ) -> None:
        self._command = Command(
            argv=(*argv, room_argument(_TITLE)),
            env=with_room(zygote_environment(environ), LIMIT),
        )
        self._children = children
        self._settled = trio.Event()  # it is up, or it is not to be waited for
        self._parent: _Parent | None = None

    def child(self) -> ChildSpec:
        """Make it a child of a supervisor."""
        return ChildSpec(name="zygote:builtin", body=self.run, policy=_POLICY)

    async def spawn(self, command: Command) -> Spawned:
        """Start a built-in plugin: a fork of the warm parent if there is one in time, else by exec.

        Raises: as `spawn_by_exec`.
        """
        # Of a confinement only exec's launcher knows; the place for it in a fork is marked in cli/zygote.py.
        if command.confinement is None:
            with trio.move_on_after(_PATIENCE):
                await self._settled.wait()
            if self._parent is not None:
                try:
                    return await self._parent.fork(command, self._children)
                except ForkFailed as error:
                    log.warning("a built-in plugin is started by exec, not forked: %s", error)
        return await self._children.by_exec(command)

    async def run(self, *, task_status: trio.TaskStatus[None]) -> None:
        """Run one process to its end; `started()` when plugins can be forked from it.

        Raises: PluginFailed when it has ended; OSError if it cannot be started.
        Cancellation: kills it; takes at most 2 s.
        """
        self._settled = trio.Event()
        try:
            async with self._opened() as parent:
                said = await parent.hear()
                if said == READY:
                    self._parent = parent
                    self._settled.set()
                    task_status.started()
                    said = await parent.hear()
        finally:
            self._parent = None
            self._settled.set()
        text = f"said {said[:_SHOWN]!r}" if said else parent.ending
        raise PluginFailed(f"the warm parent of built-in plugins {text}")

    @asynccontextmanager
    async def _opened(self) -> AsyncGenerator["_Parent"]:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with ours:
            with theirs:
                spawn = partial(spawn_with_stdin, theirs.fileno())
                process = await self._children.start(spawn, self._command)
            parent = _Parent(process, trio.socket.from_stdlib_socket(ours))
            try:
                yield parent
            finally:
                parent.kill()
                with trio.move_on_after(_REAP, shield=True):
                    await parent.reap()


class _Parent:
    """One warm parent process."""

    def __init__(self, process: Spawned, control: trio.socket.SocketType) -> None:
        self.ending = "does not end, not even by SIGKILL"
        self._process = process
        self._control = control
        self._killed = False
        self._asking: set[trio.CancelScope] = set()

    async def hear(self) -> bytes:
        """Wait for what it says, nothing when it is gone: but for its first word it should be silent."""
        try:
            return await self._control.recv(_SHOWN)
        except OSError:
            return b""

    async def fork(self, command: Command, children: Children) -> Spawned:
        """Have it fork a plugin. If it does not answer in time it is killed.

        Raises: ForkFailed.
        """
        with trio.move_on_after(_ANSWER) as scope:
            self._asking.add(scope)
            try:
                return await fork(self._control, command, children)
            finally:
                self._asking.discard(scope)
        self.kill()
        raise ForkFailed("its warm parent did not answer")

    def kill(self) -> None:
        """Kill it, and let nobody wait for its answer."""
        for scope in self._asking:
            scope.cancel(reason="the warm parent is gone")
        if not self._killed:  # once: later the number may be another's
            self._killed = True
            kill_group(self._process.pid)

    async def reap(self) -> None:
        """Wait for its end and close its pipes."""
        await self._process.wait()
        stdout, stderr = self._process.stdout, self._process.stderr
        assert stdout is not None  # noqa: S101 - for the type checker: `Spawn` asks for both
        assert stderr is not None  # noqa: S101 - as above
        async with stdout, stderr:
            words = bytes(await stderr.receive_some(_LAST_WORDS)).decode(errors="replace").strip()
        self.ending = f"ended: {words[-_SHOWN:]}" if words else "ended"
