"""A fork server as a subprocess of the test, and what its children say of themselves."""

import os
import platform
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import msgspec

from botkube.runtime.forkorder import GO, READY, Order, decode_pid, encode_order
from botkube.runtime.procface import room_argument, with_room
from botkube.runtime.subreaper import become_subreaper
from tests.fakes.processes import parent_of

ROOT = Path(__file__).parents[2]
SERVER = """
import socket, sys
from botkube.runtime.forkserver import take_order
{before}
order = take_order(socket.socket(fileno=0))
{child}
"""
LATE = 60.0
# seccomp(2) for the rest of a process's life: prctl(PR_SET_CHILD_SUBREAPER) fails with EPERM.
FORBID_SUBREAPER = """
import ctypes, struct
lines = [(0x20, 0, 0, 0), (0x15, 0, 3, {prctl}), (0x20, 0, 0, 16), (0x15, 0, 1, 36), (6, 0, 0, 0x50001), (6, 0, 0, 0x7FFF0000)]
code = ctypes.create_string_buffer(b"".join(struct.pack("=HBBI", *line) for line in lines))
program = struct.pack("=HxxxxxxQ", len(lines), ctypes.addressof(code))
library = ctypes.CDLL(None)
assert library.prctl(38, 1, 0, 0, 0) == library.prctl(22, 2, program) == 0
""".replace("{prctl}", {"x86_64": "157", "aarch64": "167"}[platform.machine()])


@contextmanager
def subreaper() -> Iterator[None]:
    """Orphans become children of the test while the block runs."""
    become_subreaper()
    try:
        yield
    finally:
        become_subreaper(on=False)


class Fork(msgspec.Struct, frozen=True, kw_only=True):
    """A child that was ordered, and the near ends of its descriptors."""

    pid: int
    stdout: int
    stderr: int
    line: socket.socket

    def go(self) -> None:
        """Give it the word to go on."""
        self.line.send(GO)

    def end(self) -> tuple[int, str, str]:
        """Wait for its end: the code (a signal's negative), and what it printed."""
        self.line.close()
        printed, complaints = _read_all(self.stdout), _read_all(self.stderr)
        _, status = os.waitpid(self.pid, 0)
        return os.waitstatus_to_exitcode(status), printed, complaints


class Server:
    """A running fork server; `process` is it, `control` our end of its socket."""

    def __init__(self, child: str, before: str = "") -> None:
        self.control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.control.settimeout(LATE)
        environ = {**os.environ, "PYTHONPATH": str(ROOT), "SECRET": "of the server"}
        with theirs:
            self.process = subprocess.Popen(  # noqa: TID251 - what is tested
                [
                    sys.executable,
                    "-c",
                    SERVER.format(child=child, before=before),
                    room_argument(64),
                ],
                stdin=theirs.fileno(),
                stderr=subprocess.PIPE,
                env=with_room(environ, 16384),
            )
        assert self.control.recv(64) == READY

    def order(self, *environ: bytes, parent: int | None = None) -> Fork:
        """Order a child."""
        order = Order(
            argv=(b"botkube", b"plugin", b"serve", b"x"),
            environ=environ,
            parent=os.getpid() if parent is None else parent,
        )
        return self.send(encode_order(order))

    def send(self, packet: bytes) -> Fork:
        """Send a packet as an order.

        Raises: ValueError if the answer is no number of a process.
        """
        (stdout, far_stdout), (stderr, far_stderr) = os.pipe(), os.pipe()
        line, far_line = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        line.settimeout(LATE)
        with far_line:
            socket.send_fds(self.control, [packet], [far_stdout, far_stderr, far_line.fileno()])
        os.close(far_stdout)
        os.close(far_stderr)
        try:
            pid = decode_pid(line.recv(128))
        except ValueError:
            for descriptor in (stdout, stderr, line.detach()):
                os.close(descriptor)
            raise
        return Fork(pid=pid, stdout=stdout, stderr=stderr, line=line)

    def close(self) -> tuple[int, str]:
        """Hang up and wait for its end: its exit code and what it printed on stderr."""
        self.control.close()
        _, printed = self.process.communicate(timeout=LATE)
        return self.process.returncode, printed.decode()


@contextmanager
def serving(child: str, before: str = "") -> Iterator[Server]:
    """A server whose children run this code."""
    with subreaper():
        server = Server(child, before)
        try:
            yield server
        finally:
            with suppress(ProcessLookupError):
                server.process.kill()
            server.close()


def own_children() -> list[int]:
    """Our child processes, zombies too."""
    pids = [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdecimal()]
    return [pid for pid in pids if parent_of(pid) == os.getpid()]


def _read_all(descriptor: int) -> str:
    with open(descriptor, encoding="utf-8") as file:
        return file.read()
