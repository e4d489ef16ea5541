"""The answering side: serves methods on a listening socket."""

import logging
import socket
from collections.abc import Awaitable, Callable, Mapping

import trio
from h2.exceptions import H2Error

from botkube.wire.errors import CallError
from botkube.wire.transport.connection import Connection
from botkube.wire.transport.headers import Headers, answer_headers, check_request, trailers
from botkube.wire.transport.primitives import frame
from botkube.wire.transport.sockets import SocketTransport
from botkube.wire.transport.streams import Stream

log = logging.getLogger(__name__)

_BACKLOG = 16  # one host connects, and again after a loss
_ACCEPT_PAUSE = 0.1  # until file descriptors are free again
_FLUSH_TIME = 0.5


class ServerCall:
    """One call being answered."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._answered = self._finished = False

    async def receive(self) -> bytes | None:
        """The next message of the caller, or None behind the last one.

        Raises:
            CallError: the message is too large or cut off.
        """
        return await self._stream.buffer.read_message()

    async def send(self, message: bytes) -> None:
        """Send one message; blocks while the caller is not reading."""
        # the socket may take everything: a fast producer must let others run
        await trio.lowlevel.checkpoint()
        if not self._answered:
            await self._stream.send_headers(answer_headers())
            self._answered = True
        await self._stream.send_data(frame(message))

    async def finish(self, status: str = "OK", message: str = "") -> None:
        """End the answer, once.

        With no message before, this is all of it and has a content type: without one grpc-go reads UNKNOWN.
        """
        if self._finished:
            return
        self._finished = True
        headers = (
            trailers(status, message)
            if self._answered
            else answer_headers() + trailers(status, message)
        )
        await self._stream.send_headers(headers, end=True)


Method = Callable[[ServerCall], Awaitable[None]]


class Answerer:
    """Starts a task in `calls` for each request of one connection."""

    def __init__(self, methods: Mapping[str, Method], calls: trio.Nursery) -> None:
        self._methods = methods
        self._calls = calls

    def accept(self, stream: Stream, headers: Headers) -> None:
        """Answer a request; the stream's failure cancels the method."""
        name = f"call:{dict(headers).get(':path', '')}"
        self._calls.start_soon(self._answer, stream, headers, name=name)

    async def _answer(self, stream: Stream, headers: Headers) -> None:
        call = ServerCall(stream)
        try:
            status, message = await self._run(call, stream, headers)
            await call.finish(status, message)
        except (CallError, H2Error):
            pass  # the caller has gone
        except Exception:  # one call's fault must not end the others
            log.exception("answering a call failed")
        finally:
            stream.close()

    async def _run(self, call: ServerCall, stream: Stream, headers: Headers) -> tuple[str, str]:
        try:
            path, seconds = check_request(headers)
            method = self._methods.get(path)
            if method is None:
                return "UNIMPLEMENTED", f"unknown method {path}"
            stream.scope.deadline = trio.current_time() + seconds
            with stream.scope:
                await method(call)
        except CallError as error:
            return error.status, error.message
        except H2Error:
            raise
        except Exception as error:
            log.exception("a method failed")
            return "UNKNOWN", str(error) or type(error).__name__
        return "OK", ""


class Listener:
    """Serves methods on a socket."""

    def __init__(
        self, sock: socket.socket, methods: Mapping[str, Method], *, max_message: int
    ) -> None:
        sock.listen(_BACKLOG)
        sock.settimeout(0)
        self._sock = sock
        self._methods = methods
        self._max_message = max_message
        self._transports: set[SocketTransport] = set()

    async def run(self, *, until: trio.Event) -> None:
        """Serve until the event; then cut the calls that are left, but flush what has been answered.

        Cancellation: cuts all calls at once.
        """
        async with trio.open_nursery() as connections:
            async with trio.open_nursery() as accepting:
                accepting.start_soon(self._accept_all, connections)
                await until.wait()
                accepting.cancel_scope.cancel(reason="stopped")
            connections.cancel_scope.deadline = trio.current_time() + _FLUSH_TIME
            for transport in self._transports:
                transport.close()

    async def _accept_all(self, connections: trio.Nursery) -> None:
        while True:
            await trio.lowlevel.wait_readable(self._sock)
            try:
                sock, _ = self._sock.accept()
            except BlockingIOError:
                continue
            except OSError:
                log.warning("cannot accept a connection", exc_info=True)
                await trio.sleep(_ACCEPT_PAUSE)
                continue
            connections.start_soon(self._serve, sock, name="connection")

    async def _serve(self, sock: socket.socket) -> None:
        async with trio.open_nursery() as calls:
            accept = Answerer(self._methods, calls).accept
            connection = Connection(max_message=self._max_message, accept=accept)
            transport = SocketTransport(sock, connection)
            self._transports.add(transport)
            try:
                await transport.run()
            finally:
                self._transports.discard(transport)
            calls.cancel_scope.cancel(reason="the connection is gone")
