"""The answering side: grpclib's Server on Trio, on a listening socket."""

import logging
import socket
from collections.abc import Mapping

import trio
from grpclib.const import Handler as Method
from grpclib.server import Server

from botkube.wire.transport.answering import Answerer
from botkube.wire.transport.connection import Protocol
from botkube.wire.transport.sockets import SocketTransport

log = logging.getLogger(__name__)

_BACKLOG = 16  # one host connects, and again after a loss
_ACCEPT_PAUSE = 0.1  # until file descriptors are free again
_FLUSH_TIME = 0.5


class Listener(Server):
    """Serves the methods of a `__mapping__` on a socket.

    `run` takes the place of grpclib's start and close, which need an asyncio loop.
    """

    def __init__(
        self, sock: socket.socket, mapping: Mapping[str, Method], *, max_message: int
    ) -> None:
        sock.listen(_BACKLOG)
        sock.settimeout(0)
        self._sock = sock
        self._mapping = dict(mapping)
        self._max_message = max_message
        self._transports: set[SocketTransport] = set()

    async def run(self, *, until: trio.Event) -> None:
        """Serve until the event; then cut the calls that are left, but flush what has been answered.

        Cancellation: cuts all calls at once.
        """
        async with trio.open_nursery() as connections:
            async with trio.open_nursery() as accepting:
                accepting.start_soon(self._accept_all, connections)
                await until.wait()
                accepting.cancel_scope.cancel(reason="stopped")
            connections.cancel_scope.deadline = trio.current_time() + _FLUSH_TIME
            for transport in self._transports:
                transport.close()

    async def _accept_all(self, connections: trio.Nursery) -> None:
        while True:
            await trio.lowlevel.wait_readable(self._sock)
            try:
                sock, _ = self._sock.accept()
            except BlockingIOError:
                continue
            except OSError:
                log.warning("cannot accept a connection", exc_info=True)
                await trio.sleep(_ACCEPT_PAUSE)
                continue
            connections.start_soon(self._serve, sock, name="connection")

    async def _serve(self, sock: socket.socket) -> None:
        async with trio.open_nursery() as calls:
            answerer = Answerer(self._mapping, calls)
            protocol = Protocol(answerer, client_side=False, max_message=self._max_message)
            transport = SocketTransport(sock, protocol)
            self._transports.add(transport)
            try:
                await transport.run()
            finally:
                self._transports.discard(transport)
            calls.cancel_scope.cancel(reason="the connection is gone")
