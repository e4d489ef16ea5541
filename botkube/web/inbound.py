"""The reading side of one HTTP/1.1 connection: heads first, a body only when the handler asks.

So nobody can make us hold a body before the handler has looked at who sends it. A request has one
deadline, from its first byte to the last of its body.
"""

from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager, suppress
from typing import Final, TypeAlias
from urllib.parse import parse_qsl, unquote, urlsplit

import h11
import trio

from botkube.web.budget import Budget
from botkube.web.http import BODY, HttpError, Request, Share

IDLE: Final = 75.0  # seconds an idle connection is kept
REQUEST: Final = 20.0  # seconds for a request to arrive completely, from its first byte
AHEAD: Final = 2**16  # bytes read of what comes next, while a handler waits to see its client leave
BURST: Final = 32  # events out of one piece between two checkpoints: chunks can be one byte long
PIECE: Final = 2**14  # bytes taken at once: a stranger's head may bring so much of a body along
SINGLE: Final = (b"host", b"origin", b"authorization", b"content-length")

Event: TypeAlias = h11.Event | type[h11.NEED_DATA] | type[h11.PAUSED]


class Inbound:
    """Requests as they arrive on one connection."""

    def __init__(
        self,
        stream: trio.abc.ReceiveStream,
        http: h11.Connection,
        budget: Budget,
        send: Callable[[bytes | None], Awaitable[None]],
    ) -> None:
        self._stream = stream
        self._http = http
        self._budget = budget
        self._send = send
        self._held = 0
        self._share: Share | None = None
        self._shared = 0
        self._events = 0
        self._length: int | None = 0  # of the current body; None: not told in advance
        self._deadline = 0.0

    @property
    def unread(self) -> bool:
        """Whether the current request was not read to its end: nothing can follow it."""
        return self._http.their_state in (h11.IDLE, h11.SEND_BODY, h11.ERROR)

    async def next(self) -> Request | None:
        """The head of the next request; None when no more will come.

        Raises:
            HttpError: what came is not a request that can be answered, or came too slowly.
        """
        if not self._http.trailing_data[0] and not await self._begins():
            return None
        self._deadline = trio.current_time() + REQUEST
        with self._arriving():
            head = await self._event()
        if not isinstance(head, h11.Request):
            return None
        request = self._request(head)
        self._length = _length(request)
        if not self._length and self._length is not None:
            self._http.next_event()  # the end, which needs no data
        return request

    async def _read_body(self, limit: int = BODY, share: Share | None = None, /) -> bytes:
        self._share = share
        if self._length is not None and self._length > limit:
            raise HttpError(413, f"the body is longer than {limit} bytes")
        body = bytearray()
        with self._arriving():
            while self._http.their_state is h11.SEND_BODY:
                event = await self._event()
                if not isinstance(event, h11.Data):
                    break
                self._hold(len(event.data))
                body += event.data
                if len(body) > limit:
                    raise HttpError(413, f"the body is longer than {limit} bytes")
        return bytes(body)

    async def _until_gone(self) -> None:
        """Until the client closes; a request it sends meanwhile is kept for its turn."""
        ahead = 0
        with suppress(trio.BrokenResourceError):
            while ahead < AHEAD:
                if not (count := await self._receive()):
                    return
                ahead += count
            await trio.sleep_forever()  # it goes on sending: it has not left

    def _hold(self, count: int) -> None:
        if self._share is not None:
            self._share.take(count)
            self._shared += count
        self._budget.take(count)
        self._held += count

    def let_go(self) -> None:
        """Nobody needs the current body any more."""
        self._budget.give_back(self._held)
        self._held = 0
        if self._share is not None:
            self._share.give_back(self._shared)
            self._shared = 0

    async def _begins(self) -> bool:
        with trio.move_on_after(IDLE):
            return bool(await self._receive())
        return False

    @contextmanager
    def _arriving(self) -> Generator[None]:
        with trio.move_on_at(self._deadline) as scope:
            try:
                yield
            except h11.RemoteProtocolError as error:
                raise HttpError(error.error_status_hint, str(error)) from error
        if scope.cancelled_caught:
            raise HttpError(408, f"the request did not arrive within {REQUEST:g} s")

    async def _event(self) -> Event:
        self._events += 1
        if self._events % BURST == 0:
            await trio.lowlevel.checkpoint()
        while (event := self._http.next_event()) is h11.NEED_DATA:
            if self._http.they_are_waiting_for_100_continue:
                go_on = h11.InformationalResponse(status_code=100, headers=[])
                await self._send(self._http.send(go_on))
            await self._receive()
        return event

    async def _receive(self) -> int:
        data = await self._stream.receive_some(PIECE)
        self._http.receive_data(bytes(data))
        return len(data)

    def _request(self, head: h11.Request) -> Request:
        _unambiguous([name for name, _ in head.headers])
        try:
            target = urlsplit(head.target.decode("latin-1"))
        except ValueError as error:
            raise HttpError(400, f"the path is no path: {error}") from error
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in head.headers}
        return Request(
            method=head.method.decode("ascii"),
            path=unquote(target.path),
            query=dict(parse_qsl(target.query, keep_blank_values=True)),
            headers=headers,
            read_body=self._read_body,
            until_gone=self._until_gone,
        )


def _unambiguous(names: list[bytes]) -> None:
    """Refuse what something between us and the client may have read in another way.

    RFC 9112 §6.3 and RFC 9110 §5.3. The same Content-Length twice is one for h11 (RFC 9110 §8.6).
    """
    for name in SINGLE:
        if names.count(name) > 1:
            raise HttpError(400, f"more than one {name.decode()} header")
    if b"content-length" in names and b"transfer-encoding" in names:
        raise HttpError(400, "content-length together with transfer-encoding")


def _length(request: Request) -> int | None:
    if "transfer-encoding" in request.headers:
        return None
    return int(request.headers.get("content-length", "0"))
