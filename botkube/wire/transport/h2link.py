"""The h2 connection with limits fit for gRPC, and h2's settings."""

from collections.abc import Iterable

import hpack
from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.errors import ErrorCodes
from h2.events import ConnectionTerminated, Event
from h2.exceptions import NoAvailableStreamIDError
from h2.settings import SettingCodes
from hyperframe.frame import Frame, GoAwayFrame

from botkube.runtime.override import override

MAX_HEADER_LIST = 2**20  # h2 announces 64 KiB; grpc-go sends and accepts error texts far over that
MAX_STREAMS = 10_000  # h2 announces 100: the 101st event stream of a plugin would wait for ever
# An unread stream holds its own window; the connection's must never be the bottleneck, or enough unread
# streams stop every other call, health checks included. So memory is bounded by the windows of the streams.
STREAM_WINDOW = 256 * 1024
CONNECTION_WINDOW = 2**31 - 1
_DEFAULT_WINDOW = 65_535


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

    @override
    def encode(self, headers: HeaderBlock, huffman: bool = False) -> bytes:  # noqa: ARG002, FBT001, FBT002 - hpack's signature
        return super().encode(headers, huffman=False)


class GrpcH2Connection(H2Connection):
    """Announces limits fit for gRPC in its first SETTINGS frame, and survives a graceful GOAWAY."""

    def __init__(self, *, client_side: bool) -> None:
        super().__init__(config=h2_config(client_side=client_side))
        self.going_away = False
        self.encoder = PlainEncoder()
        self.decoder.max_header_list_size = MAX_HEADER_LIST
        # made current before the preface is written: valid from the first byte
        self.local_settings[SettingCodes.MAX_HEADER_LIST_SIZE] = MAX_HEADER_LIST
        self.local_settings[SettingCodes.MAX_CONCURRENT_STREAMS] = MAX_STREAMS
        self.local_settings[SettingCodes.INITIAL_WINDOW_SIZE] = STREAM_WINDOW
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
