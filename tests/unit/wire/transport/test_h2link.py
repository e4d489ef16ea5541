"""What a connection announces and how it encodes, seen by plain h2."""

import pytest
from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import RemoteSettingsChanged
from h2.exceptions import ProtocolError
from h2.settings import SettingCodes
from hpack import Decoder
from hyperframe.frame import DataFrame

from botkube.wire.transport.h2link import (
    GrpcH2Connection,
    PlainEncoder,
    why_broken,
)


def test_limits_are_announced_in_the_first_settings() -> None:
    ours = GrpcH2Connection(client_side=True)
    ours.open()
    peer = H2Connection(H2Configuration(client_side=False))
    events = peer.receive_data(ours.data_to_send())
    settings = [event for event in events if isinstance(event, RemoteSettingsChanged)]
    changed = {code: setting.new_value for code, setting in settings[0].changed_settings.items()}
    assert len(settings) == 1
    assert changed[SettingCodes.MAX_CONCURRENT_STREAMS] == 10_000
    assert changed[SettingCodes.MAX_HEADER_LIST_SIZE] == 2**20
    assert changed[SettingCodes.INITIAL_WINDOW_SIZE] == 256 * 1024
    assert changed[SettingCodes.ENABLE_PUSH] == 0
    assert peer.outbound_flow_control_window == 2**31 - 1


def test_headers_are_not_huffman_coded() -> None:
    ours = GrpcH2Connection(client_side=True)
    ours.open()
    ours.data_to_send()
    ours.send_headers(1, [(":method", "POST"), ("x-text", "a" * 1000)])
    assert b"a" * 1000 in ours.data_to_send()
    encoded = PlainEncoder().encode([("x-text", "a" * 1000)])
    assert list(map(str, Decoder().decode(encoded))) == [str(("x-text", "a" * 1000))]


def test_a_peer_may_not_make_us_remember_more_headers() -> None:
    ours = GrpcH2Connection(client_side=True)
    ours.open()
    ours.receive_data(b"\0\0\6\4\0\0\0\0\0" + b"\0\1\xff\xff\xff\xff")
    assert ours.encoder.header_table_size == 4096
    ours.receive_data(b"\0\0\6\4\0\0\0\0\0" + b"\0\1\0\0\0\0")
    assert ours.encoder.header_table_size == 0
    ours.data_to_send()
    ours.send_headers(1, [(":method", "POST")])
    assert ours.data_to_send()[9] == 0x20  # it is told of the change


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"\xff\xff\xff\0", "overlong frame: length 16777215, max 16384"),
        (b"HTTP/1.1 400", "it answers in HTTP/1"),
        (b"\0\0\4\0\0\0\0\x09\x09data", "RECV_DATA in state"),
    ],
)
def test_what_a_peer_did_wrong_is_said_as_soon_as_it_can_be_seen(data: bytes, why: str) -> None:
    ours = GrpcH2Connection(client_side=True)
    ours.open()
    with pytest.raises(ProtocolError) as caught:
        ours.receive_data(data)
    assert why in why_broken(caught.value)


def test_a_frame_for_a_stream_that_never_was() -> None:
    ours = GrpcH2Connection(client_side=True)
    ours.open()
    ours.send_headers(1, [(":method", "POST")])
    with pytest.raises(ProtocolError) as caught:
        ours.receive_data(b"\0\0\4\0\0\0\0\x09\x09data")
    assert why_broken(caught.value) == "a frame for stream 2313, which was never opened"


def test_a_frame_that_comes_in_pieces() -> None:
    ours = GrpcH2Connection(client_side=True)
    ours.open()
    data = b"\0\0\6\4\0\0\0\0\0" + b"\0\3\0\0\0\7"
    events = [event for at in range(len(data)) for event in ours.receive_data(data[at : at + 1])]
    assert [type(event) for event in events] == [RemoteSettingsChanged]


def test_only_the_latest_ended_calls_are_remembered() -> None:
    ours = GrpcH2Connection(client_side=True)
    ours.open()
    peer = H2Connection(H2Configuration(client_side=False))
    peer.initiate_connection()
    ours.receive_data(peer.data_to_send())
    for stream in range(1, 10_001, 2):
        ours.send_headers(stream, [(":method", "POST")])
        ours.reset_stream(stream)
    sent_before_it_knew = DataFrame(9_999, data=b"late").serialize()
    ours.receive_data(sent_before_it_knew)  # is no fault of the peer's
    assert len(ours._closed_streams) == 2048
