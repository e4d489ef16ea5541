"""The calling side: a connection to one address, and calls over it."""

import socket
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, closing

import trio

from botkube.wire.errors import CallError
from botkube.wire.transport.connection import Connection
from botkube.wire.transport.headers import check_answer, check_status, request_headers
from botkube.wire.transport.primitives import frame
from botkube.wire.transport.sockets import SocketTransport
from botkube.wire.transport.streams import Stream


class Call:
    """One call on its way: `send` once, then `receive` until it returns None. Use by one task."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._answered = self._ended = False

    async def send(self, request: bytes) -> None:
        """Send the request and end the sending side.

        Raises:
            CallError: the peer refused the call or is gone.
        """
        try:
            with self._stream.scope:
                await self._stream.send_data(frame(request), end=True)
        except CallError as error:
            self._raise_better(error)
            raise

    async def receive(self) -> bytes | None:
        """The next message, or None when the call has ended with status OK.

        Raises:
            CallError: any other end.
        """
        await trio.lowlevel.checkpoint()
        if self._answered and (message := self._stream.buffer.take_message()) is not None:
            return message  # the busy case: no cancel scope needed
        if self._ended:
            return None
        try:
            with self._stream.scope:
                return await self._receive()
        except CallError as error:
            self._raise_better(error)
            raise

    def close(self) -> None:
        """Forget the call; the peer is told to stop if it has not ended."""
        self._stream.close()

    async def _receive(self) -> bytes | None:
        stream = self._stream
        if not self._answered:
            self._ended = check_answer(await stream.receive_headers())
            self._answered = True
        message = None if self._ended else await stream.buffer.read_message()
        if message is None and not self._ended:
            check_status(await stream.receive_trailers())
            self._ended = True
        return message

    def _raise_better(self, error: CallError) -> None:
        if error.status == "UNAVAILABLE":  # a status that came before the reset says more
            if self._stream.headers:
                check_answer(self._stream.headers)
            if self._stream.trailers:
                check_status(self._stream.trailers)


class Channel:
    """Connections to one address: opened by the first call and again by the first call after a loss."""

    def __init__(self, network: str, address: str, nursery: trio.Nursery, max_message: int) -> None:
        self._network = network
        self._address = address
        self._nursery = nursery
        self._max_message = max_message
        self._dialing = trio.Lock()
        self._connection: Connection | None = None

    async def unary(self, path: str, request: bytes) -> bytes:
        """Call a method with one answer, within the surrounding deadline, which the peer is told.

        Raises:
            CallError: the call ended with another status than OK.
        Cancellation: tells the peer.
        """
        deadline = trio.current_effective_deadline()
        with closing(await self.open(path, request, deadline)) as call:
            reply = await call.receive()
            if reply is None:
                raise CallError("INTERNAL", "the peer answered without a message")
            if await call.receive() is not None:
                raise CallError("INTERNAL", "the peer answered with several messages")
            return reply

    async def open(self, path: str, request: bytes, deadline: float) -> Call:
        """Begin a call with one request; the peer is told of the deadline. Whoever gets it closes it.

        Raises:
            CallError: the call could not be made.
        """
        connection = await self.connect()
        headers = request_headers(path, deadline - trio.current_time())
        call = Call(await connection.open_stream(headers))
        try:
            await call.send(request)
        except BaseException:
            call.close()
            raise
        return call

    async def connect(self) -> Connection:
        """The living connection, made if there is none.

        Raises:
            CallError: nobody answers at the address.
        """
        connection = self._connection
        if connection is not None and not connection.going_away:
            return connection
        async with self._dialing:
            if self._connection is None or self._connection.going_away:
                self._connection = self._made(await dial(self._network, self._address))
            return self._connection

    def _made(self, sock: socket.socket) -> Connection:
        connection = Connection(max_message=self._max_message)
        transport = SocketTransport(sock, connection)
        self._nursery.start_soon(transport.run, name=f"connection:{self._address}")
        return connection


async def dial(network: str, address: str) -> socket.socket:
    """A connected socket.

    Raises:
        CallError: nobody answers at the address.
    """
    try:
        return await _connect_tcp(address) if network == "tcp" else _connect_unix(address)
    except OSError as error:
        raise CallError("UNAVAILABLE", f"cannot connect: {error}") from error


@asynccontextmanager
async def open_channel(network: str, address: str, *, max_message: int) -> AsyncGenerator[Channel]:
    """A channel whose connections live in this block. The body's exceptions come out bare, not in a group.

    Raises:
        CallError: nobody answers at the address.
    """
    failure: Exception | None = None
    async with trio.open_nursery() as nursery:
        channel = Channel(network, address, nursery, max_message)
        try:
            await channel.connect()
            yield channel
        except Exception as error:
            failure = error
        nursery.cancel_scope.cancel(reason="the channel is closed")
    if failure is not None:
        raise failure


async def _connect_tcp(address: str) -> socket.socket:
    host, _, port = address.rpartition(":")
    stream = await trio.open_tcp_stream(host.strip("[]"), int(port))
    sock = socket.socket(fileno=stream.socket.detach())
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return sock


def _connect_unix(path: str) -> socket.socket:
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_CLOEXEC)
    try:
        sock.settimeout(0)
        sock.connect(path)  # at once on AF_UNIX; an error if the backlog is full
    except OSError:
        sock.close()
        raise
    return sock
