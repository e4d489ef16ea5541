"""Calls being made, to a scripted peer."""

import pytest
import trio
import trio.testing
from h2.errors import ErrorCodes
from h2.events import StreamReset

from botkube.wire.errors import CallError
from botkube.wire.messages import ExecuteRequest, StreamRequest
from tests.fakes.wire.peers import (
    OK_HEADERS,
    OK_TRAILERS,
    Headers,
    Peer,
    Script,
    client_of_peers,
    framed,
)

pytestmark = pytest.mark.real

HI = ExecuteRequest(command="hi")


async def test_a_client_that_leaves_early_cancels() -> None:
    codes: list[object] = []

    async def script(peer: Peer) -> None:
        stream_id = await peer.incoming()
        peer.h2.send_headers(stream_id, OK_HEADERS)
        peer.h2.send_data(stream_id, framed(b"\x0a\2ok"))
        await peer.flush()
        codes.append((await peer.event(StreamReset)).error_code)

    with trio.fail_after(60):
        async with client_of_peers(script) as client:
            async with client.stream(StreamRequest()) as events:
                assert await anext(events) == b"ok"
            await trio.testing.wait_all_tasks_blocked(0.01)
    assert codes == [ErrorCodes.CANCEL]


@pytest.mark.parametrize("code", ["17", "-1", "", "x", "²", "9" * 5000])
async def test_a_status_that_does_not_exist_is_unknown(code: str) -> None:
    with trio.fail_after(60):
        async with client_of_peers(answering([("grpc-status", code)])) as client:
            with pytest.raises(CallError, match="UNKNOWN: Invalid grpc-status"):
                await client.execute(HI)


@pytest.mark.parametrize(
    "content_type", ["text/html", "application/grpc+json", "application/grpcweb"]
)
async def test_an_answer_of_another_kind_is_refused(content_type: str) -> None:
    headers: Headers = [(":status", "200"), ("content-type", content_type)]
    with trio.fail_after(60):
        async with client_of_peers(answering(OK_TRAILERS, headers)) as client:
            with pytest.raises(CallError, match=r"UNKNOWN: .*content-type"):
                await client.execute(HI)


async def test_an_answer_may_name_its_encoding_and_have_odd_metadata() -> None:
    headers: Headers = [
        (":status", "200"),
        ("content-type", "application/grpc+proto"),
        ("odd-bin", "!"),
    ]
    with trio.fail_after(60):
        async with client_of_peers(answering([*OK_TRAILERS, ("x-bin", "\xff")], headers)) as client:
            assert (await client.execute(HI)).message == b"ok"


async def test_an_answer_is_exactly_one_message() -> None:
    async def none(peer: Peer) -> None:
        stream_id = await peer.incoming()
        peer.h2.send_headers(stream_id, [*OK_HEADERS, *OK_TRAILERS], end_stream=True)
        await peer.flush()
        stream_id = await peer.incoming()
        peer.h2.send_headers(stream_id, OK_HEADERS)
        peer.h2.send_data(stream_id, framed(b"") * 2)
        await peer.flush()
        await peer.closed()

    with trio.fail_after(60):
        async with client_of_peers(none) as client:
            with pytest.raises(CallError, match="INTERNAL: no message"):
                await client.execute(HI)
            with pytest.raises(CallError, match="INTERNAL: several messages"):
                await client.execute(HI)


async def test_a_stream_that_has_ended_stays_ended() -> None:
    with trio.fail_after(60):
        async with (
            client_of_peers(answering(OK_TRAILERS)) as client,
            client.stream(StreamRequest()) as events,
        ):
            assert [event async for event in events] == [b"ok"]
            assert [event async for event in events] == []


def answering(trailers: Headers, headers: Headers = OK_HEADERS) -> Script:
    """A server that answers one call."""

    async def script(peer: Peer) -> None:
        stream_id = await peer.incoming()
        peer.h2.send_headers(stream_id, headers)
        peer.h2.send_data(stream_id, framed(b"\x0a\2ok"))
        peer.h2.send_headers(stream_id, trailers, end_stream=True)
        await peer.flush()
        await peer.closed()

    return script
