"""Starts a plugin process as a fork of a warm parent; the warm parent itself is somebody else's.

The child is ours from its first moment, and runs nothing before it has our word: if anything goes wrong on
the way, the cancellation of the caller too, it leaves without a trace and `Children` reaps it.
"""

import os
import socket
from array import array
from contextlib import ExitStack, suppress

import trio

from botkube.plugins.children import Children
from botkube.plugins.env import without_loader
from botkube.plugins.spawn import Command, Spawned
from botkube.runtime.forkorder import GO, Order, decode_pid, encode_order
from botkube.runtime.override import override

_NAME = "botkube"
_WORDS = 3  # `plugin serve NAME`, at the end of the command line of an own program
_LONGEST_ANSWER = 128


class ForkFailed(Exception):
    """There is no process; the text says why."""


class Forked(Spawned):
    """A child of ours that somebody else started; owns the three descriptors."""

    def __init__(self, pid: int, pidfd: int, stdout: int, stderr: int) -> None:
        self.pid = pid
        self.stdout: trio.abc.ReceiveStream | None = trio.lowlevel.FdStream(stdout)
        self.stderr: trio.abc.ReceiveStream | None = trio.lowlevel.FdStream(stderr)
        self._pidfd = pidfd

    @override
    async def wait(self) -> int:
        """Wait for its end and reap it, once; the exit code, a signal's negative."""
        try:
            await trio.lowlevel.wait_readable(self._pidfd)
            found = os.waitid(os.P_PIDFD, self._pidfd, os.WEXITED)  # noqa: ASYNC222 - it has ended
        finally:
            os.close(self._pidfd)
        assert found is not None  # noqa: S101 - for the type checker: only WNOHANG gives None
        return found.si_status if found.si_code == os.CLD_EXITED else -found.si_status


async def fork(control: trio.socket.SocketType, command: Command, children: Children) -> Spawned:
    """Have the warm parent behind `control` fork a child that is what `command` says.

    Raises: ForkFailed if it gave none.
    Cancellation: at once.
    """
    try:
        packet = encode_order(_order(command))
        with children.spawning(), ExitStack() as kept:
            stdout, stderr, line = await _send(control, packet, kept)
            said = await trio.socket.from_stdlib_socket(line).recv(_LONGEST_ANSWER)
            pid, pidfd = _adopt(said)
            kept.pop_all()
            process = children.keep(Forked(pid, pidfd, stdout, stderr))
            with line, suppress(OSError):  # it may have been killed already: whoever waits will see
                line.send(GO)
            return process
    except (OSError, ValueError) as error:
        raise ForkFailed(str(error) or type(error).__name__) from error


def _order(command: Command) -> Order:
    words = (_NAME, *command.argv[-_WORDS:])
    environ = without_loader(command.env)
    return Order(
        argv=tuple(os.fsencode(word) for word in words),
        environ=tuple(os.fsencode(f"{name}={value}") for name, value in environ.items()),
        parent=os.getpid(),
    )


async def _send(
    control: trio.socket.SocketType, packet: bytes, kept: ExitStack
) -> tuple[int, int, socket.socket]:
    """Send an order with the far ends of what it needs; gives the near ends, which `kept` closes."""
    with ExitStack() as given:
        stdout, far_stdout = _pipe(kept, given)
        stderr, far_stderr = _pipe(kept, given)
        line, far_line = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        kept.enter_context(line)
        given.enter_context(far_line)
        far_ends = array("i", (far_stdout, far_stderr, far_line.fileno()))
        await control.sendmsg([packet], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, far_ends)])
    return stdout, stderr, line


def _pipe(kept: ExitStack, given: ExitStack) -> tuple[int, int]:
    near, far = os.pipe()
    kept.callback(os.close, near)
    given.callback(os.close, far)
    return near, far


def _adopt(said: bytes) -> tuple[int, int]:
    """Make sure that the process named is a child of ours.

    Raises: ValueError, OSError if it is not.
    """
    pid = decode_pid(said)
    pidfd = os.pidfd_open(pid)
    try:
        os.waitid(os.P_PIDFD, pidfd, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except OSError:
        os.close(pidfd)
        raise
    return pid, pidfd
