"""A plugin's service without Python's start-up: lent to processes that only listen, and hand over their socket."""

import socket
import sys
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import trio
from grpclib.const import Handler

from botkube.plugins.catalog import Program
from botkube.runtime.override import override
from botkube.wire.answers import ExecutorAnswers, common_methods
from botkube.wire.messages import ExecuteRequest, ExecuteResponse, Metadata
from botkube.wire.transport.listener import Listener

# The socket has to be the borrower's own: hosts look at who listens.
# Built-in modules only: that starts in half the time.
BORROW = """
import _socket, posix, sys, time
path = posix.environ[b"PLUGIN_UNIX_SOCKET_DIR"] + b"/s"
listener = _socket.socket(_socket.AF_UNIX)
listener.bind(path)
listener.listen()
lender = _socket.socket(_socket.AF_UNIX)
lender.connect(sys.argv[1])
number = listener.fileno().to_bytes(4, sys.byteorder)
lender.sendmsg([b"take"], [(_socket.SOL_SOCKET, _socket.SCM_RIGHTS, number)])
lender.recv(4)
print("1|3|unix|" + path.decode() + "|grpc|", flush=True)
time.sleep(300)
"""


class Listening(socket.socket):
    """A socket on which its owner listens already; to listen again would make it ours."""

    @override
    def listen(self, backlog: int = 0, /) -> None:
        pass


class Echo:
    """An executor that says the command."""

    async def execute(self, request: ExecuteRequest) -> ExecuteResponse:
        await trio.lowlevel.checkpoint()
        return ExecuteResponse(message=request.command.encode())

    async def help(self) -> bytes:
        await trio.lowlevel.checkpoint()
        return b""

    async def metadata(self) -> Metadata:
        await trio.lowlevel.checkpoint()
        return Metadata(version="1", description="says it")


@asynccontextmanager
async def open_lender(folder: Path, *, without: str = "nothing") -> AsyncGenerator[Program]:
    """Serve an executor, health, stdio and a Shutdown that changes nothing; gives the program of a borrower.

    Methods whose path contains `without` are left out.
    """
    path = folder / "lender.sock"
    offered = common_methods(stop=_ignore, arm_exit=_ignore, stdio=None)
    offered = {**offered, **ExecutorAnswers(Echo()).__mapping__()}
    methods = {name: method for name, method in offered.items() if without not in name}
    with trio.socket.socket(socket.AF_UNIX) as sock:
        await sock.bind(str(path))
        sock.listen()
        async with trio.open_nursery() as nursery:
            nursery.start_soon(_lend_to_all, sock, methods, nursery)
            yield Program(argv=(sys.executable, "-I", "-S", "-c", BORROW, str(path)))
            nursery.cancel_scope.cancel()
    path.unlink()


async def _lend_to_all(
    sock: trio.socket.SocketType, methods: Mapping[str, Handler], nursery: trio.Nursery
) -> None:
    while True:
        borrower, _ = await sock.accept()
        nursery.start_soon(_lend, borrower, methods)


async def _lend(borrower: trio.socket.SocketType, methods: Mapping[str, Handler]) -> None:
    """Serve on the socket that a borrower hands over, until it is dead."""
    with borrower:
        data, handed, _, _ = await borrower.recvmsg(4, socket.CMSG_SPACE(4))
        if not data:
            return  # killed before
        with Listening(fileno=int.from_bytes(handed[0][2][:4], sys.byteorder)) as listening:
            async with trio.open_nursery() as nursery:
                listener = Listener(listening, methods, max_message=2**20)
                nursery.start_soon(lambda: listener.run(until=trio.Event()))
                with suppress(ConnectionError):
                    await borrower.send(b"done")
                    await borrower.recv(1)
                nursery.cancel_scope.cancel()


def _ignore() -> None:
    return
