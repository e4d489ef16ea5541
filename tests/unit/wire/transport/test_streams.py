"""One stream without a socket."""

import pytest
import trio
from grpclib.exceptions import StreamTerminatedError
from h2.errors import ErrorCodes
from h2.events import StreamReset

from botkube.wire.transport.primitives import CallScope
from botkube.wire.transport.streams import close_stream
from tests.fakes.wire.wired import connected, open_stream


@pytest.mark.parametrize("complete", [False, True])
async def test_only_a_complete_answer_survives_what_comes_behind_it(*, complete: bool) -> None:
    protocol, _, _ = connected()
    stream, _ = await open_stream(protocol)
    stream.wrapper = scope = CallScope()
    if complete:
        await stream.end()
        stream.__ended__()
    protocol.connection_lost(None)
    assert bool(scope.cancelled) is not complete
    if not complete:
        with pytest.raises(StreamTerminatedError), scope:
            pytest.fail("entered after the failure")


async def test_an_end_without_trailers_is_an_end() -> None:
    protocol, _, _ = connected()
    stream, _ = await open_stream(protocol)
    stream.__ended__()
    with trio.fail_after(30):
        assert await stream.recv_trailers() == []
        assert await stream.buffer.read_message() is None


async def test_a_reset_goes_out_while_the_peer_is_not_reading() -> None:
    protocol, wire, peer = connected()
    stream, release = await open_stream(protocol)
    protocol.pause_writing()
    close_stream(stream, release)
    resets = [event for event in peer.receive_data(wire.written) if isinstance(event, StreamReset)]
    assert [event.error_code for event in resets] == [ErrorCodes.CANCEL]
    assert protocol.processor.streams == {}
