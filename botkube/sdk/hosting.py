"""Starts one plugin process as a host does, and ends it: environment, handshake, log, shutdown.

Small on purpose, for tests and for trying a plugin out: it watches no health and restarts nothing.
"""

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Final

import trio

from botkube.model.errors import BotkubeError, ProtocolError
from botkube.wire.client import PluginClient, open_client
from botkube.wire.errors import CallError
from botkube.wire.handshake import (
    MAX_LINE,
    MAX_SOCKET_PATH,
    Handshake,
    launch_variables,
    parse_handshake,
)

_START: Final = 60.0  # go-plugin's
_GRACE: Final = 2.0
_REAP: Final = 2.0
_LAST_GASP: Final = 0.5
_READ: Final = 64 * 1024
_LAST_LINES: Final = 5
_PANIC: Final = ("panic: ", "fatal error: ")
_PASSED_ON: Final = frozenset(("PATH", "HOME", "LANG", "TZ"))
_PREFIXES: Final = ("LC_", "SSL_CERT_", "COVERAGE_")  # the last for tests that measure plugins too


class PluginGone(BotkubeError):
    """The plugin process did not start, or ended while it was asked; the text has its last lines."""

    reason = "plugin-gone"


class Hosted:
    """A running plugin process; made by `open_hosted` only."""

    def __init__(self, process: trio.Process, on_line: Callable[[str], None]) -> None:
        self._process = process
        self._on_line = on_line
        self._last: list[str] = []
        self._panic: list[str] = []  # a Go program's, far before its last lines
        self._read = trio.Event()

    @property
    def pid(self) -> int:
        """The number of the process, and of its group."""
        return self._process.pid

    @property
    def exit_code(self) -> int | None:
        """How it ended; None while it runs, a signal's number is negative."""
        return self._process.returncode

    async def gone(self, what: str) -> PluginGone:
        """Make the error for a connection that broke; waits a moment for the process to be seen exiting."""
        with trio.move_on_after(_LAST_GASP):
            await self._process.wait()
            await self._read.wait()
        end = "" if self.exit_code is None else f" It ended with code {self.exit_code}."
        last = "".join(f"\n  {line}" for line in self._panic or self._last)
        return PluginGone(f"{what}{end}{last}")

    async def handshake(self) -> Handshake:
        """Read the first line of its stdout.

        Raises:
            PluginGone: there is none within 60 s, or it is another one.
        """
        line = b""
        with trio.move_on_after(_START):
            line = await self._first_line()
        if not line:
            raise await self.gone("The plugin printed no handshake line.")
        try:
            return parse_handshake(line)
        except ProtocolError as error:
            raise await self.gone(str(error)) from error

    async def _first_line(self) -> bytes:
        assert self._process.stdout is not None  # noqa: S101 - asked for below
        line = b""
        while b"\n" not in line and len(line) <= MAX_LINE:
            data = await self._process.stdout.receive_some(_READ)
            if not data:
                break
            line += data
        return line.partition(b"\n")[0]

    async def read_stderr(self) -> None:
        """Pass on the lines of its stderr until it ends."""
        await self._log(self._process.stderr)
        self._read.set()

    async def read_stdout(self) -> None:
        """Pass on the lines that follow the handshake."""
        await self._log(self._process.stdout)

    async def _log(self, pipe: trio.abc.ReceiveStream | None) -> None:
        assert pipe is not None  # noqa: S101 - asked for below
        rest = b""
        async for data in pipe:
            *lines, rest = (rest + data).split(b"\n")
            self._tell(lines)
            if len(rest) > _READ:
                self._tell([rest])
                rest = b""
        self._tell([rest])

    async def mirror(self, client: PluginClient) -> None:
        """Pass on what the plugin's code prints where the plugin mirrors it: it blocks if nobody reads."""
        with suppress(CallError):
            async with client.stdio() as chunks:
                async for chunk in chunks:
                    self._tell(chunk.data.split(b"\n"))

    async def end(self, client: PluginClient) -> None:
        """Ask the process to end, and wait until it has."""
        with suppress(CallError):
            await client.shutdown()
            await self._process.wait()

    async def kill(self) -> None:
        """End what is left of the process group, and reap the process."""
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)
        await self._process.wait()

    def _tell(self, lines: Sequence[bytes]) -> None:
        for line in lines:
            if text := line.decode(errors="replace").rstrip():
                if text.startswith(_PANIC):
                    self._panic = [text]
                self._last = [*self._last[1 - _LAST_LINES :], text]
                self._on_line(text)


@asynccontextmanager
async def open_hosted(
    argv: Sequence[str], env: Mapping[str, str], on_line: Callable[[str], None]
) -> AsyncGenerator[tuple[Hosted, PluginClient]]:
    """Start a plugin, connect to it, and end it with the block. The body's exceptions come out bare.

    `env` is added to the few variables that a host passes on.

    Raises:
        PluginGone: it cannot be started, or is no plugin.
    Cancellation: leaving takes at most 4 s.
    """
    folder = _short_folder()
    try:
        hosted = Hosted(await _start(argv, _environment(folder, env)), on_line)
        failure: Exception | None = None
        async with trio.open_nursery() as nursery:
            nursery.start_soon(hosted.read_stderr)
            try:
                async with _connected(hosted) as client:
                    nursery.start_soon(hosted.read_stdout)
                    nursery.start_soon(hosted.mirror, client)  # noqa: ASYNC111 - ends with the connection
                    try:
                        yield hosted, client
                    finally:
                        with trio.move_on_after(_GRACE, shield=True):
                            await hosted.end(client)
            except Exception as error:  # noqa: BLE001 - raised again below, out of the nursery's group
                failure = error
            finally:
                with trio.move_on_after(_REAP, shield=True):
                    await hosted.kill()
            nursery.cancel_scope.cancel(reason="the plugin is gone")
        if failure is not None:
            raise failure
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@asynccontextmanager
async def _connected(hosted: Hosted) -> AsyncGenerator[PluginClient]:
    handshake = await hosted.handshake()
    answered = False
    try:
        async with open_client(handshake) as client:
            with trio.move_on_after(_START):
                await client.check_health()
                await client.discover()
                answered = True
            if not answered:
                raise await hosted.gone("The plugin does not answer.")
            yield client
    except CallError as error:
        if answered:
            raise
        raise await hosted.gone(f"The plugin does not answer: {error}.") from error


async def _start(argv: Sequence[str], env: Mapping[str, str]) -> trio.Process:
    try:
        return await trio.lowlevel.open_process(
            list(argv),
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            process_group=0,
        )
    except OSError as error:
        raise PluginGone(f"cannot start {argv[0]}: {error.strerror}") from error


def _environment(folder: Path, env: Mapping[str, str]) -> Mapping[str, str]:
    passed_on = {
        name: value
        for name, value in os.environ.items()
        if name in _PASSED_ON or name.startswith(_PREFIXES)
    }
    own = {"TMPDIR": str(folder), "PLUGIN_UNIX_SOCKET_DIR": str(folder)}
    return {**passed_on, **own, **env, **launch_variables()}


def _short_folder() -> Path:
    """Make a private directory whose path leaves room for the name of a socket."""
    folder = Path(tempfile.mkdtemp(prefix="bk-"))
    if len(os.fsencode(folder)) <= MAX_SOCKET_PATH - len("/plugin-0123456789abcdef"):
        return folder
    folder.rmdir()
    return Path(tempfile.mkdtemp(prefix="bk-", dir="/tmp"))
