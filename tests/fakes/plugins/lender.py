"""A plugin's service without a process: lent to processes that start fast and only print where it is."""

import socket
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import trio
import trio.testing

from botkube.plugins.catalog import Program
from botkube.wire.answers import common_methods
from botkube.wire.handshake import format_handshake
from botkube.wire.transport.listener import Listener


@asynccontextmanager
async def open_lender(folder: Path, *, without: str = "nothing") -> AsyncGenerator[Program]:
    """Serve health, stdio and a Shutdown that changes nothing; gives the program of a borrower.

    Methods whose path contains `without` are left out.
    """
    path = folder / "lender.sock"
    offered = common_methods(stop=_ignore, arm_exit=_ignore, stdio=None)
    methods = {name: method for name, method in offered.items() if without not in name}
    with socket.socket(socket.AF_UNIX) as sock:
        sock.bind(str(path))
        async with trio.open_nursery() as nursery:
            listener = Listener(sock, methods, max_message=2**20)
            nursery.start_soon(lambda: listener.run(until=trio.Event()))
            await trio.testing.wait_all_tasks_blocked()
            yield borrower(path)
            nursery.cancel_scope.cancel()
    path.unlink()


def borrower(path: Path) -> Program:
    line = f"echo '{format_handshake(str(path))}'; exec sleep 300"
    return Program(argv=("/bin/sh", "-c", line))


def _ignore() -> None:
    return
