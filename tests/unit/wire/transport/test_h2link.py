"""What a connection announces and how it encodes, seen by plain h2."""

from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import RemoteSettingsChanged
from h2.settings import SettingCodes
from hpack import Decoder

from botkube.wire.transport.h2link import GrpcH2Connection, PlainEncoder


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
    assert peer.outbound_flow_control_window == 2**31 - 1


def test_headers_are_not_huffman_coded() -> None:
    ours = GrpcH2Connection(client_side=True)
    ours.open()
    ours.data_to_send()
    ours.send_headers(1, [(":method", "POST"), ("x-text", "a" * 1000)])
    assert b"a" * 1000 in ours.data_to_send()
    encoded = PlainEncoder().encode([("x-text", "a" * 1000)])
    assert list(map(str, Decoder().decode(encoded))) == [str(("x-text", "a" * 1000))]
