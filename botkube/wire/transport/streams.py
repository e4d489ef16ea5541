"""One HTTP/2 stream, which carries one call: grpclib's Stream on Trio."""

from functools import partial
from typing import TYPE_CHECKING

from grpclib.exceptions import StreamTerminatedError
from grpclib.protocol import Stream
from h2.connection import H2Connection
from h2.errors import ErrorCodes

from botkube.runtime.override import override
from botkube.wire.transport.buffer import MessageBuffer
from botkube.wire.transport.headers import Headers, without_metadata
from botkube.wire.transport.primitives import Event

if TYPE_CHECKING:
    import asyncio

    from grpclib.protocol import Connection, EventsProcessor
    from grpclib.utils import Wrapper

    from botkube.wire.transport.connection import ReleaseStream


class H2Stream(Stream):
    """Sends under flow control, keeps what arrives; its failure wakes the task inside the call's scope."""

    buffer: MessageBuffer  # type: ignore[mutable-override] # made by init_stream only

    def __init__(
        self,
        connection: "Connection",
        h2_connection: H2Connection,
        transport: "asyncio.Transport",
        *,
        max_message: int,
        stream_id: int | None = None,
        wrapper: "Wrapper | None" = None,
    ) -> None:
        self._max_message = max_message
        super().__init__(connection, h2_connection, transport, stream_id=stream_id, wrapper=wrapper)
        self.window_updated = Event()
        self.headers_received = Event()
        self.trailers_received = Event()
        self._local_ended = self._remote_ended = False

    @override
    def init_stream(self, stream_id: int, connection: "Connection") -> None:
        super().init_stream(stream_id, connection)
        self.buffer = MessageBuffer(partial(connection.ack, stream_id), self._max_message)

    @override
    async def recv_headers(self) -> Headers:
        return without_metadata(await super().recv_headers())

    @override
    async def recv_trailers(self) -> Headers:
        return without_metadata(await super().recv_trailers())

    @override
    async def send_request(
        self,
        headers: Headers,
        end_stream: bool = False,  # noqa: FBT001, FBT002 - grpclib's signature
        *,
        _processor: "EventsProcessor",
    ) -> "ReleaseStream":
        release = await super().send_request(headers, end_stream, _processor=_processor)
        self._local_ended = end_stream
        return release

    @override
    async def send_headers(self, headers: Headers, end_stream: bool = False) -> None:  # noqa: FBT001, FBT002 - grpclib's
        await super().send_headers(headers, end_stream)
        self._local_ended = end_stream

    @override
    async def send_data(self, data: bytes, end_stream: bool = False) -> None:  # noqa: FBT001, FBT002 - grpclib's
        await super().send_data(data, end_stream)
        self._local_ended = end_stream

    @override
    async def end(self) -> None:
        await super().end()
        self._local_ended = True

    @override
    def reset_nowait(self, error_code: ErrorCodes | None = None) -> None:
        """Tell the peer to stop, however much is still waiting to be sent."""
        if error_code is None:
            # a client cancels; a server that has answered asks the client to stop sending (RFC 9113 8.1)
            client_side = self._h2_connection.config.client_side
            error_code = ErrorCodes.CANCEL if client_side else ErrorCodes.NO_ERROR
        assert self.id is not None  # noqa: S101 - it was opened
        self._h2_connection.reset_stream(self.id, error_code=error_code)
        self._transport.write(self._h2_connection.data_to_send())

    @override
    def __ended__(self) -> None:
        self._remote_ended = True
        if self.trailers is None and "grpc-status" not in dict(self.headers or ()):
            self.trailers = []  # none will come, where grpclib waits for ever
            self.trailers_received.set()
        super().__ended__()

    @override
    def __terminated__(self, reason: str) -> None:
        self.fail(StreamTerminatedError(reason))

    def fail(self, error: Exception) -> None:
        """End the call, unless its answer is complete: peers reset or exit right behind one."""
        if self.wrapper is not None and not (self._local_ended and self._remote_ended):
            self.wrapper.cancel(error)


def close_stream(stream: Stream, release: "ReleaseStream") -> None:
    """Forget a stream; the peer is told to stop if it is not over."""
    if stream.closable:
        stream.reset_nowait()
    release()
