"""One HTTP/2 connection: turns received bytes into stream events and streams' frames into bytes.

Owns the h2 state machine; does no I/O itself. Whatever a peer sends may end its connection, never the program.
"""

import logging
from collections.abc import Callable
from typing import Protocol, cast

from h2.errors import ErrorCodes
from h2.events import (
    ConnectionTerminated,
    DataReceived,
    RemoteSettingsChanged,
    RequestReceived,
    WindowUpdated,
)
from h2.events import (
    Event as H2Event,
)
from h2.exceptions import ProtocolError, TooManyStreamsError

from botkube.wire.errors import CallError
from botkube.wire.transport.h2link import GrpcH2Connection
from botkube.wire.transport.headers import Headers
from botkube.wire.transport.primitives import Event
from botkube.wire.transport.streams import Stream

log = logging.getLogger(__name__)

Accept = Callable[[Stream, Headers], None]


class Transport(Protocol):
    """What carries the bytes."""

    def write(self, data: bytes) -> None:
        """Send now or soon."""

    def close(self) -> None:
        """Take no more writes, end when all has been sent."""


class Connection:
    """The streams of one connection. `accept` is called for each request; without it this is a client.

    Never sends pings: grpc-go answers them, unless rare, with GOAWAY too_many_pings.
    """

    def __init__(self, *, max_message: int, accept: Accept | None = None) -> None:
        self.client_side = accept is None
        self.max_message = max_message
        self.h2 = GrpcH2Connection(client_side=self.client_side)
        self.closed = False
        self.going_away = False
        self._accept = accept
        self._reason = ""
        self._streams: dict[int, Stream] = {}
        self._transport: Transport | None = None
        self._write_ready = Event()
        self._write_ready.set()
        self._stream_released = Event()

    async def open_stream(self, headers: Headers) -> Stream:
        """Begin a stream by sending its headers; waits while the peer's limit of streams is reached.

        Raises:
            CallError: the connection is lost or takes no new streams.
        """
        while True:
            await self.writable()
            if self.going_away:
                raise CallError("UNAVAILABLE", "the peer is going away")
            stream_id = self.h2.get_next_available_stream_id()
            try:
                self.h2.send_headers(stream_id, headers)
            except TooManyStreamsError:
                self._stream_released.clear()
                await self._stream_released.wait()
                continue
            stream = self._streams[stream_id] = Stream(self, stream_id)
            self.flush()
            return stream

    async def writable(self) -> None:
        """Block while too much is waiting to be sent.

        Raises:
            CallError: the connection is lost.
        """
        await self._write_ready.wait()
        if self.closed:
            raise CallError("UNAVAILABLE", self._reason)

    def release(self, stream: Stream) -> None:
        """Forget a stream and give its window back."""
        if self._streams.pop(stream.id, None) is not None:
            self.ack(stream.id, stream.buffer.unacked_size())
            self._stream_released.set()
            self._close_if_drained()

    def ack(self, stream_id: int, size: int) -> None:
        """Give flow-control window back to the peer."""
        if size and not self.closed:  # a buffer may be read after the connection's end
            self.h2.acknowledge_received_data(size, stream_id)
            self.flush()

    def flush(self) -> None:
        """Hand what h2 has to send to the transport."""
        if self._transport is not None:
            self._transport.write(self.h2.data_to_send())

    def close(self, reason: str) -> None:
        """End the connection: all streams fail, and the transport closes when it has sent what it holds."""
        if self.closed:
            return
        self.closed = self.going_away = True
        self._reason = reason
        for stream in list(self._streams.values()):
            stream.fail(reason)
        self._write_ready.set()  # whoever waits to send learns of it
        self._stream_released.set()
        if self._transport is not None:
            self._transport.close()
            self._transport = None

    # -- called by the transport

    def connection_made(self, transport: Transport) -> None:
        """Send the preface."""
        self._transport = transport
        self.h2.open()
        self.flush()

    def data_received(self, data: bytes) -> None:
        """Process what the peer sent."""
        try:
            for event in self.h2.receive_data(data):
                self._process(event)
        except ProtocolError as error:
            log.warning("the peer broke HTTP/2, closing the connection: %s", error)
            self.flush()  # tells the peer why
            self.close("protocol error")
        except Exception:
            log.warning("malformed input, closing the connection", exc_info=True)
            self.close("protocol error")
        else:
            self.flush()

    def connection_lost(self) -> None:
        """The socket is gone."""
        self.close("connection lost")

    def pause_writing(self) -> None:
        """The peer reads too slowly."""
        self._write_ready.clear()

    def resume_writing(self) -> None:
        """The peer has caught up."""
        self._write_ready.set()

    # -- events

    def _process(self, event: H2Event) -> None:
        stream = self._streams.get(getattr(event, "stream_id", 0) or 0)
        if isinstance(event, DataReceived):
            self._data(stream, event)
        elif isinstance(event, RequestReceived):
            self._request(event)
        elif isinstance(event, ConnectionTerminated):
            self._terminated(event)
        elif stream is not None:
            stream.process(event)
        elif isinstance(event, RemoteSettingsChanged | WindowUpdated):
            for each in self._streams.values():
                each.window_updated()
        # else: unknown frames, interim responses...: ignored, as RFC 9113 asks

    def _data(self, stream: Stream | None, event: DataReceived) -> None:
        size = event.flow_controlled_length or 0
        if stream is None:
            self.ack(event.stream_id or 0, size)
        else:
            stream.buffer.add(event.data or b"", size)

    def _request(self, event: RequestReceived) -> None:
        if self._accept is not None and event.stream_id:
            stream = self._streams[event.stream_id] = Stream(self, event.stream_id)
            self._accept(stream, cast("Headers", event.headers))

    def _terminated(self, event: ConnectionTerminated) -> None:
        if event.error_code != ErrorCodes.NO_ERROR:
            self.close(f"the peer went away, error code {event.error_code}")
            return
        self.going_away = True  # no new calls here; those the peer has begun go on
        for stream in list(self._streams.values()):
            if stream.id > (event.last_stream_id or 0):
                stream.fail("stream refused: the peer is going away")
        self._stream_released.set()  # whoever waits for its turn learns of it
        self._close_if_drained()

    def _close_if_drained(self) -> None:
        if self.going_away and not self._streams:
            self.close("the peer went away")
