"""Owns one plugin process from its start to its last trace: group, pipes, handshake line, stop ladder.

Knows nothing of gRPC and decides nothing about restarts. However the block is left, the whole process group
is dead and the process reaped (bounded, behind a shield) when it is.
"""

import contextlib
import logging
import os
import signal
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager

import trio

from botkube.model.errors import PeerError
from botkube.plugins.errors import PluginFailed
from botkube.plugins.firstline import FirstLine
from botkube.plugins.limits import limit_process
from botkube.plugins.output import PluginOutput
from botkube.plugins.place import Place
from botkube.plugins.processes import belongs_to, kill_group, kill_holders, kill_user
from botkube.plugins.spawn import Command, Spawn, Spawned, spawn_by_exec
from botkube.plugins.users import EXCLUSIVE
from botkube.runtime.cgroup import ControlGroup

log = logging.getLogger(__name__)

_REAP = 2.0
_LAST_OUTPUT = 0.2
_READ_SIZE = 64 * 1024


class PluginProcess:
    """A running plugin process; made by `open_process` only."""

    def __init__(
        self,
        process: Spawned,
        output: PluginOutput,
        place: Place,
        *,
        grace: float,
        group: ControlGroup | None,
    ) -> None:
        self.pid = process.pid
        self.exit_code: int | None = None
        self._process = process
        self._output = output
        self._grace = grace
        self._place = place
        self._group = group
        self._first_line = FirstLine()
        self._exited = trio.Event()
        self._drained = trio.Event()
        self._told = False  # to stop, or killed: each at most once
        self._upkeep = trio.CancelScope(shield=True)  # ended by `finish`, which is bounded

    async def first_line(self) -> bytes | None:
        """Wait for the first line on stdout; None if that ends without one.

        Raises: ProtocolError if the line is too long to be a handshake.
        """
        return await self._first_line.wait()

    async def wait_exited(self) -> None:
        """Wait until the process itself is gone, whoever still holds its pipes."""
        await self._exited.wait()

    def owns(self, pid: int) -> bool:
        """Tell whether a process is this one or was started by it."""
        return pid == self.pid or belongs_to(pid, self.pid, str(self._place.directory))

    def kill(self) -> None:
        """Kill the whole group at once."""
        self._told = True
        self._kill()

    def _kill(self) -> None:
        kill_group(self.pid)
        if self._group is not None:
            self._group.kill()

    async def stop(self, ask: Callable[[], Awaitable[None]] | None = None) -> None:
        """Go down the stop ladder: ask, SIGTERM to the group; the end of the block kills it.

        Cancellation: shielded; takes at most two graces, nothing if the process is gone or killed.
        """
        if ask is not None and not self._over():
            await self._rung(ask)
        if not self._over():
            await self._rung(self._terminate)
        self._told = True

    def _over(self) -> bool:
        return self._told or self._exited.is_set()

    async def _rung(self, step: Callable[[], Awaitable[None]]) -> None:
        with trio.move_on_after(self._grace, shield=True), contextlib.suppress(PeerError):
            await step()
            await self._exited.wait()

    async def _terminate(self) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGTERM)
        await trio.lowlevel.checkpoint()

    async def keep_up(self) -> None:
        """Watch the process and drain its pipes until `finish` says it is over.

        Cancellation: shielded; `finish` is bounded.
        """
        with self._upkeep:
            async with trio.open_nursery() as nursery:
                nursery.start_soon(self._watch_exit)
                nursery.start_soon(self._drain)

    async def _watch_exit(self) -> None:
        # Our own pidfd, so that the process stays a zombie until its group is dead: until it is reaped the
        # kernel gives its number to nobody else, and killing the group by number is safe.
        pidfd = os.pidfd_open(self.pid)
        try:
            await trio.lowlevel.wait_readable(pidfd)
        finally:
            os.close(pidfd)
        self._exited.set()

    async def _drain(self) -> None:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(_pump, self._process.stdout, self._stdout)
            nursery.start_soon(_pump, self._process.stderr, self._output.stderr)
        self._drained.set()

    def _stdout(self, data: bytes) -> float:
        rest = data if self._first_line.complete else self._first_line.feed(data)
        return self._output.stdout(rest) if rest else 0.0

    async def finish(self) -> None:
        """Kill what is left of the group and of those that left it, and reap the process.

        Cancellation: shielded; takes at most 4.2 s.
        """
        self._kill()
        with trio.move_on_after(_REAP, shield=True):
            # Left behind if it hangs: reading the environment of a process stuck in the kernel may.
            await trio.to_thread.run_sync(_kill_left, self._place, abandon_on_cancel=True)
        with trio.move_on_after(_REAP, shield=True):  # however long the search took
            self.exit_code = await self._process.wait()
        if self.exit_code is None:
            log.error("plugin process %d does not end, not even by SIGKILL", self.pid)
        with trio.move_on_after(_LAST_OUTPUT, shield=True):
            await self._drained.wait()
        self._upkeep.cancel(reason="plugin process ended")
        self._output.end()


@asynccontextmanager
async def open_process(
    command: Command,
    place: Place,
    output: PluginOutput,
    spawn: Spawn = spawn_by_exec,
    group: ControlGroup | None = None,
) -> AsyncGenerator[PluginProcess]:
    """Start a plugin process in its own group and end it, by the rest of the ladder, when the block is left.

    It is put into the control group, if there is one; what is confined goes there by itself, before it runs.

    Raises: PluginUnusable if it is no program this machine can start; PluginFailed if it cannot start now.
    Cancellation: leaving takes at most one grace for SIGTERM, and 4.2 s after SIGKILL.
    """
    spawned = await spawn(command)
    process = PluginProcess(spawned, output, place, grace=command.grace, group=group)
    async with trio.open_nursery() as nursery:
        try:
            nursery.start_soon(process.keep_up)
            limit_process(process.pid, command.limits)
            if group is not None and command.confinement is None:
                _join(group, process.pid)
            place.record_process(process.pid)
            yield process
        finally:
            with trio.move_on_after(command.grace + 3 * _REAP, shield=True):
                await process.stop()
                await process.finish()


async def _pump(pipe: trio.abc.ReceiveStream | None, take: Callable[[bytes], float]) -> None:
    assert pipe is not None  # noqa: S101 - for the type checker: `Spawn` asks for both
    async with pipe:
        while data := await _receive(pipe):
            if pause := take(data):
                await trio.sleep(pause)
        take(b"")


async def _receive(pipe: trio.abc.ReceiveStream) -> bytes:
    try:
        return bytes(await pipe.receive_some(_READ_SIZE))
    except (trio.BrokenResourceError, trio.ClosedResourceError):
        return b""


def _kill_left(place: Place) -> None:
    # The user first: the search may hang and go on when the user has a new process, the directory's name is unique.
    if place.owner is not None and place.owner.uid in EXCLUSIVE:
        kill_user(place.owner.uid)
    kill_holders(str(place.directory))


def _join(group: ControlGroup, pid: int) -> None:
    try:
        group.join(pid)
    except OSError as error:
        raise PluginFailed(f"cannot put the plugin under its limits: {error}") from error
