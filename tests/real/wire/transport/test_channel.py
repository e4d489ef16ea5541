"""Calls whose connection is lost, was never there, or is no gRPC connection."""

import h2.events
import pytest
import trio
import trio.testing
from grpclib.metadata import Deadline

from botkube._proto import executor
from botkube.wire.client import PluginClient, open_client
from botkube.wire.errors import CallError
from botkube.wire.handshake import Handshake
from botkube.wire.messages import (
    ExecuteRequest,
    StreamRequest,
)
from botkube.wire.transport.channel import open_channel
from tests.fakes.wire.peers import (
    OK_HEADERS,
    OK_TRAILERS,
    Peer,
    client_of_peers,
    framed,
)
from tests.fakes.wire.services import Executor, Hanging, served

pytestmark = pytest.mark.real

HI = ExecuteRequest(command="hi")


@pytest.mark.parametrize("cut", [0, 4, 9, 30, 60])
async def test_a_connection_cut_inside_an_answer_is_unavailable(cut: int) -> None:
    async def script(peer: Peer) -> None:
        stream_id = await peer.incoming()
        peer.h2.send_headers(stream_id, OK_HEADERS)
        peer.h2.send_data(stream_id, framed(b"\x0a\x40" + b"x" * 64))
        await peer.send_raw(peer.h2.data_to_send()[: cut + 1])

    with trio.fail_after(60):
        async with client_of_peers(script) as client:
            with pytest.raises(CallError) as caught:
                await client.execute(HI)
    assert caught.value.status == "UNAVAILABLE"


async def test_a_stream_that_ends_inside_a_message_is_no_answer() -> None:
    async def script(peer: Peer) -> None:
        stream_id = await peer.incoming()
        peer.h2.send_headers(stream_id, OK_HEADERS)
        peer.h2.send_data(stream_id, framed(b"\x0a\2ok")[:-1])
        peer.h2.send_headers(stream_id, OK_TRAILERS, end_stream=True)
        await peer.flush()
        await peer.closed()

    with trio.fail_after(60):
        async with client_of_peers(script) as client:
            with pytest.raises(CallError, match="ended inside a message"):
                await client.execute(HI)


async def test_events_that_came_before_a_loss_are_delivered() -> None:
    async def script(peer: Peer) -> None:
        stream_id = await peer.incoming()
        peer.h2.send_headers(stream_id, OK_HEADERS)
        for _ in range(3):
            peer.h2.send_data(stream_id, framed(b"\x0a\2ok"))
        await peer.flush()

    with trio.fail_after(60):
        async with (
            client_of_peers(script) as client,
            client.stream(StreamRequest()) as events,
        ):
            assert await anext(events) == b"ok"
            await trio.testing.wait_all_tasks_blocked(0.01)
            assert [await anext(events), await anext(events)] == [b"ok", b"ok"]
            with pytest.raises(CallError, match="UNAVAILABLE"):
                await anext(events)


async def test_http_errors_have_the_status_grpc_gives_them() -> None:
    async def script(peer: Peer) -> None:
        stream_id = await peer.incoming()
        peer.h2.send_headers(stream_id, [(":status", "503")], end_stream=True)
        await peer.flush()
        await peer.closed()

    with trio.fail_after(60):
        async with client_of_peers(script) as client:
            with pytest.raises(CallError, match="UNAVAILABLE: HTTP status"):
                await client.execute(HI)


async def test_a_server_that_breaks_http2_ends_the_call() -> None:
    async def script(peer: Peer) -> None:
        await peer.event(h2.events.StreamEnded)
        await peer.send_raw(b"\0\0\0\4\0\0\0\0\1")  # SETTINGS belong to no stream
        await peer.closed()

    with trio.fail_after(60):
        async with client_of_peers(script) as client:
            with pytest.raises(CallError) as caught:
                await client.execute(HI)
    assert caught.value.status == "UNAVAILABLE"


async def test_nobody_at_the_address_is_unavailable() -> None:
    for network, address in (("unix", "/nowhere/socket"), ("tcp", "127.0.0.1:1")):
        with trio.fail_after(60), pytest.raises(CallError) as caught:
            async with open_client(Handshake(network=network, address=address)):  # type: ignore[arg-type] # both are right
                pass
        assert caught.value.status == "UNAVAILABLE"


