"""The other end of a connection, scripted frame by frame: h2 of its own, or bytes as they come."""

import socket
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

import h2.events
import trio
from h2.config import H2Configuration
from h2.connection import H2Connection

from botkube.wire.client import PluginClient, open_client
from botkube.wire.handshake import Handshake
from botkube.wire.transport.h2link import PlainEncoder

E = TypeVar("E", bound=h2.events.Event)
Headers = list[tuple[str, str] | tuple[bytes, bytes]]

OK_HEADERS: Headers = [(":status", "200"), ("content-type", "application/grpc")]
OK_TRAILERS: Headers = [("grpc-status", "0")]


def framed(message: bytes, *, flag: int = 0) -> bytes:
    """A gRPC message with its prefix."""
    return bytes([flag]) + len(message).to_bytes(4, "big") + message


def request_headers(path: str) -> Headers:
    """What any gRPC client sends."""
    return [
        (":method", "POST"),
        (":scheme", "http"),
        (":path", path),
        (":authority", "localhost"),
        ("te", "trailers"),
        ("content-type", "application/grpc"),
    ]


def header_map(headers: Iterable[tuple[object, object]] | None) -> dict[str, str]:
    """Received headers by name."""
    return {str(name): str(value) for name, value in headers or ()}


class Peer:
    """One end of an HTTP/2 connection that does only what it is told."""

    def __init__(self, stream: trio.abc.Stream, *, client_side: bool) -> None:
        config = H2Configuration(
            client_side=client_side,
            header_encoding="latin-1",
            validate_inbound_headers=False,
            validate_outbound_headers=False,
            normalize_outbound_headers=False,
        )
        self.h2 = H2Connection(config)
        self.h2.encoder = PlainEncoder()  # the usual one takes half a second for 100 kB
        self.h2.decoder.max_header_list_size = 2**20
        self.h2.initiate_connection()
        self._stream = stream
        self._events: list[h2.events.Event] = []

    async def flush(self, extra: bytes = b"") -> None:
        """Send what h2 has prepared, and more bytes behind it, in one piece."""
        await self._stream.send_all(self.h2.data_to_send() + extra)

    async def send_raw(self, data: bytes) -> None:
        """Send bytes as they are."""
        await self._stream.send_all(data)

    async def event(self, kind: type[E]) -> E:
        """The next event of a kind; others before it are dropped."""
        while True:
            while self._events:
                event = self._events.pop(0)
                if isinstance(event, kind):
                    return event
            self._events += self.h2.receive_data(await self._some())
            await self.flush()

    async def incoming(self) -> int:
        """The stream of the next request, when all of it is here."""
        stream_id = (await self.event(h2.events.StreamEnded)).stream_id
        assert stream_id is not None
        return stream_id

    async def answer(self, stream_id: int, message: bytes, trailers: Headers) -> None:
        """A whole answer in one piece."""
        self.h2.send_headers(stream_id, OK_HEADERS)
        self.h2.send_data(stream_id, framed(message))
        self.h2.send_headers(stream_id, trailers, end_stream=True)
        await self.flush()

    async def request(self, path: str, message: bytes = b"", extra: Headers | None = None) -> int:
        """Send a unary request; its stream id."""
        stream_id = self.h2.get_next_available_stream_id()
        self.h2.send_headers(stream_id, request_headers(path) + (extra or []))
        self.h2.send_data(stream_id, framed(message), end_stream=True)
        await self.flush()
        return stream_id

    async def closed(self) -> None:
        """Wait for the other end to close."""
        while await self._stream.receive_some():
            pass

    async def aclose(self) -> None:
        """Close this end."""
        await self._stream.aclose()

    async def _some(self) -> bytes:
        data = bytes(await self._stream.receive_some())
        assert data, "the other end has closed"
        return data


Script = Callable[[Peer], Awaitable[None]]


@asynccontextmanager
async def client_of_peers(
    *scripts: Script, max_response: int = 64 * 2**20
) -> AsyncGenerator[PluginClient]:
    """A client of a server that plays the scripts, one for each connection made to it."""
    with TemporaryDirectory() as folder:
        path = f"{folder}/peer"
        with trio.socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
            await listener.bind(path)
            listener.listen()
            async with trio.open_nursery() as nursery:
                nursery.start_soon(_play, listener, scripts)
                handshake = Handshake(network="unix", address=path)
                async with open_client(handshake, max_response=max_response) as client:
                    yield client
                nursery.cancel_scope.cancel()


@asynccontextmanager
async def peer_of(handshake: Handshake) -> AsyncGenerator[Peer]:
    """A scripted client connected to a plugin."""
    async with await trio.open_unix_socket(handshake.address) as stream:
        peer = Peer(stream, client_side=True)
        await peer.flush()
        yield peer


async def raw_connection(handshake: Handshake) -> trio.SocketStream:
    """A connection to a plugin on which nothing has been said."""
    assert Path(handshake.address).is_socket()
    return await trio.open_unix_socket(handshake.address)


async def _play(listener: trio.socket.SocketType, scripts: tuple[Script, ...]) -> None:
    for script in scripts:
        sock, _ = await listener.accept()
        async with trio.SocketStream(sock) as stream:
            peer = Peer(stream, client_side=False)
            await peer.flush()
            await script(peer)
