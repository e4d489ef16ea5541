"""Posts many bodies to servers over kept connections. Follows no redirects, and knows no outcomes but answers.

httpx is the program's HTTP client for everything else: its pool looks through all connections for each request, which
makes a third of the requests a second with one connection, and a sixth with sixteen.
"""

import math
import ssl
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Final

import httptools
import msgspec
import trio

from botkube.runtime.dial import DialFailed, Place, Stream, credentials_of, dial
from botkube.runtime.http import HttpFailed

READ: Final = 64 << 10
KEPT: Final = 4 << 10  # bytes of an answer's body that are kept, unless its reader wants more
LONGEST: Final = 1 << 20  # one longer than this, and than what is kept, costs its connection
LONGEST_HEAD: Final = 256 << 10  # the parser has no limit of its own
UNSEEN: Final = 0.1  # seconds of being idle after which it is looked at before it is used
FRESH: Final = (
    30.0  # seconds a connection may have been idle: others may have forgotten it silently
)
HEADS: Final = 64  # beginnings of requests that are kept
_INFORMATIONAL: Final = 200  # below it


class Posted(msgspec.Struct, frozen=True, kw_only=True):
    """An answer; header names in lower case, of the body only the beginning."""

    status: int
    headers: dict[str, str]
    body: bytes


class _Answering:
    """One answer as it comes in; the parser's callbacks."""

    def __init__(self, keep: int) -> None:
        self.parser = httptools.HttpResponseParser(self)
        self._keep = keep
        self.begin()

    def begin(self) -> None:
        """Be ready for the next answer."""
        self.headers: dict[str, str] = {}
        self.body = bytearray()
        self.taken = 0  # bytes, of head and body
        self.head_done = False
        self.done = False
        self.kept = False

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header."""
        self.headers[name.decode("latin-1").lower()] = value.decode("latin-1")

    def on_headers_complete(self) -> None:
        """Note that the head is over."""
        self.head_done = self.parser.get_status_code() >= _INFORMATIONAL

    def on_body(self, data: bytes) -> None:
        """Take a piece of the body."""
        if len(self.body) < self._keep:
            self.body += data[: self._keep - len(self.body)]

    def on_message_complete(self) -> None:
        """Note the end, unless the answer proper is still to come."""
        if self.head_done:
            self.done = True
            self.kept = self.parser.should_keep_alive()  # tells only here
        else:
            self.headers.clear()

    @property
    def ends_with_connection(self) -> bool:
        """Whether nothing else says where the body ends."""
        framed = "content-length" in self.headers or "transfer-encoding" in self.headers
        return self.head_done and not framed

    def answer(self) -> Posted:
        """What came."""
        return Posted(
            status=self.parser.get_status_code(), headers=dict(self.headers), body=bytes(self.body)
        )


class _Connection:
    """One connection; an exchange that fails or is cancelled closes it."""

    def __init__(self, stream: Stream, keep: int) -> None:
        self._stream = stream
        self._socket = (
            stream if isinstance(stream, trio.SocketStream) else stream.transport_stream
        ).socket
        self._answering = _Answering(keep)
        self._longest = max(LONGEST, keep + LONGEST_HEAD)
        self.used = False
        self.idle_since = 0.0
        self.open = True

    def close(self) -> None:
        """Close it without a farewell, which nobody waits for."""
        self.open = False
        self._socket.close()

    @property
    def reusable(self) -> bool:
        """Whether it has not been idle for long, and the other side has neither closed it nor said anything.

        Right after an answer nobody looks: that costs as much as reading one.
        """
        idle = trio.current_time() - self.idle_since
        return idle < UNSEEN or (idle < FRESH and not self._socket.is_readable())

    @property
    def answered(self) -> bool:
        """Whether anything of the answer came."""
        return self._answering.taken > 0

    async def exchange(self, request: bytes) -> Posted:
        """Send a request and return its answer.

        Raises: HttpFailed.
        """
        self._answering.begin()
        try:
            answer = await self._exchange(request)
        except BaseException:
            self.close()
            raise
        self.used = True
        self.idle_since = trio.current_time()
        return answer

    async def _exchange(self, request: bytes) -> Posted:
        answering = self._answering
        broken = False
        try:
            await self._stream.send_all(request)
        except trio.BrokenResourceError:
            broken = True  # it may have answered before it read everything
        while not answering.done:
            data = await self._receive()
            if not data:
                if not answering.ends_with_connection:
                    raise HttpFailed("the connection was closed in the middle")
                broken = answering.done = True
            self._feed(data)
            if answering.taken > self._longest:
                broken = answering.done = True
        if broken or not answering.kept:
            self.close()
        return answering.answer()  # noqa: ASYNC910 - sending is a checkpoint

    async def _receive(self) -> bytes:
        try:
            return bytes(await self._stream.receive_some(READ))
        except trio.BrokenResourceError as error:
            raise HttpFailed("the connection was cut") from error

    def _feed(self, data: bytes) -> None:
        if not data:
            return
        answering = self._answering
        answering.taken += len(data)
        try:
            answering.parser.feed_data(data)
        except httptools.HttpParserError as error:
            raise HttpFailed(f"the answer is not HTTP: {error}") from error
        if not answering.head_done and answering.taken > LONGEST_HEAD:
            raise HttpFailed("the answer's headers have no end")


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """`connect`: seconds in which there must be a connection; `keep`: bytes of an answer's body that are kept."""

    connect: float = math.inf
    keep: int = KEPT


