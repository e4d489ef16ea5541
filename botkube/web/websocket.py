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
from botkube.web.sending import PIECE, send_in_pieces

FAREWELL: Final = 1.0  # seconds for the close frame at the end
BATCH: Final = 2**14  # bytes of messages framed, and so copied, at once
BURST: Final = 32  # frames of a client between two checkpoints: they can be tiny
GOING_AWAY: Final = 1001


class Socket:
    """An open WebSocket."""

    def __init__(self, stream: trio.abc.Stream, protocol: WSConnection) -> None:
        self._stream = stream
        self._protocol = protocol
        self._writing = trio.Lock()
        self._cut = False  # a frame went out in part: nothing can follow it

    async def send(self, *messages: bytes) -> None:
        """Send text messages, framed and sent some at a time: a stuck one costs no second copy.

        Raises:
            trio.BrokenResourceError: the client is gone, or no longer reads.
        """
        batch: list[Event] = []
        size = 0
        for data in messages:
            batch.append(TextMessage(data=data.decode()))
            size += len(data)
            if size >= BATCH:
                await self.write(batch)
                batch, size = [], 0
        await self.write(batch)

    async def write(self, events: list[Event]) -> None:
        """Send any frames; empties the list, as it may be long until they are taken.

        Raises:
            trio.BrokenResourceError: the client is gone, or no longer reads.
        """
        async with self._writing:
            try:
                data = b"".join(map(self._protocol.send, events))
            except LocalProtocolError as error:
                raise trio.BrokenResourceError("the WebSocket is closing") from error
            events.clear()
            self._cut = True
            await send_in_pieces(self._stream, data)
            self._cut = False

    async def say_goodbye(self) -> None:
        """Send a close frame, unless the client could not make sense of it."""
        if self._cut:
            return
        try:
            await self.write([CloseConnection(code=GOING_AWAY)])
        except (trio.BrokenResourceError, trio.ClosedResourceError):
            return

    async def read(self) -> None:
        """Answer pings until the client is gone; what else it says is ignored."""
        while data := await self._stream.receive_some(PIECE):
            self._protocol.receive_data(bytes(data))
            for number, event in enumerate(self._protocol.events()):
                if number % BURST == 0:
                    await trio.lowlevel.checkpoint()
                if isinstance(event, Ping):
                    await self.write([event.response()])
                elif isinstance(event, CloseConnection):
                    await self.write([event.response()])
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
    await socket.write([AcceptConnection()])
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
