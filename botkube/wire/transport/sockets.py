"""An asyncio.Transport without a loop: a non-blocking socket that feeds one protocol.

Writes at once what it can, without a task switch. `run` owns the socket: it stops when either side closes, when
cancelled, or on a socket error, and closes it.
"""

import asyncio
import socket
from collections import deque

import trio

from botkube.runtime.override import override
from botkube.wire.transport.primitives import Event

_HIGH_WATER = 64 * 1024
_LOW_WATER = 16 * 1024
_MAX_PENDING = (
    4 * 2**20
)  # only a peer that floods us with frames to acknowledge and reads nothing gets there
_READ_SIZE = 64 * 1024


class Fed(asyncio.Protocol):
    """A protocol that may leave a part of what it was given for another turn."""

    def unread(self) -> bool:
        """Whether it did: it is given nothing more before it has had its turns."""
        return False


class SocketTransport(asyncio.Transport):
    """Writes at once what the socket takes and leaves the rest to a task.

    The protocol is asked to pause before much has gathered; one that does not loses its connection.
    """

    def __init__(self, sock: socket.socket, protocol: Fed) -> None:
        super().__init__()
        sock.settimeout(0)
        self._sock = sock
        self._protocol = protocol
        self._pending: deque[memoryview] = deque()
        self._size = 0
        self._paused = False
        self._closing = False
        self._wake = Event()
        self._scope = trio.CancelScope()
        protocol.connection_made(self)

    @override
    def is_closing(self) -> bool:
        return self._closing

    @override
    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Send now or soon; dropped once closing."""
        if self._closing or not data:
            return
        sent = 0 if self._pending else self._send(data)
        if sent < len(data):
            self._pending.append(memoryview(data)[sent:])
            self._size += len(data) - sent
            self._wake.set()
            self._limit()

    @override
    def close(self) -> None:
        """Take no more writes; `run` ends when what is pending has been sent."""
        self._closing = True
        self._wake.set()

    async def run(self) -> None:
        """Move bytes until the connection ends, then close the socket.

        Cancellation: closes the socket; what is pending is lost.
        """
        try:
            with self._scope:
                async with trio.open_nursery() as nursery:
                    nursery.start_soon(self._read)
                    await self._write_pending()
        finally:
            self._closing = True
            try:
                self._protocol.connection_lost(None)
            finally:
                self._sock.close()

    def _send(self, data: bytes | bytearray | memoryview) -> int:
        try:
            return self._sock.send(data)
        except BlockingIOError:
            return 0
        except OSError:
            self._abort()
            return len(data)

    def _abort(self) -> None:
        self._closing = True
        self._pending.clear()
        self._scope.cancel(reason="the connection is gone")

    def _limit(self) -> None:
        if self._size > _MAX_PENDING:
            self._abort()
        elif self._size > _HIGH_WATER and not self._paused:
            self._paused = True
            self._protocol.pause_writing()

    def _resume_if_drained(self) -> None:
        if self._size <= _LOW_WATER and self._paused:
            self._paused = False
            self._protocol.resume_writing()

    async def _write_pending(self) -> None:
        while self._pending or not self._closing:
            if not self._pending:
                self._wake.clear()
                await self._wake.wait()
                continue
            await trio.lowlevel.wait_writable(self._sock)
            self._send_pending()
            self._resume_if_drained()
        self._scope.cancel(reason="closed")

    def _send_pending(self) -> None:
        while self._pending:
            head = self._pending[0]
            sent = self._send(head)
            self._size -= sent
            if sent < len(head):
                self._pending[0] = head[sent:]
                return
            if self._pending:  # an abort has emptied it
                self._pending.popleft()

    async def _read(self) -> None:
        while True:
            try:
                data = self._sock.recv(_READ_SIZE)
            except BlockingIOError:
                await trio.lowlevel.wait_readable(self._sock)
                continue
            except OSError:
                data = b""
            if not data:
                self._abort()
                return
            await self._feed(data)

    async def _feed(self, data: bytes) -> None:
        """Others have their turn after each of the peer's, however much it sends."""
        while not self._closing:
            self._protocol.data_received(data)
            await trio.lowlevel.checkpoint()
            if not self._protocol.unread():
                return
            data = b""
        await trio.lowlevel.checkpoint()
