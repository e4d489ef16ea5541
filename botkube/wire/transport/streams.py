"""One HTTP/2 stream, which carries one call, and what was received on it."""

from functools import partial
from typing import TYPE_CHECKING, cast

from h2.errors import ErrorCodes
from h2.events import (
    Event as H2Event,
)
from h2.events import (
    ResponseReceived,
    StreamEnded,
    StreamReset,
    TrailersReceived,
    WindowUpdated,
)
from h2.exceptions import StreamClosedError

from botkube.wire.transport.headers import Headers
from botkube.wire.transport.primitives import CallScope, Event, MessageBuffer

if TYPE_CHECKING:
    from botkube.wire.transport.connection import Connection


class Stream:
    """Sends under flow control, keeps what arrives; its failure wakes the task inside `scope`."""

    def __init__(self, connection: "Connection", stream_id: int) -> None:
        self.id = stream_id
        self.scope = CallScope()
        self.buffer = MessageBuffer(partial(connection.ack, stream_id), connection.max_message)
        self.headers: Headers | None = None
        self.trailers: Headers | None = None
        self._connection = connection
        self._received = Event()
        self._window_updated = Event()
        self._local_ended = self._remote_ended = False

    async def receive_headers(self) -> Headers:
        """The headers of the answer."""
        while self.headers is None:
            await self._woken()
        return self.headers

    async def receive_trailers(self) -> Headers:
        """The headers behind the answer; empty if the peer ended without."""
        while self.trailers is None:
            await self._woken()
        return self.trailers

    async def send_headers(self, headers: Headers, *, end: bool = False) -> None:
        """Send headers or trailers; blocks while the peer is not reading.

        Raises:
            H2Error: the stream is over.
            CallError: the connection is.
        """
        await self._connection.writable()
        if self.id not in self._connection.h2.streams:
            raise StreamClosedError(self.id)  # h2 would begin a new stream
        self._connection.h2.send_headers(self.id, headers, end_stream=end)
        self._connection.flush()
        self._local_ended = end

    async def send_data(self, data: bytes, *, end: bool = False) -> None:
        """Send bytes in frames; blocks while the peer is not reading.

        Raises:
            H2Error: the stream is over.
            CallError: the connection is.
        """
        h2, position = self._connection.h2, 0
        while position < len(data):
            await self._connection.writable()
            window = h2.local_flow_control_window(self.id)
            if window <= 0:  # it can become negative
                self._window_updated.clear()
                await self._window_updated.wait()
                continue
            chunk = data[position : position + min(window, h2.max_outbound_frame_size)]
            position += len(chunk)
            h2.send_data(self.id, chunk, end_stream=end and position == len(data))
            self._connection.flush()
        self._local_ended = end

    def close(self) -> None:
        """Forget the stream; the peer is told to stop if it is not over."""
        connection, stream = self._connection, self._connection.h2.streams.get(self.id)
        if stream is not None and not stream.closed and not connection.closed:
            # a client cancels; a server that has answered asks the client to stop sending (RFC 9113 8.1)
            code = ErrorCodes.CANCEL if connection.client_side else ErrorCodes.NO_ERROR
            connection.h2.reset_stream(self.id, error_code=code)
            connection.flush()
        connection.release(self)

    def process(self, event: H2Event) -> None:
        """Take note of an event of this stream."""
        if isinstance(event, WindowUpdated):
            self.window_updated()
        elif isinstance(event, ResponseReceived):
            self.headers = cast("Headers", event.headers)
        elif isinstance(event, TrailersReceived):
            self.trailers = cast("Headers", event.headers)
        elif isinstance(event, StreamEnded):
            self._ended()
        elif isinstance(event, StreamReset):
            self.fail(f"the peer reset the stream, error code {event.error_code}")
        self._received.set()

    def window_updated(self) -> None:
        """The peer may have given window."""
        self._window_updated.set()

    def fail(self, reason: str) -> None:
        """Nothing more will come. A complete answer stays readable: peers reset or exit right behind it."""
        if not (self._local_ended and self._remote_ended):
            self.scope.fail("UNAVAILABLE", reason)

    def _ended(self) -> None:
        self._remote_ended = True
        if self.trailers is None:
            self.trailers = []  # none will come
        self.buffer.eof()

    async def _woken(self) -> None:
        self._received.clear()
        await self._received.wait()
