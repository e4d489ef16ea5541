"""Answers and errors that foreign peers send or expect, where gRPC libraries have faults."""

import time
from contextlib import AsyncExitStack

import h2.events
import pytest
import trio
import trio.testing
from h2.errors import ErrorCodes

from botkube.wire import methods
from botkube.wire.client import PluginClient
from botkube.wire.codec import decode_blob
from botkube.wire.errors import CallError
from botkube.wire.messages import ExecuteRequest, ExecuteResponse, StreamRequest
from tests.fakes.wire.peers import (
    OK_HEADERS,
    OK_TRAILERS,
    Headers,
    Peer,
    Script,
    client_of_peers,
    framed,
    header_map,
    peer_of,
)
from tests.fakes.wire.services import Executor, Hanging, client_of, served

pytestmark = pytest.mark.real

HI = ExecuteRequest(command="hi")
TRAILERS_GONE: Headers = [("grpc-status", "5"), ("grpc-message", "gone")]


async def test_an_error_text_of_100_kb_arrives() -> None:
    text = "x" * 100_000

    async def script(peer: Peer) -> None:
        stream_id = await peer.incoming()
        await peer.answer(stream_id, b"", [("grpc-status", "2"), ("grpc-message", text)])
        await peer.closed()

    with trio.fail_after(60):
        async with client_of_peers(script) as client:
            with pytest.raises(CallError) as caught:
                await client.execute(HI)
    assert (caught.value.status, caught.value.message) == ("UNKNOWN", text)


async def test_request_headers_of_100_kb_are_taken() -> None:
    with trio.fail_after(60):
        async with served(Executor()) as plugin, peer_of(plugin.handshake) as peer:
            await peer.request(methods.HELP, extra=[("x-large", "x" * 100_000)])
            answer = await peer.event(h2.events.DataReceived)
            assert decode_blob((answer.data or b"")[5:]) == b"help"


async def test_a_long_error_text_neither_stops_the_program_nor_grows_without_limit() -> None:
    async def fail(_: ExecuteRequest) -> ExecuteResponse:
        await trio.lowlevel.checkpoint()
        raise CallError("UNKNOWN", "ä" * 300_000)

    with trio.fail_after(60):
        async with client_of(Executor(fail)) as client:
            start = time.process_time()
            with pytest.raises(CallError) as caught:
                await client.execute(HI)
            spent = time.process_time() - start
    assert caught.value.message == "ä" * 32768 + "... (truncated)"
    assert spent < 0.5  # 196 kB of header: with Huffman coding 2 s


@pytest.mark.parametrize("end", ["reset", "closed"])
async def test_an_error_that_is_the_last_word_is_an_error(end: str) -> None:
    for _ in range(10):
        with trio.fail_after(60):
            async with client_of_peers(last_word(TRAILERS_GONE, end)) as client:
                with pytest.raises(CallError, match="NOT_FOUND: gone"):
                    await client.execute(HI)
            async with (
                client_of_peers(last_word(TRAILERS_GONE, end)) as client,
                client.stream(StreamRequest()) as events,
            ):
                assert await anext(events) == b"ok"
                with pytest.raises(CallError, match="NOT_FOUND: gone"):
                    await anext(events)


@pytest.mark.parametrize("end", ["reset", "closed"])
async def test_a_reply_that_is_the_last_word_is_a_reply(end: str) -> None:
    for _ in range(10):
        with trio.fail_after(60):
            async with client_of_peers(last_word(OK_TRAILERS, end)) as client:
                assert await client.execute(HI) == ExecuteResponse(message=b"ok")


@pytest.mark.parametrize(("trailers", "error"), [(OK_TRAILERS, None), (TRAILERS_GONE, "gone")])
async def test_an_answer_is_read_to_its_end_long_after_the_peer_has_gone(
    trailers: Headers, error: str | None
) -> None:
    with trio.fail_after(60):
        async with (
            client_of_peers(last_word(trailers, "closed")) as client,
            client.stream(StreamRequest()) as events,
        ):
            await trio.testing.wait_all_tasks_blocked(0.01)
            assert await anext(events) == b"ok"
            with pytest.raises(StopAsyncIteration if error is None else CallError, match=error):
                await anext(events)


async def test_a_refusal_while_the_request_is_still_being_sent_is_that_error() -> None:
    async def refuse(peer: Peer) -> None:
        stream_id = (await peer.event(h2.events.RequestReceived)).stream_id
        assert stream_id is not None
        await trio.testing.wait_all_tasks_blocked(0.01)  # until it has no window left
        full = [("grpc-status", "8"), ("grpc-message", "full")]
        peer.h2.send_headers(stream_id, [*OK_HEADERS, *full], end_stream=True)
        peer.h2.reset_stream(stream_id, ErrorCodes.NO_ERROR)
        await peer.flush()
        await peer.closed()

    with trio.fail_after(60):
        async with client_of_peers(refuse) as client:
            with pytest.raises(CallError, match="RESOURCE_EXHAUSTED: full"):
                await client.execute(ExecuteRequest(command="x" * 1_000_000))
        async with client_of_peers(refuse) as client:
            with pytest.raises(CallError, match="RESOURCE_EXHAUSTED: full"):
                async with client.stream(StreamRequest(kube_config=b"x" * 1_000_000)):
                    pass


