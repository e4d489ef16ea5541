"""A connection without a socket: what it writes is kept, its peer is plain h2."""

import asyncio  # noqa: TID251 - the types that grpclib's transport implements
from collections.abc import Callable

from grpclib.protocol import AbstractHandler
from h2.config import H2Configuration
from h2.connection import H2Connection

from botkube.runtime.override import override
from botkube.wire.errors import calls_translated
from botkube.wire.transport.connection import Protocol
from botkube.wire.transport.streams import H2Stream
from tests.fakes.wire.peers import request_headers

HEADERS = [(str(name), str(value)) for name, value in request_headers("/a/B")]


class Wire(asyncio.Transport):
    """A transport that keeps what is written."""

    def __init__(self) -> None:
        super().__init__()
        self.written = b""
        self.closed = False

    @override
    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.written += data

    @override
    def close(self) -> None:
        self.closed = True

    @override
    def is_closing(self) -> bool:
        return self.closed


class Refusing(AbstractHandler):
    """Fails on every request."""

    connection_lost = False

    @override
    def accept(self, stream: object, headers: object, release_stream: object) -> None:
        raise RuntimeError("a fault of ours")

    @override
    def cancel(self, stream: object) -> None:
        pass

    @override
    def close(self) -> None:
        self.connection_lost = True


def connected(*, client_side: bool = True) -> tuple[Protocol, Wire, H2Connection]:
    """A connection, what it writes, and a peer that has said hello."""
    protocol, wire = Protocol(Refusing(), client_side=client_side, max_message=100), Wire()
    protocol.connection_made(wire)
    peer = H2Connection(H2Configuration(client_side=not client_side))
    peer.initiate_connection()
    protocol.data_received(peer.data_to_send())
    return protocol, wire, peer


async def open_stream(protocol: Protocol) -> tuple[H2Stream, Callable[[], None]]:
    """Begin a call."""
    stream = protocol.connection.create_stream()
    with calls_translated():
        return stream, await stream.send_request(HEADERS, _processor=protocol.processor)
