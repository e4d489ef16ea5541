"""Calls to a plugin: results, errors, cancelling, limits."""

from pathlib import Path
from typing import TYPE_CHECKING

import h2.events
import pytest
import trio
import trio.testing

from botkube.wire.client import PluginClient, open_client
from botkube.wire.errors import CallError
from botkube.wire.messages import (
    ExecuteRequest,
    ExecuteResponse,
    ExternalRequest,
    Metadata,
    StreamRequest,
)
from botkube.wire.services import Send
from tests.fakes.cancelling import cancelled_at
from tests.fakes.wire.peers import (
    OK_HEADERS,
    Peer,
    client_of_peers,
)
from tests.fakes.wire.services import Counting, Executor, Hanging, Source, client_of, served

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

pytestmark = pytest.mark.real

HI = ExecuteRequest(command="hi")


async def nothing(_: StreamRequest, __: Send) -> None:
    """A stream that ends at once."""
    await trio.lowlevel.checkpoint()


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def living_tasks() -> int:
    return trio.lowlevel.current_statistics().tasks_living


async def test_all_calls_of_an_executor() -> None:
    metadata = Metadata(
        version="v1", description="d", dependencies={"kubectl": {"linux/amd64": "u"}}
    )
    with trio.fail_after(60):
        async with client_of(Executor(metadata=metadata)) as client:
            await client.check_health()
            request = ExecuteRequest(command="hi", configs=(b"a: 1", b""))
            answer = ExecuteResponse(message=b"hi", messages=(b"a: 1", b""))
            assert await client.execute(request) == answer
            assert await client.help() == b"help"
            assert await client.executor_metadata() == metadata


async def test_all_calls_of_a_source() -> None:
    seen: list[StreamRequest] = []

    async def two(request: StreamRequest, send: Send) -> None:
        seen.append(request)
        await send(b"one")
        await send(b"")
        await send(b"x" * 300_000)

    metadata = Metadata(version="v1", description="d", external_request_schema="{}")
    request = StreamRequest(configs=(b"c",), interactive=True, source_name="s", kube_config=b"k")
    with trio.fail_after(60):
        async with client_of(source=Source(two, metadata)) as client:
            async with client.stream(request) as events:
                assert [event async for event in events] == [b"one", b"", b"x" * 300_000]
            assert await client.handle_external_request(ExternalRequest(payload=b"p")) == b"p"
            assert await client.source_metadata() == metadata
    assert seen == [request]


@pytest.mark.parametrize(
    ("error", "status", "text"),
    [
        (CallError("NOT_FOUND", "none: ü\n100%"), "NOT_FOUND", "none: ü\n100%"),
        (CallError("UNIMPLEMENTED", ""), "UNIMPLEMENTED", ""),
        (ValueError("bad value"), "UNKNOWN", "bad value"),
        (KeyError(), "UNKNOWN", "KeyError"),
    ],
)
async def test_the_error_of_a_plugin_arrives(error: Exception, status: str, text: str) -> None:
    async def fail(_: object, __: object = None) -> ExecuteResponse:
        await trio.lowlevel.checkpoint()
        raise error

    with trio.fail_after(60):
        async with client_of(Executor(fail), Source(fail)) as client:
            with pytest.raises(CallError) as caught:
                await client.execute(HI)
            assert (caught.value.status, caught.value.message) == (status, text)
            with pytest.raises(CallError) as caught:
                async with client.stream(StreamRequest()) as events:
                    await anext(events)
            assert (caught.value.status, caught.value.message) == (status, text)
            await client.check_health()


async def test_what_a_plugin_does_not_serve_is_unimplemented() -> None:
    with trio.fail_after(60):
        async with client_of(Executor()) as client:
            with pytest.raises(CallError, match="UNIMPLEMENTED"):
                await client.source_metadata()


async def test_cancelling_reaches_the_plugin() -> None:
    unary, streaming = Hanging(), Hanging()
    calls: list[Callable[[PluginClient], Awaitable[object]]] = [
        lambda client: client.execute(HI),
        lambda client: read_all(client, StreamRequest()),
    ]
    with trio.fail_after(60):
        async with client_of(Executor(unary), Source(streaming)) as client:
            for hanging, call in zip((unary, streaming), calls, strict=True):
                async with trio.open_nursery() as nursery:
                    nursery.start_soon(call, client)
                    await hanging.began.wait()
                    nursery.cancel_scope.cancel()
                await hanging.cancelled.wait()


async def test_leaving_a_stream_early_ends_it_at_the_plugin() -> None:
    ended = trio.Event()

    async def endless(_: StreamRequest, send: Send) -> None:
        try:
            while True:
                await send(b"x" * 1000)
        finally:
            ended.set()

    with trio.fail_after(60):
        async with client_of(source=Source(endless)) as client:
            async with client.stream(StreamRequest()) as events:
                await anext(events)
            await ended.wait()


