"""The server's end of a WebSocket (RFC 6455) on wsproto: a reader and a writer in one nursery.

The reader answers pings and notices the end also while the writer is stuck with a slow client.
"""

from collections.abc import Awaitable, Callable
from typing import Final

import trio
from h11 import ProtocolError as H11Error
from wsproto import ConnectionType, WSConnection
from wsproto.events import (
    AcceptConnection,
    CloseConnection,
    Event,
    Ping,
    TextMessage,
)
from wsproto.events import (
    Request as Opening,
)
from wsproto.utilities import LocalProtocolError, RemoteProtocolError

from botkube.web.http import HttpError, Request

SEND: Final = 20.0  # seconds for a client to take a message
FAREWELL: Final = 1.0  # seconds for the close frame at the end
PIECE: Final = 2**16
GOING_AWAY: Final = 1001


class Socket:
    """An open WebSocket."""

    def __init__(self, stream: trio.abc.Stream, protocol: WSConnection) -> None:
        self._stream = stream
        self._protocol = protocol
        self._writing = trio.Lock()
        self._cut = False  # a frame went out in part: nothing can follow it

    async def send(self, *messages: bytes) -> None:
        """Send text messages, in one piece.

        Raises:
            trio.BrokenResourceError: the client is gone, or took longer than the send deadline.
        """
        await self.write(*(TextMessage(data=data.decode()) for data in messages))

    async def write(self, *events: Event) -> None:
        """Send any frames, within the send deadline."""
        async with self._writing:
            try:
                data = b"".join(map(self._protocol.send, events))
            except LocalProtocolError as error:
                raise trio.BrokenResourceError("the WebSocket is closing") from error
            self._cut = True
            with trio.move_on_after(SEND) as scope:
                await self._stream.send_all(data)
                self._cut = False
            if scope.cancelled_caught:
                raise trio.BrokenResourceError("the client does not read")

    async def say_goodbye(self) -> None:
        """Send a close frame, unless the client could not make sense of it."""
        if self._cut:
            return
        try:
            await self.write(CloseConnection(code=GOING_AWAY))
        except (trio.BrokenResourceError, trio.ClosedResourceError):
            return

    async def read(self) -> None:
        """Answer pings until the client is gone; what else it says is ignored."""
        while data := await self._stream.receive_some(PIECE):
            self._protocol.receive_data(bytes(data))
            for event in self._protocol.events():
                if isinstance(event, Ping):
                    await self.write(event.response())
                elif isinstance(event, CloseConnection):
                    await self.write(event.response())
                    return


def open_protocol(request: Request) -> WSConnection:
    """The protocol of a WebSocket that a request asks for.

    Raises:
        HttpError: 400, the request is no WebSocket handshake.
    """
    protocol = WSConnection(ConnectionType.SERVER)
    headers = [(name.encode(), value.encode("latin-1")) for name, value in request.headers.items()]
    try:
        protocol.initiate_upgrade_connection(headers, request.path)
        if any(isinstance(event, Opening) for event in protocol.events()):
            return protocol
    except (RemoteProtocolError, H11Error) as error:
        raise HttpError(400, f"this is no WebSocket handshake: {error}") from error
    raise HttpError(400, "this is no WebSocket handshake")


async def run_websocket(
    stream: trio.abc.Stream, protocol: WSConnection, session: Callable[[Socket], Awaitable[None]]
) -> None:
    """Accept the upgrade and run `session` until it returns or the client leaves.

    Raises:
        trio.BrokenResourceError: the client left in the middle.
    Cancellation: the client is told with a close frame, for at most a second; at once when it does
        not read.
    """
    socket = Socket(stream, protocol)
    await socket.write(AcceptConnection())
    try:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(_read_to_the_end, socket, nursery.cancel_scope)
            await session(socket)
            nursery.cancel_scope.cancel()
    except* (trio.BrokenResourceError, RemoteProtocolError):
        pass
    finally:
        with trio.move_on_after(FAREWELL, shield=True):
            await socket.say_goodbye()


async def _read_to_the_end(socket: Socket, scope: trio.CancelScope) -> None:
    await socket.read()
    scope.cancel()
