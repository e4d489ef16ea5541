"""The listeners: accept, count, serve. A bounded number of connections; the surplus is told so."""

import logging
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager, suppress
from functools import partial
from typing import Final

import trio

from botkube.web.budget import Budget
from botkube.web.connection import Connection
from botkube.web.http import Handler

log = logging.getLogger(__name__)

CONNECTIONS: Final = 4096  # open at once on one listener
FULL: Final = b"HTTP/1.1 503 Service Unavailable\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"


async def bind(host: str, port: int) -> Sequence[trio.SocketListener]:
    """Open listening sockets; port 0 picks one.

    Raises:
        OSError: the address is taken or not ours.
    """
    return await trio.open_tcp_listeners(port, host=host or None)


@asynccontextmanager
async def serving(
    listeners: Sequence[trio.SocketListener], handler: Handler
) -> AsyncGenerator[None]:
    """Serve while the block runs; connections still open at its end are dropped."""
    open_now = 0
    budget = Budget()

    async def serve(stream: trio.SocketStream) -> None:
        nonlocal open_now
        if open_now >= CONNECTIONS:
            await _turn_away(stream)
            return
        open_now += 1
        try:
            await Connection(stream, handler, budget).run()
        finally:
            open_now -= 1

    async with trio.open_nursery() as nursery:
        await nursery.start(partial(trio.serve_listeners, serve, list(listeners)))
        yield
        nursery.cancel_scope.cancel()


async def _turn_away(stream: trio.SocketStream) -> None:
    log.warning("more than %d connections: one was turned away", CONNECTIONS)
    with trio.move_on_after(1):
        with suppress(trio.BrokenResourceError):
            await stream.send_all(FULL)
    await trio.aclose_forcefully(stream)
