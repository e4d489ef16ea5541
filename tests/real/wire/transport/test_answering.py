"""Calls being answered, as a scripted caller sees it."""

import h2.events
import pytest
import trio
from h2.errors import ErrorCodes

from botkube.wire import methods
from botkube.wire.messages import StreamRequest
from botkube.wire.services import Send
from tests.fakes.wire.peers import framed, header_map, peer_of, request_headers
from tests.fakes.wire.services import Executor, Hanging, Source, client_of, served

pytestmark = pytest.mark.real


async def test_a_fast_producer_lets_others_run() -> None:
    turns = 0

    async def produce(_: StreamRequest, send: Send) -> None:
        async def count() -> None:
            nonlocal turns
            while True:
                turns += 1
                await trio.lowlevel.checkpoint()

        async with trio.open_nursery() as nursery:
            nursery.start_soon(count)
            for _number in range(50):  # the socket takes all of it at once
                await send(b"event")
            nursery.cancel_scope.cancel()

    with trio.fail_after(60):
        async with (
            client_of(source=Source(produce)) as client,
            client.stream(StreamRequest()) as events,
        ):
            assert [event async for event in events] == [b"event"] * 50
    assert turns >= 25


async def test_a_server_that_has_answered_resets_without_an_error() -> None:
    with trio.fail_after(60):
        async with served(Executor()) as plugin, peer_of(plugin.handshake) as peer:
            peer.h2.send_headers(1, request_headers("/executor.Executor/Dance"))  # and more to come
            await peer.flush()
            reset = await peer.event(h2.events.StreamReset)
    assert reset.error_code == ErrorCodes.NO_ERROR


async def test_a_method_is_cancelled_when_its_caller_resets_the_call() -> None:
    hanging = Hanging()
    with trio.fail_after(60):
        async with served(Executor(hanging)) as plugin, peer_of(plugin.handshake) as peer:
            stream_id = await peer.request(methods.EXECUTE)
            await hanging.began.wait()
            peer.h2.reset_stream(stream_id, ErrorCodes.CANCEL)
            await peer.flush()
            await hanging.cancelled.wait()


@pytest.mark.parametrize(
    ("data", "status"),
    [(b"", "13"), (framed(b"hi")[:-1], "13"), (framed(b"", flag=1), "12")],
)
async def test_a_request_without_a_whole_message_is_refused(data: bytes, status: str) -> None:
    with trio.fail_after(60):
        async with served(Executor()) as plugin, peer_of(plugin.handshake) as peer:
            peer.h2.send_headers(1, request_headers(methods.EXECUTE))
            peer.h2.send_data(1, data, end_stream=True)
            await peer.flush()
            answer = await peer.event(h2.events.ResponseReceived)
    assert header_map(answer.headers)["grpc-status"] == status


async def test_odd_metadata_of_a_caller_do_not_matter() -> None:
    with trio.fail_after(60):
        async with served(Executor()) as plugin, peer_of(plugin.handshake) as peer:
            await peer.request(methods.HELP, extra=[("odd-bin", "!"), ("grpc-timeout", "5S")])
            assert (await peer.event(h2.events.DataReceived)).data == framed(b"\x0a\x04help")
