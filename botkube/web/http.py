"""The vocabulary of the HTTP listeners: requests, answers, handlers. Values only."""

from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from typing import Final, Protocol, TypeAlias

import msgspec
import trio

BODY: Final = 2**20  # bytes of a request's body, unless its handler says otherwise


class Share(Protocol):
    """The bytes that some requests may hold together."""

    def take(self, count: int) -> None:
        """Reserve bytes. Raises HttpError: there are not so many left now."""
        ...

    def give_back(self, count: int) -> None:
        """Bytes that were taken are free again."""
        ...


class ReadBody(Protocol):
    """Reads a request's body."""

    async def __call__(self, limit: int = BODY, share: Share | None = None, /) -> bytes:
        """The whole body; it counts against the share, if any, until the request is answered.

        Raises:
            HttpError: it is longer than the limit, or does not come, or there is no room for it now.
        """
        ...


async def no_body(_limit: int = BODY, _share: Share | None = None, /) -> bytes:
    """The body of a request that has none."""
    await trio.lowlevel.checkpoint()
    return b""


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """The head of one request; `headers` has lower-case names, `path` is decoded.

    The body is still on its way: a handler that wants it calls `read_body`, once, after it has made
    sure who is asking; one that nobody read ends the connection. `until_gone` waits until the client
    has left, which to a handler that takes long means that nobody wants its answer any more.
    """

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    read_body: ReadBody = no_body
    until_gone: Callable[[], Awaitable[None]] = trio.sleep_forever

    def cookies(self) -> Mapping[str, str]:
        """The cookies of the request."""
        pairs = (part.strip().partition("=") for part in self.headers.get("cookie", "").split(";"))
        return {name: value for name, _, value in pairs if name}


class Response(msgspec.Struct, frozen=True, kw_only=True):
    """A whole answer."""

    status: int = 200
    body: bytes = b""
    content_type: str = "application/json"
    headers: tuple[tuple[str, str], ...] = ()


class WebSocket(Protocol):
    """The server's end of an open WebSocket."""

    async def send(self, *messages: bytes) -> None:
        """Send text messages (UTF-8); the client may read slowly, but not stop.

        Raises:
            trio.BrokenResourceError: the client is gone, or no longer reads.
        """
        ...


class Streaming(msgspec.Struct, frozen=True, kw_only=True):
    """An answer that goes on: `run(send)` until it returns or the client leaves."""

    run: Callable[[Callable[[bytes], Awaitable[None]]], Awaitable[None]]
    content_type: str
    headers: tuple[tuple[str, str], ...] = ()


class Upgrade(msgspec.Struct, frozen=True, kw_only=True):
    """Turn the connection into a WebSocket: `run(socket)` until it returns or the client leaves."""

    run: Callable[[WebSocket], Awaitable[None]]


Answer: TypeAlias = Response | Streaming | Upgrade
Handler: TypeAlias = Callable[[Request], Awaitable[Answer]]


class HttpError(Exception):
    """Ends a request with a status and a sentence for the user."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status


def as_json(value: object, status: int = 200) -> Response:
    """A JSON answer."""
    return Response(status=status, body=msgspec.json.encode(value))


def failure(status: int, text: str = "") -> Response:
    """The error answer of every path: `{"error": …}`."""
    return as_json({"error": text or HTTPStatus(status).phrase}, status)
