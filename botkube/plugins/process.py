"""Owns one plugin process from its start to its last trace: group, pipes, handshake line, stop ladder.

Knows nothing of gRPC and decides nothing about restarts. However the block is left, the whole process group
is dead and the process reaped (bounded, behind a shield) when it is.

PR_SET_PDEATHSIG is not used: Trio starts processes from a worker thread, and the signal would come when that
thread retires.
"""

import contextlib
import errno
import logging
import os
import resource
import signal
import subprocess
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager

import msgspec
import trio

from botkube.model.errors import PeerError
from botkube.plugins.errors import PluginFailed, PluginUnusable
from botkube.plugins.firstline import FirstLine
from botkube.plugins.output import PluginOutput
from botkube.plugins.place import Place
from botkube.plugins.processes import kill_group, kill_holders

log = logging.getLogger(__name__)

_REAP = 2.0
_LAST_OUTPUT = 0.2
_READ_SIZE = 64 * 1024
_OPEN_FILES = 16_384
_CANNOT_START = (FileNotFoundError, PermissionError, NotADirectoryError)


class Command(msgspec.Struct, frozen=True, kw_only=True):
    """What to start, with the whole environment of the process."""

    argv: tuple[str, ...]
    env: Mapping[str, str]
    grace: float = 2.0  # for each rung of the stop ladder


class PluginProcess:
    """A running plugin process; made by `open_process` only."""

    def __init__(self, process: trio.Process, output: PluginOutput, grace: float) -> None:
        self.pid = process.pid
        self.exit_code: int | None = None
        self._process = process
        self._output = output
        self._grace = grace
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

    def kill(self) -> None:
        """Kill the whole group at once."""
        self._told = True
        kill_group(self.pid)

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

    async def finish(self, directory: str) -> None:
        """Kill what is left of the group and of those that left it, and reap the process.

        Cancellation: shielded; takes at most 2.2 s.
        """
        kill_group(self.pid)
        with trio.move_on_after(_REAP, shield=True):
            # Left behind if it hangs: reading the environment of a process stuck in the kernel may.
            await trio.to_thread.run_sync(kill_holders, directory, abandon_on_cancel=True)
            self.exit_code = await self._process.wait()
        if self.exit_code is None:
            log.error("plugin process %d does not end, not even by SIGKILL", self.pid)
        with trio.move_on_after(_LAST_OUTPUT, shield=True):
            await self._drained.wait()
        self._upkeep.cancel(reason="plugin process ended")
        self._output.end()


@asynccontextmanager
async def open_process(
    command: Command, place: Place, output: PluginOutput
) -> AsyncGenerator[PluginProcess]:
    """Start a plugin process in its own group and end it, by the rest of the ladder, when the block is left.

    Raises: PluginUnusable if it is no program this machine can start; PluginFailed if it cannot start now.
    Cancellation: leaving takes at most one grace for SIGTERM, and 2.2 s after SIGKILL.
    """
    process = PluginProcess(await _spawn(command), output, command.grace)
    async with trio.open_nursery() as nursery:
        try:
            nursery.start_soon(process.keep_up)
            _limit_open_files(process.pid)
            place.record_process(process.pid)
            yield process
        finally:
            with trio.move_on_after(command.grace + 2 * _REAP, shield=True):
                await process.stop()
                await process.finish(str(place.directory))


async def _spawn(command: Command) -> trio.Process:
    try:
        return await trio.lowlevel.open_process(
            list(command.argv),
            env=dict(command.env),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            process_group=0,
        )
    except OSError as error:
        text = f"cannot start {command.argv[0]}: {error.strerror}"
        for_good = isinstance(error, _CANNOT_START) or error.errno == errno.ENOEXEC
        raise (PluginUnusable if for_good else PluginFailed)(text) from error


async def _pump(pipe: trio.abc.ReceiveStream | None, take: Callable[[bytes], float]) -> None:
    assert pipe is not None  # noqa: S101 - for the type checker: `_spawn` asks for both
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


def _limit_open_files(pid: int) -> None:
    # From outside, after the start: a preexec_fn would run Python code between fork and exec.
    with contextlib.suppress(OSError):
        hard = resource.prlimit(pid, resource.RLIMIT_NOFILE)[1]
        limit = _OPEN_FILES if hard == resource.RLIM_INFINITY else min(_OPEN_FILES, hard)
        resource.prlimit(pid, resource.RLIMIT_NOFILE, (limit, limit))
