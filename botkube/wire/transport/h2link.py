"""The h2 connection with limits fit for gRPC, and h2's settings."""

from collections.abc import Iterable
from typing import Final

import hpack
from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.errors import ErrorCodes
from h2.events import ConnectionTerminated, Event
from h2.exceptions import NoAvailableStreamIDError, NoSuchStreamError, ProtocolError
from h2.settings import SettingCodes
from hyperframe.frame import DataFrame, Frame, GoAwayFrame

from botkube.runtime.override import override
from botkube.wire.transport.frames import FairFrameBuffer

MAX_HEADER_LIST = 2**20  # h2 announces 64 KiB; grpc-go sends and accepts error texts far over that
MAX_STREAMS = 10_000  # h2 announces 100: the 101st event stream of a plugin would wait for ever
# An unread stream holds its own window; the connection's must never be the bottleneck, or enough unread
# streams stop every other call, health checks included. So memory is bounded by the windows of the streams.
STREAM_WINDOW = 256 * 1024
CONNECTION_WINDOW = 2**31 - 1
_DEFAULT_WINDOW = 65_535
_HEADER_TABLE: Final = (
    4096  # of what was sent; a peer may allow gigabytes, each deadline is an entry
)

_Text = bytes | str
HeaderBlock = (
    Iterable[hpack.HeaderTuple | tuple[_Text, _Text] | tuple[_Text, _Text, bool | None]]
    | dict[_Text, _Text]
)


def h2_config(*, client_side: bool) -> H2Configuration:
    """Headers as latin-1, which decodes every byte: one odd header must not end the connection."""
    return H2Configuration(
        client_side=client_side,
        header_encoding="latin-1",
        validate_inbound_headers=False,
        validate_outbound_headers=False,
        normalize_inbound_headers=False,
        normalize_outbound_headers=False,
    )


class PlainEncoder(hpack.Encoder):
    """Hpack without Huffman coding, whose encoder is quadratic: a text of 100 kB stopped the loop for 0.5 s."""

    @property  # type: ignore[explicit-override] # mypy sees it on the getter, but asks for it on the setter
    @override
    def header_table_size(self) -> int:
        """How many bytes of headers are remembered."""
        return self.header_table.maxsize

    @header_table_size.setter
    def header_table_size(self, value: int) -> None:
        value = min(value, _HEADER_TABLE)
        self.header_table.maxsize = value
        if self.header_table.resized:
            self.table_size_changes.append(value)

    @override
    def encode(self, headers: HeaderBlock, huffman: bool = False) -> bytes:  # noqa: ARG002, FBT001, FBT002 - hpack's signature
        return super().encode(headers, huffman=False)


def why_broken(error: ProtocolError) -> str:
    """What a peer did against the protocol; h2's text for one case is a bare number."""
    if isinstance(error, NoSuchStreamError):
        return f"a frame for stream {error.stream_id}, which was never opened"
    return str(error) or type(error).__name__


class GrpcH2Connection(H2Connection):
    """Announces limits fit for gRPC in its first SETTINGS frame, and survives a graceful GOAWAY."""

    incoming_buffer: FairFrameBuffer  # type: ignore[mutable-override] # set once
    # How a call had ended is asked only about frames that were on their way then; h2's 65,536 of them take
    # 7 MiB at either end of a connection.
    MAX_CLOSED_STREAMS = 2048

    def __init__(self, *, client_side: bool) -> None:
        super().__init__(config=h2_config(client_side=client_side))
        self.going_away = False
        self.overhead = 0  # frames received that carried nothing
        self.incoming_buffer = FairFrameBuffer(server=not client_side)
        self.encoder = PlainEncoder()
        self.decoder.max_header_list_size = MAX_HEADER_LIST
        # made current before the preface is written: valid from the first byte
        self.local_settings[SettingCodes.MAX_HEADER_LIST_SIZE] = MAX_HEADER_LIST
        self.local_settings[SettingCodes.MAX_CONCURRENT_STREAMS] = MAX_STREAMS
        self.local_settings[SettingCodes.INITIAL_WINDOW_SIZE] = STREAM_WINDOW
        if client_side:  # a promised stream would be kept for ever: nobody reads it
            self.local_settings[SettingCodes.ENABLE_PUSH] = 0
        self.local_settings.acknowledge()

    def open(self) -> None:
        """Write the preface, SETTINGS and the connection's window."""
        self.initiate_connection()
        self.increment_flow_control_window(CONNECTION_WINDOW - _DEFAULT_WINDOW)

    @override
    def get_next_available_stream_id(self) -> int:
        if self.going_away:
            raise NoAvailableStreamIDError("the peer is going away")
        return super().get_next_available_stream_id()

    @override
    def _receive_frame(self, frame: Frame) -> list[Event]:
        if not (isinstance(frame, DataFrame) and frame.data):
            self.overhead += 1
        return super()._receive_frame(frame)

    @override
    def _receive_goaway_frame(self, frame: GoAwayFrame) -> tuple[list[Frame], list[Event]]:
        # h2 closes at once; by RFC 9113 6.8, with NO_ERROR the streams up to last_stream_id go on
        if frame.error_code != ErrorCodes.NO_ERROR:
            return super()._receive_goaway_frame(frame)
        self.going_away = True
        event = ConnectionTerminated()
        event.error_code = ErrorCodes.NO_ERROR
        event.last_stream_id = frame.last_stream_id
        event.additional_data = frame.additional_data or None
        return [], [event]