async def test_execute_can_be_cancelled_at_any_point() -> None:
    with trio.fail_after(60):
        async with served(Executor()) as plugin, open_client(plugin.handshake) as client:
            await client.check_health()
            files, tasks, checkpoint = open_files(), living_tasks(), 1
            while await cancelled_at(checkpoint, lambda: client.execute(HI)):
                checkpoint += 1
                await trio.testing.wait_all_tasks_blocked(0.001)
                assert (open_files(), living_tasks()) == (files, tasks)
            assert checkpoint > 2
            assert (await client.execute(HI)).message == b"hi"


@pytest.mark.alone
async def test_a_thousand_cancels_leave_nothing_behind() -> None:
    async def stalled(_: StreamRequest, send: Send) -> None:
        await send(b"event")
        await trio.sleep_forever()

    with trio.fail_after(60):
        async with client_of(Executor(Hanging()), Source(stalled)) as client:
            await client.check_health()
            files, tasks = open_files(), living_tasks()
            for _ in range(10):
                async with trio.open_nursery() as nursery:
                    for _number in range(50):
                        nursery.start_soon(client.execute, HI)
                        nursery.start_soon(read_all, client, StreamRequest())
                    await trio.testing.wait_all_tasks_blocked()
                    nursery.cancel_scope.cancel()
            await trio.testing.wait_all_tasks_blocked(0.01)
            assert (open_files(), living_tasks()) == (files, tasks)
            await client.check_health()


async def test_a_slow_reader_stops_the_producer() -> None:
    producer = Counting(1024)
    with trio.fail_after(60):
        async with (
            client_of(source=Source(producer)) as client,
            client.stream(StreamRequest()) as events,
        ):
            await trio.testing.wait_all_tasks_blocked(0.02)
            taken = producer.sent
            assert 200 <= taken <= 256  # a window of 256 KiB, nothing else
            for _ in range(100):
                await anext(events)
            await trio.testing.wait_all_tasks_blocked(0.02)
            assert taken < producer.sent <= taken + 100


async def test_a_response_over_the_limit_is_an_error_of_that_call() -> None:
    with trio.fail_after(60):
        async with client_of(Executor(), max_response=1000) as client:
            text = r"RESOURCE_EXHAUSTED: message of 1[0-9]{3} bytes over the limit of 1000, see the key"
            with pytest.raises(CallError, match=text):
                await client.execute(ExecuteRequest(command="x" * 1000))
            assert len((await client.execute(ExecuteRequest(command="x" * 900))).message) == 900


async def test_a_large_request_and_response_arrive() -> None:
    with trio.fail_after(60):
        async with client_of(Executor()) as client:
            command = "x" * (4 * 2**20 - 100)
            assert (
                await client.execute(ExecuteRequest(command=command))
            ).message.decode() == command


async def test_a_request_over_4_mib_is_refused_before_it_is_sent() -> None:
    async def script(peer: Peer) -> None:
        await peer.closed()

    request = ExecuteRequest(
        command="hi", kube_config=b"k" * 3_000_000, slack_state=b"s" * 2_000_000
    )
    with trio.fail_after(60):
        async with client_of_peers(script) as client:
            with pytest.raises(
                CallError, match="largest part is the kubeconfig with 3000000 bytes"
            ):
                await client.execute(request)
            with pytest.raises(CallError, match="largest part is the kubeconfig"):
                async with client.stream(StreamRequest(kube_config=b"k" * 5_000_000)):
                    pass
            with pytest.raises(CallError, match="largest part is the request body"):
                await client.handle_external_request(ExternalRequest(payload=b"k" * 5_000_000))


async def test_the_plugins_deadline_is_that_status() -> None:
    async def script(peer: Peer) -> None:
        stream_id = await peer.incoming()
        peer.h2.send_headers(stream_id, [*OK_HEADERS, ("grpc-status", "4")], end_stream=True)
        await peer.flush()
        await peer.closed()

    with trio.fail_after(60):
        async with client_of_peers(script) as client:
            with pytest.raises(CallError) as caught:
                await client.execute(HI)
    assert caught.value.status == "DEADLINE_EXCEEDED"


async def test_a_plugin_that_is_late_by_itself_ends_at_its_deadline() -> None:
    hanging = Hanging()
    with trio.fail_after(60):
        async with served(Executor(hanging)) as plugin:
            async with await trio.open_unix_socket(plugin.handshake.address) as stream:
                peer = Peer(stream, client_side=True)
                await peer.request("/executor.Executor/Execute", extra=[("grpc-timeout", "50m")])
                answer = await peer.event(h2.events.ResponseReceived)
                assert "grpc-status=4" in [
                    f"{name!s}={value!s}" for name, value in answer.headers or ()
                ]
            assert hanging.cancelled.is_set()


async def read_all(client: PluginClient, request: StreamRequest) -> None:
    """Read a stream to its end."""
    async with client.stream(request) as events:
        async for _ in events:
            pass
