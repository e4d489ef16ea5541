"""Runs a program for a command: its output streams to the user, and it ends with all its children when cancelled."""

import os
import re
import shlex
import shutil
import signal
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

import msgspec
import trio

from botkube.sdk.errors import UserError
from botkube.sdk.output import SILENT, Output

_READ: Final = 64 * 1024
_KEPT: Final = 4 * 2**20
_GRACE: Final = 0.3  # seconds between SIGTERM and SIGKILL: somebody waits for the end
_REAP: Final = 2.0
_LEFT_PIPES: Final = 0.5  # a grandchild may hold them open
_COLOURS: Final = re.compile(rb"\x1b\[[0-9;?]*[ -/]*[@-~]")


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """How a program ended; of each stream at most the first 4 MiB (`limit`) are kept."""

    exit_code: int
    stdout: str
    stderr: str

    @property
    def text(self) -> str:
        """Both streams, one after the other."""
        return self.stdout + self.stderr

    def checked(self) -> "Result":
        """Return this, if the program ended well.

        Raises:
            UserError: it did not; the text is what it said, and its exit code.
        """
        if self.exit_code:
            raise UserError(f"{self.text.strip()}\nexit code {self.exit_code}".lstrip())
        return self


def find_program(name: str) -> str:
    """Return the path of a program: one of the plugin's dependencies, else the one in PATH.

    Raises:
        UserError: there is none.
    """
    folder = os.environ.get("PLUGIN_DEPENDENCY_DIR", "")
    own = Path(folder) / name
    found = str(own) if folder and "/" not in name and own.is_file() else shutil.which(name)
    if found is None:
        raise UserError(f"there is no program {name} in the plugin's dependencies or in PATH")
    return found


async def run_command(  # noqa: PLR0913  # a program has that many settings, all optional and named
    command: str | Sequence[str],
    *,
    output: Output = SILENT,
    errors: Output | None = None,
    env: Mapping[str, str] | None = None,
    cwd: str | Path | None = None,
    stdin: bytes = b"",
    clear_colours: bool = True,
    limit: int = _KEPT,
) -> Result:
    """Run a program and wait for its end; text is split as a shell does, without expanding anything.

    It is looked for as `find_program` does. What it writes goes to `output` as it comes, its stderr too unless `errors` is
    given. `env` is added to our own. An exit code other than 0 is no error here: see `Result.checked`.

    Raises:
        UserError: there is no such program, it cannot be started, or the text has an open quote.
    Cancellation: SIGTERM and 0.3 s later SIGKILL to the program and every child in its group; at most 2.3 s.
    """
    process = await _start(_argv(command), env or {}, cwd, feed=bool(stdin))
    kept = bytearray(), bytearray()
    sinks = output, output if errors is None else errors
    try:
        async with trio.open_nursery() as nursery:
            for pipe, buffer, sink in zip(
                (process.stdout, process.stderr), kept, sinks, strict=True
            ):
                assert pipe is not None  # noqa: S101 - asked for above
                nursery.start_soon(_pump, pipe, buffer, sink, limit)
            if process.stdin is not None:
                nursery.start_soon(_feed, process.stdin, stdin)
            await process.wait()
            nursery.cancel_scope.deadline = trio.current_time() + _LEFT_PIPES
    finally:
        with trio.move_on_after(_GRACE + _REAP, shield=True):
            await _end(process)
    stdout, stderr = (_text(buffer, clear_colours=clear_colours) for buffer in kept)
    return Result(exit_code=process.returncode or 0, stdout=stdout, stderr=stderr)


async def _start(
    argv: list[str], env: Mapping[str, str], cwd: str | Path | None, *, feed: bool
) -> trio.Process:
    try:
        return await trio.lowlevel.open_process(
            argv,
            stdin=subprocess.PIPE if feed else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, **env},
            cwd=cwd,
            process_group=0,
        )
    except OSError as error:
        raise UserError(f"cannot run {argv[0]}: {error.strerror}") from error


def _argv(command: str | Sequence[str]) -> list[str]:
    try:
        argv = shlex.split(command) if isinstance(command, str) else list(command)
    except ValueError as error:
        raise UserError(f"cannot read the command: {error}") from error
    if not argv:
        raise UserError("there is no command to run")
    return [find_program(argv[0]), *argv[1:]]


async def _feed(pipe: trio.abc.SendStream, data: bytes) -> None:
    async with pipe:
        with suppress(trio.BrokenResourceError):  # it needs no more
            await pipe.send_all(data)


async def _pump(
    pipe: trio.abc.ReceiveStream, buffer: bytearray, output: Output, limit: int
) -> None:
    async with pipe:
        async for data in pipe:
            buffer += data[: max(limit - len(buffer), 0)]
            await output.write(bytes(data))


async def _end(process: trio.Process) -> None:
    """End what is left of the group; the process itself was started by us, so its number is still its own."""
    if process.returncode is None:
        _kill(process.pid, signal.SIGTERM)
        with trio.move_on_after(_GRACE):
            await process.wait()
    _kill(process.pid, signal.SIGKILL)
    await process.wait()


def _kill(group: int, number: signal.Signals) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)


def _text(data: bytearray, *, clear_colours: bool) -> str:
    clean = _COLOURS.sub(b"", data) if clear_colours else bytes(data)
    return clean.decode(errors="replace")
