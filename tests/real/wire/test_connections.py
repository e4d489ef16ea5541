"""Connections that outlive what foreign or hostile peers do, where HTTP/2 and gRPC libraries have faults."""

from contextlib import AbstractAsyncContextManager

import h2.events
import pytest
import trio
import trio.testing

from botkube.wire import methods
from botkube.wire.client import open_client
from botkube.wire.codec import decode_blob
from botkube.wire.messages import ExecuteRequest, ExecuteResponse, StreamRequest
from tests.fakes.wire.peers import (
    OK_HEADERS,
    OK_TRAILERS,
    Peer,
    client_of_peers,
    framed,
    peer_of,
)
from tests.fakes.wire.services import Counting, Executor, Source, client_of, served

pytestmark = pytest.mark.real

HI = ExecuteRequest(command="hi")
ODD_HEADER = (b"x-odd", b"\xc3\xbc\xff")  # neither ASCII nor UTF-8
UNKNOWN_FRAME = b"\0\0\4\x42\0\0\0\0\0data"


async def test_many_unread_streams_do_not_block_other_calls() -> None:
    producer = Counting()
    with trio.fail_after(60):
        async with (
            client_of(Executor(), Source(producer)) as client,
            trio.open_nursery() as nursery,
        ):
            for _ in range(40):
                nursery.start_soon(hold_open, client.stream(StreamRequest()))
            await trio.testing.wait_all_tasks_blocked(0.05)
            assert producer.streams == 40
            with trio.fail_after(60):
                await client.check_health()
            nursery.cancel_scope.cancel()


async def test_the_101st_stream_is_served() -> None:
    with trio.fail_after(60):
        async with client_of(Executor()) as client, trio.open_nursery() as nursery:
            await client.check_health()  # the plugin's limit is known from here on
            for _ in range(120):
                nursery.start_soon(hold_open, client.stdio())
            await trio.testing.wait_all_tasks_blocked(0.01)
            with trio.fail_after(60):
                await client.check_health()
            nursery.cancel_scope.cancel()


async def test_odd_frames_do_not_end_a_client() -> None:
    async def script(peer: Peer) -> None:
        stream_id = await peer.incoming()
        peer.h2.send_headers(stream_id, [(":status", "103")])
        await peer.flush(UNKNOWN_FRAME)
        peer.h2.send_headers(stream_id, [*OK_HEADERS, ODD_HEADER])
        peer.h2.send_data(stream_id, framed(b"\x0a\2ok"))
        peer.h2.send_headers(stream_id, OK_TRAILERS, end_stream=True)
        await peer.flush(UNKNOWN_FRAME)
        await peer.closed()

    with trio.fail_after(60):
        async with client_of_peers(script) as client:
            assert await client.execute(HI) == ExecuteResponse(message=b"ok")


async def test_odd_frames_do_not_end_a_server() -> None:
    with trio.fail_after(60):
        async with served(Executor()) as plugin, peer_of(plugin.handshake) as peer:
            await peer.flush(UNKNOWN_FRAME)
            await peer.request(methods.HELP, extra=[ODD_HEADER])
            assert (
                decode_blob(((await peer.event(h2.events.DataReceived)).data or b"")[5:]) == b"help"
            )


async def test_a_client_ignores_requests() -> None:
    async def backwards(peer: Peer) -> None:
        stream_id = await peer.incoming()
        await peer.flush(b"\0\0\1\1\5\0\0\0\2\x82")  # HEADERS of stream 2: GET
        await peer.answer(stream_id, b"\x0a\2ok", OK_TRAILERS)
        await peer.closed()

    with trio.fail_after(60):
        async with client_of_peers(backwards) as client:
            assert (await client.execute(HI)).message == b"ok"


async def test_a_graceful_goaway_lets_calls_finish_and_the_next_connects_again() -> None:
    async def leaving(peer: Peer) -> None:
        stream_id = await peer.incoming()
        goaway = b"\0\0\x08\x07\0\0\0\0\0" + stream_id.to_bytes(4, "big") + bytes(4)
        await peer.flush(goaway)
        await peer.answer(stream_id, b"\x0a\3one", OK_TRAILERS)
        await peer.closed()

    async def staying(peer: Peer) -> None:
        await peer.answer(await peer.incoming(), b"\x0a\3two", OK_TRAILERS)
        await peer.closed()

    with trio.fail_after(60):
        async with client_of_peers(leaving, staying) as client:
            assert (await client.execute(HI)).message == b"one"
            assert (await client.execute(HI)).message == b"two"


async def test_exceptions_of_the_block_come_out_bare() -> None:
    with trio.fail_after(60):
        async with served(Executor()) as plugin:
            with pytest.raises(ZeroDivisionError):
                async with open_client(plugin.handshake):
                    raise ZeroDivisionError


async def hold_open(stream: AbstractAsyncContextManager[object]) -> None:
    """Open a stream and read nothing."""
    async with stream:
        await trio.sleep_forever()