@pytest.mark.parametrize("seconds", [9.0, 15.9, 30.0, 1e9])
async def test_the_peer_hears_of_a_deadline_a_little_later_than_ours(seconds: float) -> None:
    heard: list[str] = []

    async def script(peer: Peer) -> None:
        request = await peer.event(h2.events.RequestReceived)
        heard.append(header_map(request.headers)["grpc-timeout"])
        await peer.answer(await peer.incoming(), b"", OK_TRAILERS)
        await peer.closed()

    began = trio.current_time()
    with trio.fail_after(seconds):
        async with client_of_peers(script) as client:
            await client.execute(HI)
    took = trio.current_time() - began
    amount, unit = int(heard[0][:-1]), {"m": 0.001, "S": 1}[heard[0][-1]]
    assert amount < 1e8
    assert seconds - took < amount * unit < seconds + 2 or amount == 99_999_999


async def test_a_stream_outlives_the_deadline_it_was_opened_under() -> None:
    async def script(peer: Peer) -> None:
        request = await peer.event(h2.events.RequestReceived)
        assert "grpc-timeout" not in header_map(request.headers)
        await peer.answer(await peer.incoming(), b"", OK_TRAILERS)
        await peer.closed()

    async with client_of_peers(script) as client, AsyncExitStack() as stack:
        with trio.fail_after(60):
            events = await stack.enter_async_context(client.stream(StreamRequest()))
            assert [event async for event in events] == [b""]


async def test_the_local_deadline_wins(mock_clock: trio.testing.MockClock) -> None:
    hanging = Hanging()

    async def call(client: PluginClient) -> None:
        with pytest.raises(trio.TooSlowError), trio.fail_after(60):
            await client.execute(HI)

    async with client_of(Executor(hanging)) as client, trio.open_nursery() as nursery:
        nursery.start_soon(call, client)
        await hanging.began.wait()
        mock_clock.jump(60.1)
        await hanging.cancelled.wait()


async def test_an_unknown_method_is_unimplemented_with_a_content_type() -> None:
    with trio.fail_after(60):
        async with served(Executor()) as plugin, peer_of(plugin.handshake) as peer:
            await peer.request("/executor.Executor/Dance")
            headers = header_map((await peer.event(h2.events.ResponseReceived)).headers)
    assert headers["content-type"] == "application/grpc"
    assert headers["grpc-status"] == "12"


async def test_an_answer_that_ends_without_a_status_is_an_error() -> None:
    async def script(peer: Peer) -> None:
        stream_id = await peer.incoming()
        peer.h2.send_headers(stream_id, OK_HEADERS)
        peer.h2.send_data(stream_id, framed(b""), end_stream=True)
        await peer.flush()
        await peer.closed()

    with trio.fail_after(60):
        async with client_of_peers(script) as client:
            with pytest.raises(CallError, match="UNKNOWN: Missing grpc-status header"):
                await client.execute(HI)


@pytest.mark.parametrize(
    ("reply", "status"),
    [(framed(b"\x0a\2ok", flag=1), "UNIMPLEMENTED"), (framed(b"\x0a\5h"), "INTERNAL")],
)
async def test_a_reply_that_cannot_be_read_is_an_error_of_that_call(
    reply: bytes, status: str
) -> None:
    async def script(peer: Peer) -> None:
        stream_id = await peer.incoming()
        peer.h2.send_headers(stream_id, OK_HEADERS)
        peer.h2.send_data(stream_id, reply)
        peer.h2.send_headers(stream_id, OK_TRAILERS, end_stream=True)
        await peer.flush()
        await peer.answer(await peer.incoming(), b"", OK_TRAILERS)
        await peer.closed()

    with trio.fail_after(60):
        async with client_of_peers(script) as client:
            with pytest.raises(CallError) as caught:
                await client.execute(HI)
            assert caught.value.status == status
            await client.execute(HI)


def last_word(trailers: Headers, end: str) -> Script:
    """A server that answers one call and ends the stream or the connection in the same breath."""

    async def script(peer: Peer) -> None:
        stream_id = await peer.incoming()
        peer.h2.send_headers(stream_id, OK_HEADERS)
        peer.h2.send_data(stream_id, framed(b"\x0a\2ok"))
        peer.h2.send_headers(stream_id, trailers, end_stream=True)
        if end == "reset":
            await peer.flush(b"\0\0\4\3\0" + stream_id.to_bytes(4, "big") + bytes(4))
            await peer.closed()
        else:
            await peer.flush()

    return script
