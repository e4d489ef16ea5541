"""One HTTP/2 connection: grpclib's Connection, EventsProcessor and H2Protocol, fed by Trio.

Owns the h2 state machine; does no I/O itself. Whatever a peer sends may end its connection, never the program.
"""

import asyncio
import logging
from collections.abc import Callable
from typing import cast

import trio
from grpclib.config import Configuration
from grpclib.exceptions import StreamTerminatedError
from grpclib.protocol import AbstractHandler, EventsProcessor, H2Protocol
from grpclib.protocol import Connection as GrpclibConnection
from grpclib.utils import Wrapper
from h2.errors import ErrorCodes
from h2.events import ConnectionTerminated, Event, RemoteSettingsChanged, StreamReset
from h2.exceptions import ProtocolError

from botkube.runtime.override import override
from botkube.wire.transport.frames import Allowance
from botkube.wire.transport.h2link import GrpcH2Connection, why_broken
from botkube.wire.transport.headers import code_name, reset_error
from botkube.wire.transport.primitives import Event as TrioEvent
from botkube.wire.transport.primitives import Gate
from botkube.wire.transport.sockets import Fed
from botkube.wire.transport.streams import H2Stream

log = logging.getLogger(__name__)

ReleaseStream = Callable[[], None]
_SHOWN = 80
_CONFIG = Configuration().__for_client__()  # windows and limits are GrpcH2Connection's


class Connection(GrpclibConnection):
    """Whoever waits to send hears of its end; what was received before may be read after it.

    Never sends pings: grpc-go answers them, unless rare, with GOAWAY too_many_pings.
    """

    write_ready: Gate  # type: ignore[mutable-override] # set once

    def __init__(
        self, connection: GrpcH2Connection, transport: asyncio.Transport, *, max_message: int
    ) -> None:
        super().__init__(connection, transport, config=_CONFIG)
        self.client_side = connection.config.client_side
        self._max_message = max_message
        self.write_ready = Gate()
        self.stream_close_waiter = TrioEvent()

    @override
    def create_stream(
        self, *, stream_id: int | None = None, wrapper: Wrapper | None = None
    ) -> H2Stream:
        return H2Stream(
            self,
            self._connection,
            self._transport,
            max_message=self._max_message,
            stream_id=stream_id,
            wrapper=wrapper,
        )

    @override
    def initialize(self) -> None:
        pass

    @override
    def ack(self, stream_id: int, size: int) -> None:
        if not self.is_closing():
            super().ack(stream_id, size)

    @override
    def flush(self) -> None:
        if not self.is_closing():
            super().flush()

    def shut(self, reason: str) -> None:
        """Fail whoever waits to send or for its turn."""
        self.write_ready.shut(StreamTerminatedError(reason))
        self.stream_close_waiter.set()


class Events(EventsProcessor):
    """Ignores what it does not know, as RFC 9113 asks, and lets calls finish when the peer goes away gracefully."""

    connection: Connection  # type: ignore[mutable-override] # set once
    draining = False

    @override
    def process(self, event: Event) -> None:
        if isinstance(event, ConnectionTerminated) and event.error_code == ErrorCodes.NO_ERROR:
            self._drain(event.last_stream_id or 0)
        elif event.__class__ in getattr(self, "processors", ()):  # it has none once closed
            super().process(event)

    @override
    def process_remote_settings_changed(self, event: RemoteSettingsChanged) -> None:
        super().process_remote_settings_changed(event)
        self.connection.stream_close_waiter.set()  # more streams may be allowed

    @override
    def process_stream_reset(self, event: StreamReset) -> None:
        stream = self.streams.get(event.stream_id or 0)
        if self.connection.client_side and isinstance(stream, H2Stream):
            stream.fail(reset_error(event.error_code or 0))
        else:
            super().process_stream_reset(event)

    @override
    def process_connection_terminated(self, event: ConnectionTerminated) -> None:
        said = (event.additional_data or b"")[:_SHOWN].decode("latin-1")
        self.close(" ".join(["it closed the connection:", code_name(event.error_code or 0), said]))

    @override
    def close(self, reason: str = "Connection closed") -> None:
        super().close(reason)
        self.connection.shut(reason)

    @override
    def register(self, stream: H2Stream) -> ReleaseStream:  # type: ignore[override] # it makes no other kind
        release = super().register(stream)

        def release_stream() -> None:
            release()
            self._close_if_drained()

        return release_stream

    def _drain(self, last_stream_id: int) -> None:
        self.draining = True
        self.handler.connection_lost = True  # type: ignore[attr-defined] # a client's next call connects again
        for stream in list(self.streams.values()):
            if self.connection.client_side and (stream.id or 0) > last_stream_id:
                stream.__terminated__("stream refused: the peer is going away")
        self.connection.stream_close_waiter.set()  # whoever waits for its turn learns of it
        self._close_if_drained()

    def _close_if_drained(self) -> None:
        if self.draining and not self.streams:
            self.close("the peer went away")


class Protocol(H2Protocol, Fed):
    """What a transport feeds."""

    connection: Connection  # type: ignore[mutable-override] # set once

    def __init__(self, handler: AbstractHandler, *, client_side: bool, max_message: int) -> None:
        h2_connection = GrpcH2Connection(client_side=client_side)
        super().__init__(handler, _CONFIG, h2_connection.config)
        self._h2_connection = h2_connection
        self._max_message = max_message

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Send the preface."""
        self._h2_connection.open()
        self._allowance = Allowance(trio.current_time())
        self.connection = Connection(
            self._h2_connection,
            cast("asyncio.Transport", transport),
            max_message=self._max_message,
        )
        self.connection.flush()
        self.processor = Events(self.handler, self.connection)

    @override
    def data_received(self, data: bytes) -> None:
        """Take bytes of the peer; what breaks the protocol is why every call on the connection fails."""
        try:
            events = self.connection.feed(data)
            self._check_allowance()
            for event in events:
                self.processor.process(event)
            self.connection.flush()
        except ProtocolError as error:
            self.connection.flush()  # tells the peer why
            self.processor.close(f"it broke HTTP/2: {why_broken(error)}")
        except Exception as error:
            log.warning("malformed input, closing the connection", exc_info=True)
            self.processor.close(f"malformed input: {error!r}")

    @override
    def unread(self) -> bool:
        return self._h2_connection.incoming_buffer.unread

    def _check_allowance(self) -> None:
        overhead, calls = self._h2_connection.overhead, self.connection.streams_started
        if not self._allowance.covers(overhead, calls, trio.current_time()):
            self._h2_connection.close_connection(ErrorCodes.ENHANCE_YOUR_CALM)
            raise ProtocolError("a flood of frames that carry nothing")

    @override
    def connection_lost(self, _exc: BaseException | None) -> None:
        self.processor.close("the connection was closed")
