"""Starts a plugin process: in a group of its own, its output on pipes, nothing of ours inherited.

PR_SET_PDEATHSIG is not used: Trio starts processes from a worker thread, and the signal would come when that
thread retires.
"""

import errno
import os
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Protocol, TypeAlias

import msgspec
import trio

from botkube.plugins.catalog import own_program
from botkube.plugins.confine import SANDBOX, Confinement, encode_order
from botkube.plugins.env import loader_variables
from botkube.plugins.errors import PluginFailed, PluginUnusable
from botkube.plugins.limits import Limits
from botkube.plugins.processes import MARK

_CANNOT_START = (FileNotFoundError, PermissionError, NotADirectoryError)
_TRIAL = 10.0


class Command(msgspec.Struct, frozen=True, kw_only=True):
    """What to start, with the whole environment of the process, and what it gives up before it runs."""

    argv: tuple[str, ...]
    env: Mapping[str, str]
    grace: float = 2.0  # for each rung of the stop ladder
    limits: Limits = Limits()
    confinement: Confinement | None = None


class Spawned(Protocol):
    """A child process of ours; until `wait` has returned its pid is given to no other process."""

    pid: int
    stdout: trio.abc.ReceiveStream | None
    stderr: trio.abc.ReceiveStream | None

    async def wait(self) -> int:
        """Wait for its end and reap it; the exit code, a signal's negative."""
        ...


Spawn: TypeAlias = Callable[[Command], Awaitable[Spawned]]


async def spawn_by_exec(command: Command) -> Spawned:
    """Start a program; a confined one through a launcher, which is this program and becomes that one.

    Raises: PluginUnusable if it is no program this machine can start; PluginFailed if it cannot start now.
    """
    try:
        with _launcher(command) as (argv, env, stdin):
            return await _open(argv, env, stdin)
    except OSError as error:
        text = f"cannot start {command.argv[0]}: {error.strerror}"
        for_good = isinstance(error, _CANNOT_START) or error.errno == errno.ENOEXEC
        raise (PluginUnusable if for_good else PluginFailed)(text) from error


async def spawn_with_stdin(stdin: int, command: Command) -> Spawned:
    """Start a program of our own that is spoken to through its stdin.

    Raises: OSError.
    """
    return await _open(command.argv, command.env, stdin)


async def _open(argv: tuple[str, ...], env: Mapping[str, str], stdin: int) -> Spawned:
    return await trio.lowlevel.open_process(
        list(argv),
        env=dict(env),
        stdin=stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        process_group=0,
    )


async def try_confinement(confinement: Confinement) -> str:
    """Confine a process that then ends, and give what went wrong, "" if nothing did.

    Cancellation: ends it.
    """
    with trio.move_on_after(_TRIAL):
        done = await trio.run_process(
            list(launcher_command()),
            env=loader_variables(os.environ, own_binary=True),
            stdin=encode_order((), {}, confinement),
            capture_stdout=True,
            capture_stderr=True,
            check=False,
        )
        said = done.stderr.decode(errors="replace").strip().rpartition(SANDBOX)[2]
        return (said or f"exit code {done.returncode}") if done.returncode else ""
    return f"no answer within {_TRIAL:g} s"


@contextmanager
def _launcher(command: Command) -> Iterator[tuple[tuple[str, ...], Mapping[str, str], int]]:
    if command.confinement is None:
        yield command.argv, command.env, subprocess.DEVNULL
        return
    # Not in an environment variable: those are short, and to be seen by others.
    order = os.memfd_create("confinement", os.MFD_CLOEXEC)
    try:
        with open(order, "wb", closefd=False) as file:
            file.write(encode_order(command.argv, command.env, command.confinement))
        os.lseek(order, 0, os.SEEK_SET)
        yield launcher_command(), _launcher_environment(command), order
    finally:
        os.close(order)


def launcher_command() -> tuple[str, ...]:
    """Give the command line of the launcher: it reads what to do on its stdin."""
    return (*own_program(frozen=getattr(sys, "frozen", False)), "plugin", "confine")


def _launcher_environment(command: Command) -> dict[str, str]:
    # From its first moment it carries the name by which a process of a plugin is found.
    mark = {name: value for name, value in command.env.items() if name == MARK}
    return loader_variables(os.environ, own_binary=True) | mark
