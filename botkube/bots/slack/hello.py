"""The first frame of a socket of Socket Mode, and nothing else of it."""

import ssl
from typing import Final
from urllib.parse import urlsplit, urlunsplit

import trio
from trio_websocket import ConnectionClosed, HandshakeError, wrap_client_stream

from botkube.bots.slack.frames import Disconnect, Hello, decode_frame
from botkube.runtime.dial import DialFailed, Stream, dial, place_of

HELLO: Final = 10.0  # seconds from having the URL to the frame
_CLOSE: Final = 1.0  # seconds for the other side to close too
_SCHEMES: Final = {"ws": "http", "wss": "https"}
_ENDED: Final = "Slack's socket server ended the connection without a hello"


async def first_hello(url: str, context: ssl.SSLContext, proxy: str = "") -> Hello | str:
    """Return Slack's hello, or why there is none. The URL is a secret: no text holds more of it than its host.

    What Slack hands to this socket meanwhile is not acknowledged, so it comes again, to another one. It takes `HELLO`
    seconds at most, and `_CLOSE` to close.

    Cancellation: the connection is closed without a word.
    """
    with trio.move_on_after(HELLO):
        try:
            place = place_of(_as_http(url))
            stream = await dial(place, context, proxy)
        except (DialFailed, ValueError) as error:
            return f"no socket: {error}"
        async with stream:
            return await _said(stream, url, place.authority)
    return f"Slack's socket server said nothing within {HELLO:g} s"


async def _said(stream: Stream, url: str, host: str) -> Hello | str:
    said: Hello | str = _ENDED
    try:
        async with trio.open_nursery() as nursery:
            connection = await wrap_client_stream(nursery, stream, host, _resource(url))
            frame = decode_frame(await connection.get_message())
            while not isinstance(frame, Hello | Disconnect):
                frame = decode_frame(await connection.get_message())
            said = frame if isinstance(frame, Hello) else f"Slack disconnects: {frame.reason}"
            with trio.move_on_after(_CLOSE):
                await connection.aclose()
            nursery.cancel_scope.cancel()
    except* (HandshakeError, ConnectionClosed, OSError, trio.BrokenResourceError):
        pass  # of no interest once the frame was there
    return said


def _resource(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.path or '/'}?{parts.query}"


def _as_http(url: str) -> str:
    parts = urlsplit(url)
    return urlunsplit(parts._replace(scheme=_SCHEMES.get(parts.scheme, "")))