async def test_calls_over_tcp() -> None:
    async with trio.open_nursery() as nursery:
        listeners = await trio.open_tcp_listeners(0, host="127.0.0.1")

        async def serve(stream: trio.SocketStream) -> None:
            peer = Peer(stream, client_side=False)
            await peer.flush()
            stream_id = await peer.incoming()
            await peer.answer(stream_id, b"\x0a\2ok", OK_TRAILERS)
            await peer.closed()

        nursery.start_soon(trio.serve_listeners, serve, listeners)
        port = listeners[0].socket.getsockname()[1]
        with trio.fail_after(60):
            async with open_client(Handshake(network="tcp", address=f"127.0.0.1:{port}")) as client:
                assert (await client.execute(HI)).message == b"ok"
        nursery.cancel_scope.cancel()


async def test_a_generated_stub_can_call_over_it() -> None:
    with trio.fail_after(60):
        async with (
            served(Executor()) as plugin,
            open_channel("unix", plugin.handshake.address, max_message=1000) as channel,
        ):
            stub = executor.ExecutorStub(channel)
            response = await stub.execute(executor.ExecuteRequest(command="hi"))
            assert response.message == b"hi"


@pytest.mark.parametrize("kind", ["timeout", "deadline"])
async def test_a_time_limit_that_is_given_to_a_call_ends_it_at_both_ends(
    kind: str, mock_clock: trio.testing.MockClock
) -> None:
    hanging = Hanging()
    async with (
        served(Executor(hanging)) as plugin,
        open_channel("unix", plugin.handshake.address, max_message=1000) as channel,
        trio.open_nursery() as nursery,
    ):
        if kind == "timeout":
            stub = executor.ExecutorStub(channel, timeout=60)
        else:
            stub = executor.ExecutorStub(channel, deadline=Deadline.from_timeout(60))

        async def call() -> None:
            with pytest.raises(TimeoutError, match="deadline exceeded"):
                await stub.execute(executor.ExecuteRequest())

        nursery.start_soon(call)
        await hanging.began.wait()
        mock_clock.jump(61)
        await hanging.cancelled.wait()


async def test_who_is_cancelled_can_still_call_on_the_way_out() -> None:
    answers = []
    with trio.fail_after(60):
        async with served(Executor()) as plugin:
            with trio.CancelScope() as scope:
                async with open_client(plugin.handshake) as client:
                    scope.cancel()
                    try:
                        await trio.sleep_forever()
                    finally:
                        with trio.CancelScope(shield=True):
                            await trio.testing.wait_all_tasks_blocked()
                            answers.append((await client.execute(HI)).message)  # noqa: ASYNC120 - the cancellation goes on
    assert answers == [b"hi"]


async def test_leaving_does_not_wait_for_a_peer_that_reads_nothing() -> None:
    async def script(peer: Peer) -> None:
        await peer.incoming()
        await trio.sleep_forever()

    with trio.fail_after(60):
        async with client_of_peers(script) as client, trio.open_nursery() as nursery:
            nursery.start_soon(client.execute, ExecuteRequest(command="x" * 2**20))
            await trio.testing.wait_all_tasks_blocked(0.01)
            nursery.cancel_scope.cancel()


@pytest.mark.parametrize("kind", ["cancelled", "left"])
@pytest.mark.parametrize("ticks", [0, 1])
async def test_who_calls_as_the_channel_closes_holds_nothing_up(kind: str, ticks: int) -> None:
    async def late(client: PluginClient, leaving: trio.Event) -> None:
        await leaving.wait()
        for _ in range(ticks):
            await trio.lowlevel.checkpoint()
        with pytest.raises(CallError, match="UNAVAILABLE"):
            await client.execute(HI)

    with trio.fail_after(30):
        async with served(Executor()) as plugin, trio.open_nursery() as callers:
            with trio.CancelScope() as scope:
                async with open_client(plugin.handshake) as client:
                    leaving = trio.Event()
                    callers.start_soon(late, client, leaving)  # noqa: ASYNC111 - it calls as that ends
                    await trio.testing.wait_all_tasks_blocked()
                    leaving.set()
                    if kind == "cancelled":
                        scope.cancel()
                        await trio.sleep_forever()
