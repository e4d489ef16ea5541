"""Client's side of a WebSocket, by the house's own connections: proxy, own TLS roots, and silence that is noticed.

The one door to trio-websocket for platforms. Knows no frames but the protocol's own, and tries nothing twice.
"""

import socket
import ssl
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Final
from urllib.parse import urlsplit

import h11
import msgspec
import trio
import trio_websocket
from wsproto.utilities import ProtocolError

from botkube.runtime.dial import DialFailed, Stream, dial, place_of, target_of
from botkube.runtime.override import override

LONGEST: Final = 16 << 20  # bytes of a message
LAST_WORDS: Final = 0.2  # seconds for the closing frame to leave: nobody waits for its answer
DEAD: Final = 20  # seconds until the kernel gives up what was sent and not acknowledged
SEND: Final = 10.0  # seconds until what is sent must have left
BROKEN: Final = "the connection broke off"
_SCHEMES: Final = {"ws": "http", "wss": "https"}


class WebSocketLost(Exception):
    """The connection has ended, or never came about; the text says why, and holds no part of the URL's query."""


class PeerSilent(WebSocketLost):
    """Nothing comes from the other side and nothing goes there; it may not know that the connection has ended."""


_LOST: Final = (WebSocketLost, trio_websocket.HandshakeError, ProtocolError, h11.ProtocolError)


class Door(msgspec.Struct, frozen=True, kw_only=True):
    """How servers are reached. `proxy_of`: the proxy for a URL ("": none)."""

    context: ssl.SSLContext
    proxy_of: Callable[[str], str] = lambda _url: ""


class Heartbeat(msgspec.Struct, frozen=True, kw_only=True):
    """How silence is noticed: a ping every `every` seconds, whose pong must come within `within`."""

    every: float = 20.0
    within: float = 10.0


class _Line(trio.abc.Stream):
    """A stream whose end before the handshake is noticed: the library waits for an answer that cannot come any more."""

    def __init__(self, stream: Stream, opening: trio.CancelScope) -> None:
        self._stream = stream
        self._opening = opening

    @override
    async def receive_some(self, max_bytes: int | None = None) -> bytes | bytearray:
        data: bytes | bytearray = b""
        try:
            data = await self._stream.receive_some(max_bytes)
        finally:
            if not data:
                self._opening.cancel(reason="the connection ended")
        return data

    @override
    async def send_all(self, data: bytes | bytearray | memoryview) -> None:
        await self._stream.send_all(data)

    @override
    async def wait_send_all_might_not_block(self) -> None:
        await self._stream.wait_send_all_might_not_block()

    @override
    async def aclose(self) -> None:
        await self._stream.aclose()


class WebSocket:
    """An open connection; made by `converse`."""

    def __init__(self, connection: trio_websocket.WebSocketConnection) -> None:
        self._connection = connection

    async def receive(self) -> str | bytes:
        """Return the next message.

        Raises: WebSocketLost.
        """
        try:
            return await self._connection.get_message()
        except trio_websocket.ConnectionClosed as error:
            raise WebSocketLost(_why(error)) from error

    async def send(self, data: str | bytes) -> None:
        """Send a message; text as text, whose bytes are as good.

        Raises: WebSocketLost; PeerSilent if it has not left within 10 s.
        Cancellation: the message may have been sent in part; the connection is of no use then.
        """
        text = data.decode() if isinstance(data, bytes) else data
        try:
            with trio.fail_after(SEND):
                await self._connection.send_message(text)
        except trio.TooSlowError as error:
            raise PeerSilent("the other side takes nothing") from error
        except trio_websocket.ConnectionClosed as error:
            raise WebSocketLost(_why(error)) from error

    async def beat(self, heartbeat: Heartbeat) -> None:
        """Ping until cancelled; silence ends it.

        Raises: WebSocketLost; PeerSilent without a pong in time.
        """
        while True:
            await trio.sleep(heartbeat.every)
            try:
                with trio.fail_after(heartbeat.within):
                    await self._connection.ping()
            except trio.TooSlowError as error:
                text = f"no sign of life within {heartbeat.within:g} s"
                raise PeerSilent(text) from error
            except trio_websocket.ConnectionClosed as error:
                raise WebSocketLost(_why(error)) from error


async def converse(door: Door, url: str, body: Callable[[WebSocket], Awaitable[None]]) -> str:
    """Connect, run the body, and close; returns why the connection ended ("": the body did).

    Raises: ValueError if it is no ws or wss URL; what the body raises, in groups.
    Cancellation: the other side is told within 0.2 s.
    """
    parts = urlsplit(url)
    if parts.scheme not in _SCHEMES:
        raise ValueError("it is no ws or wss URL")
    place = place_of(parts._replace(scheme=_SCHEMES[parts.scheme]).geturl())
    try:
        stream = await dial(place, door.context, door.proxy_of(url), tunnel=True)
    except DialFailed as error:
        return str(error)  # noqa: ASYNC910 - dialing is a checkpoint
    return await _run(stream, place.authority, target_of(url), body)


async def _run(
    stream: Stream, host: str, target: str, body: Callable[[WebSocket], Awaitable[None]]
) -> str:
    plain = stream if isinstance(stream, trio.SocketStream) else stream.transport_stream
    _watch(plain)
    try:
        async with trio.open_nursery() as nursery:
            connection = await _opened(nursery, stream, host, target)
            try:
                await body(WebSocket(connection))
            finally:
                with trio.move_on_after(LAST_WORDS, shield=True):
                    await connection.aclose()
                nursery.cancel_scope.cancel(reason="the conversation is over")
    except BaseExceptionGroup as group:
        lost, rest = group.split(_LOST)
        if rest is not None:
            raise rest from group
        return "" if lost is None else _reason(lost)  # noqa: ASYNC910 - so is a nursery
    finally:
        plain.socket.close()
    return ""


async def _opened(
    nursery: trio.Nursery, stream: Stream, host: str, target: str
) -> trio_websocket.WebSocketConnection:
    with trio.CancelScope() as opening:
        line = _Line(stream, opening)
        return await trio_websocket.wrap_client_stream(
            nursery,
            line,  # type: ignore[arg-type]  # any stream does
            host,
            target,
            max_message_size=LONGEST,
        )
    raise WebSocketLost(BROKEN)


def _reason(lost: BaseException) -> str:
    while isinstance(lost, BaseExceptionGroup):
        lost = lost.exceptions[0]
    if isinstance(lost, trio_websocket.ConnectionRejected):
        return f"the server refuses the connection: HTTP {lost.status_code}"
    if isinstance(lost, h11.ProtocolError | ProtocolError):
        return "what the server says is no WebSocket"
    return str(lost) or "the handshake failed"


def _why(error: trio_websocket.ConnectionClosed) -> str:
    reason = error.reason
    if reason is None or reason.code == 1006:  # noqa: PLR2004 - RFC 6455, 7.4.1: it broke off
        return BROKEN
    said = f": {reason.reason[:100]}" if reason.reason else ""
    return f"the server closed the connection ({reason.code}{said})"


def _watch(stream: trio.SocketStream) -> None:
    """Have the kernel notice a dead peer too, also while nothing is sent."""
    with suppress(OSError):
        stream.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, DEAD)
        stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, DEAD * 1000)
