"""One HTTP/1.1 connection on h11: reads requests, sends answers, hands WebSockets over.

Every wait has a bound: an idle connection, a request that dribbles in, an answer nobody reads. Ends
when the client closes, breaks the protocol or a bound; cancelling is never held up by a client.
"""

import logging
from http import HTTPStatus
from typing import Final
from urllib.parse import parse_qsl, unquote, urlsplit

import h11
import trio

from botkube.web.http import (
    Answer,
    Handler,
    HttpError,
    Request,
    Response,
    Streaming,
    Upgrade,
    failure,
)
from botkube.web.websocket import open_protocol, run_websocket

log = logging.getLogger(__name__)

IDLE: Final = 75.0  # seconds an idle connection is kept
REQUEST: Final = 20.0  # seconds for a request to arrive completely, from its first byte
SEND: Final = 20.0  # seconds for a client to take a piece of an answer
HEADERS: Final = 32 * 1024  # bytes of request line and headers
BODY: Final = 2**20  # bytes of a request's body
LINGER: Final = 2.0  # seconds for a refused client to stop sending and read why
PIECE: Final = 2**16


class _Gone(Exception):
    """The client left, stalled or broke the protocol: nothing more to say to it."""


class Connection:
    """Serves one client until it leaves."""

    def __init__(self, stream: trio.abc.HalfCloseableStream, handler: Handler) -> None:
        self._stream = stream
        self._handler = handler
        self._http = h11.Connection(h11.SERVER, max_incomplete_event_size=HEADERS)

    async def run(self) -> None:
        """Answer requests one after another.

        Cancellation: the connection is dropped at once.
        """
        try:
            while await self._exchange():
                self._http.start_next_cycle()
        except* (_Gone, h11.LocalProtocolError, trio.BrokenResourceError, trio.ClosedResourceError):
            pass
        except* Exception:
            # One client's connection must never take the listener down with it.
            log.exception("a connection broke")
        finally:
            await trio.aclose_forcefully(self._stream)

    async def _exchange(self) -> bool:
        """One request and its answer; False when the connection ends with it."""
        try:
            request = await self._read_request()
        except h11.RemoteProtocolError as error:
            await self._refuse(failure(error.error_status_hint, str(error)))
            return False
        except HttpError as error:
            await self._refuse(failure(error.status, str(error)))
            return False
        if request is None:
            return False
        answer = await self._answer(request)
        match answer:
            case Response():
                await self._respond(answer, head=request.method == "HEAD")
            case Streaming():
                await self._stream_out(answer)
            case Upgrade():
                await self._upgrade(request, answer)
                return False
        states = (self._http.our_state, self._http.their_state)
        return states == (h11.DONE, h11.DONE)

    async def _answer(self, request: Request) -> Answer:
        try:
            return await self._handler(request)
        except HttpError as error:
            return failure(error.status, str(error))
        except Exception:
            log.exception("a request broke: %s %s", request.method, request.path)
            return failure(500, "an internal error occurred; the log has the details")

    async def _read_request(self) -> Request | None:
        if self._http.trailing_data[0] == b"" and not await self._receive(IDLE):
            return None
        with trio.move_on_after(REQUEST):
            head = await self._event()
            if not isinstance(head, h11.Request):
                return None
            return _request(head, await self._read_body())
        raise HttpError(408, f"the request did not arrive within {REQUEST:g} s")

    async def _read_body(self) -> bytes:
        body = bytearray()
        while isinstance(event := await self._event(), h11.Data):
            body += event.data
            if len(body) > BODY:
                raise HttpError(413, f"the body is longer than {BODY} bytes")
        return bytes(body)

    async def _event(self) -> h11.Event | type[h11.NEED_DATA] | type[h11.PAUSED]:
        while (event := self._http.next_event()) is h11.NEED_DATA:
            if self._http.they_are_waiting_for_100_continue:
                await self._send(
                    self._http.send(h11.InformationalResponse(status_code=100, headers=[]))
                )
            await self._receive(REQUEST)
        return event

    async def _receive(self, patience: float) -> bool:
        with trio.move_on_after(patience):
            data = await self._stream.receive_some(PIECE)
            self._http.receive_data(bytes(data))
            return bool(data)
        return False

    async def _refuse(self, answer: Response) -> None:
        """Answer a request that was not read to its end, and leave time to see the answer: closing
        with unread data would reset it away.
        """
        await self._respond(answer)
        with trio.move_on_after(LINGER):
            await self._stream.send_eof()
            while await self._stream.receive_some(PIECE):
                pass

    async def _respond(self, answer: Response, *, head: bool = False) -> None:
        headers = list(answer.headers)
        if answer.status != HTTPStatus.NOT_MODIFIED:  # that would be the length of what is not sent
            headers.append(("content-type", answer.content_type))
            headers.append(("content-length", str(len(answer.body))))
        data = self._http.send(h11.Response(status_code=answer.status, headers=headers)) or b""
        if answer.body and not head:
            data += self._http.send(h11.Data(data=answer.body)) or b""
        await self._send(data + (self._http.send(h11.EndOfMessage()) or b""))

    async def _stream_out(self, answer: Streaming) -> None:
        headers = [
            ("content-type", answer.content_type),
            ("cache-control", "no-store"),
            *answer.headers,
        ]
        await self._send(self._http.send(h11.Response(status_code=200, headers=headers)))

        async def send(data: bytes) -> None:
            await self._send(self._http.send(h11.Data(data=data)))

        async with trio.open_nursery() as nursery:
            nursery.start_soon(self._until_gone, nursery.cancel_scope)
            await answer.run(send)
            nursery.cancel_scope.cancel()
        await self._send(self._http.send(h11.EndOfMessage()))

    async def _until_gone(self, scope: trio.CancelScope) -> None:
        while await self._stream.receive_some(PIECE):
            pass  # a client has nothing to say while it is being streamed to
        scope.cancel()

    async def _upgrade(self, request: Request, answer: Upgrade) -> None:
        if request.headers.get("upgrade", "").lower() != "websocket":
            await self._respond(failure(426, "this path is a WebSocket"))
            return
        try:
            protocol = open_protocol(request)
        except HttpError as error:
            await self._respond(failure(error.status, str(error)))
            return
        await run_websocket(self._stream, protocol, answer.run)

    async def _send(self, data: bytes | None) -> None:
        if not data:
            return
        with trio.move_on_after(SEND) as scope:
            await self._stream.send_all(data)
        if scope.cancelled_caught:
            raise _Gone


def _request(head: h11.Request, body: bytes) -> Request:
    try:
        target = urlsplit(head.target.decode("latin-1"))
    except ValueError as error:
        raise HttpError(400, f"the path is no path: {error}") from error
    return Request(
        method=head.method.decode("ascii"),
        path=unquote(target.path),
        query=dict(parse_qsl(target.query, keep_blank_values=True)),
        headers={name.decode("latin-1"): value.decode("latin-1") for name, value in head.headers},
        body=body,
    )
