"""One HTTP/1.1 connection on h11: takes requests, sends answers, hands WebSockets over.

Every wait has a bound: an idle connection, a request that dribbles in, an answer nobody reads. Ends
when the client closes, breaks the protocol or a bound; cancelling is never held up by a client.
"""

import logging
from http import HTTPStatus
from typing import Final

import h11
import trio

from botkube.web.budget import Budget
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
from botkube.web.inbound import Inbound
from botkube.web.sending import PIECE, send_in_pieces
from botkube.web.websocket import open_protocol, run_websocket

log = logging.getLogger(__name__)

HEADERS: Final = 32 * 1024  # bytes of request line and headers
CHUNK: Final = 2**14  # bytes of a stream that are framed, and so copied, at once
LINGER: Final = 2.0  # seconds for a refused client to stop sending and read why


class Connection:
    """Serves one client until it leaves."""

    def __init__(
        self, stream: trio.abc.HalfCloseableStream, handler: Handler, budget: Budget
    ) -> None:
        self._stream = stream
        self._handler = handler
        self._http = h11.Connection(h11.SERVER, max_incomplete_event_size=HEADERS)
        self._inbound = Inbound(stream, self._http, budget, self._send)

    async def run(self) -> None:
        """Answer requests one after another.

        Cancellation: the connection is dropped at once.
        """
        try:
            while await self._exchange():
                self._http.start_next_cycle()
        except* (h11.LocalProtocolError, trio.BrokenResourceError, trio.ClosedResourceError):
            pass
        except* Exception:
            # One client's connection must never take the listener down with it.
            log.exception("a connection broke")
        finally:
            await trio.aclose_forcefully(self._stream)

    async def _exchange(self) -> bool:
        """One request and its answer; False when the connection ends with it."""
        try:
            request = await self._inbound.next()
        except HttpError as error:
            await self._respond(failure(error.status, str(error)))
            await self._linger()
            return False
        if request is None:
            return False
        match await self._answer(request):
            case Response() as answer:
                await self._respond(answer, head=request.method == "HEAD")
            case Streaming() as answer:
                await self._stream_out(answer)
            case Upgrade() as answer:
                await self._upgrade(request, answer)
                return False
        if self._inbound.unread:
            await self._linger()
        return (self._http.our_state, self._http.their_state) == (h11.DONE, h11.DONE)

    async def _answer(self, request: Request) -> Answer:
        try:
            return await self._handler(request)
        except HttpError as error:
            return failure(error.status, str(error))
        except (trio.BrokenResourceError, trio.ClosedResourceError):
            raise  # the client went while its body was read: nobody is left to answer
        except Exception:
            log.exception("a request broke: %s %s", request.method, request.path)
            return failure(500, "an internal error occurred; the log has the details")
        finally:
            self._inbound.let_go()

    async def _linger(self) -> None:
        """Leave a client whose request was not read to its end time to see the answer: closing with
        unread data would reset it away.
        """
        with trio.move_on_after(LINGER):
            await self._stream.send_eof()
            while await self._stream.receive_some(PIECE):
                pass

    async def _respond(self, answer: Response, *, head: bool = False) -> None:
        headers = [*answer.headers, *self._last()]
        if answer.status != HTTPStatus.NOT_MODIFIED:  # that would be the length of what is not sent
            headers.append(("content-type", answer.content_type))
            headers.append(("content-length", str(len(answer.body))))
        data = self._http.send(h11.Response(status_code=answer.status, headers=headers)) or b""
        if answer.body and not head:
            data += self._http.send(h11.Data(data=answer.body)) or b""
        await self._send(data + (self._http.send(h11.EndOfMessage()) or b""))

    def _last(self) -> list[tuple[str, str]]:
        return [("connection", "close")] if self._inbound.unread else []

    async def _stream_out(self, answer: Streaming) -> None:
        headers = [
            ("content-type", answer.content_type),
            ("cache-control", "no-store"),
            *answer.headers,
            *self._last(),
        ]
        await self._send(self._http.send(h11.Response(status_code=200, headers=headers)))

        async def send(data: bytes) -> None:
            for start in range(0, len(data), CHUNK):
                chunk = h11.Data(data=data[start : start + CHUNK])
                await self._send(self._http.send(chunk))

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
        if self._inbound.unread:
            await self._respond(failure(400, "a WebSocket handshake has no body"))
            return
        try:
            protocol = open_protocol(request)
        except HttpError as error:
            await self._respond(failure(error.status, str(error)))
            return
        await run_websocket(self._stream, protocol, answer.run)

    async def _send(self, data: bytes | None) -> None:
        if data:
            await send_in_pieces(self._stream, data)