class Poster:
    """Sends requests; made by `open_poster`. How many at once is the caller's bound, and that of its connections."""

    def __init__(self, context: ssl.SSLContext, proxy: str, limits: Limits) -> None:
        self._context = context
        self._proxy = proxy
        self._limits = limits
        self._credentials = credentials_of(proxy) if proxy else ""
        self._idle: dict[Place, list[_Connection]] = {}
        self._heads: dict[tuple[Place, str], bytes] = {}

    async def post(self, place: Place, target: str, headers: bytes, body: bytes) -> Posted:
        """Post a body; `headers` are whole lines without `Host` and `Content-Length`.

        A kept connection that ends before it answers is one that the server had given up: the request is sent once
        more, so it should say by itself that it is the same.

        Raises: HttpFailed.
        Cancellation: the request is abandoned; the other side may have taken it all the same.
        """
        request = self._request(place, target, headers, body)
        kept = self._take(place)
        if kept is not None:
            try:
                return await self._exchange(place, kept, request)
            except HttpFailed:
                if kept.answered:
                    raise
        connection = _Connection(await self._dial(place), self._limits.keep)
        return await self._exchange(place, connection, request)

    async def _dial(self, place: Place) -> Stream:
        connect = self._limits.connect
        try:
            with trio.fail_after(connect):
                return await dial(place, self._context, self._proxy)
        except DialFailed as error:
            raise HttpFailed(str(error)) from error
        except trio.TooSlowError:
            text = f"{place.host}:{place.port}: no connection within {connect:g} s"
            raise HttpFailed(text) from None

    async def _exchange(self, place: Place, connection: _Connection, request: bytes) -> Posted:
        answer = await connection.exchange(request)
        if connection.open:
            self._idle.setdefault(place, []).append(connection)
        return answer

    def _take(self, place: Place) -> _Connection | None:
        idle = self._idle.get(place, [])
        while idle:
            connection = idle.pop()
            if connection.reusable:
                return connection
            connection.close()
        return None

    def _request(self, place: Place, target: str, headers: bytes, body: bytes) -> bytes:
        head = self._head(place, target)
        return b"%bContent-Length: %d\r\n%b\r\n%b" % (head, len(body), headers, body)

    def _head(self, place: Place, target: str) -> bytes:
        """What is the same for every request to a URL; made once."""
        known = self._heads.get((place, target))
        if known is None:
            through = bool(self._proxy) and place.scheme == "http"
            whole = f"http://{place.authority}{target}" if through else target
            lines = [f"POST {whole} HTTP/1.1", f"Host: {place.authority}"]
            if through and self._credentials:
                lines.append(f"Proxy-Authorization: {self._credentials}")
            known = "".join(f"{line}\r\n" for line in lines).encode("latin-1")
            if len(self._heads) > HEADS:
                self._heads.clear()  # redirects may lead anywhere
            self._heads[place, target] = known
        return known

    def close(self) -> None:
        """Close what is idle."""
        for connections in self._idle.values():
            for connection in connections:
                connection.close()
        self._idle.clear()


@asynccontextmanager
async def open_poster(
    context: ssl.SSLContext, *, proxy: str = "", limits: Limits | None = None
) -> AsyncGenerator[Poster]:
    """A poster while the block runs; its connections are closed at the end."""
    poster = Poster(context, proxy, limits or Limits())
    try:
        await trio.lowlevel.checkpoint()
        yield poster
    finally:
        poster.close()
