from botkube.wire.transport.frames import Allowance, FairFrameBuffer


def turn(buffer: FairFrameBuffer) -> tuple[int, bool]:
    """How many frames there were, and whether there may be more."""
    return len(list(buffer)), buffer.unread


def test_a_turn_ends_by_number_or_size() -> None:
    buffer = FairFrameBuffer(server=False)
    buffer.max_frame_size = 16_384
    buffer.add_data(b"\0\0\4\0\0\0\0\0\1data" * 100)
    assert [turn(buffer) for _ in range(3)] == [(64, True), (36, False), (0, False)]
    buffer.add_data((b"\0\x10\0\x42\0\0\0\0\0" + bytes(4096)) * 2)
    assert [turn(buffer) for _ in range(3)] == [(1, True), (1, True), (0, False)]


def test_a_peer_may_send_empty_frames_for_each_call_and_as_time_passes() -> None:
    allowance = Allowance(0)
    assert allowance.covers(20_000, 0, 0)
    assert allowance.covers(20_000 + 20 * 100, 100, 0)  # earned by calls
    assert allowance.covers(22_000 + 1000, 100, 1)  # and by time
    assert not allowance.covers(23_001, 100, 1)
    assert allowance.covers(40_000, 100, 1_000_000)  # no more than is allowed at once
    assert not allowance.covers(80_000, 100, 1_000_000)
