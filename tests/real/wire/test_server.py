"""A plugin process: start, hosts that misbehave, the loss of it, and its end."""

import os
import random
import signal
import subprocess
import sys
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import h2.events
import pytest
import trio
import trio.testing

from botkube.model.errors import FatalError
from botkube.wire import methods
from botkube.wire.client import open_client
from botkube.wire.errors import CallError
from botkube.wire.handshake import (
    Handshake,
    NotLaunchedByHost,
    format_handshake,
    launch_variables,
    parse_handshake,
)
from botkube.wire.messages import ExecuteRequest, StdioChunk, StreamRequest
from botkube.wire.server import HARD_EXIT_AFTER, serve_plugin
from tests.fakes.wire.peers import (
    Peer,
    client_of_peers,
    framed,
    header_map,
    peer_of,
    request_headers,
)
from tests.fakes.wire.services import Executor, Hanging, Stdout, served

pytestmark = pytest.mark.real

HI = ExecuteRequest(command="hi")


@asynccontextmanager
async def launched(folder: Path, *arguments: str) -> AsyncGenerator[tuple[trio.Process, Handshake]]:
    """A plugin process and where it listens; killed at the end of the block."""
    process = await trio.lowlevel.open_process(
        [sys.executable, "-m", "tests.fakes.wire.plugin", *arguments],
        env={**os.environ, **launch_variables(), "PLUGIN_UNIX_SOCKET_DIR": str(folder)},
        stdout=subprocess.PIPE,
    )
    assert process.stdout is not None
    try:
        async with process.stdout as stdout:
            line = b""
            while not line.endswith(b"\n"):
                line += await stdout.receive_some()
            yield process, parse_handshake(line)
    finally:
        process.kill()
        with trio.move_on_after(30, shield=True):
            await process.wait()


async def test_the_handshake_is_one_line_in_go_plugins_form(tmp_path: Path) -> None:
    with trio.fail_after(60):
        async with launched(tmp_path) as (_, handshake):
            path = Path(handshake.address)
            assert path.parent == tmp_path
            assert path.stat().st_mode & 0o777 == 0o600
            assert format_handshake(handshake.address) == f"1|3|unix|{path}|grpc|"


async def test_shutdown_ends_the_process_and_removes_the_socket(tmp_path: Path) -> None:
    with trio.fail_after(60):
        async with launched(tmp_path) as (process, handshake):
            async with peer_of(handshake) as peer:
                await peer.request(methods.SHUTDOWN)
                await peer.event(h2.events.TrailersReceived)  # all of the answer came out
                await peer.closed()
            assert await process.wait() == 0
    assert list(tmp_path.iterdir()) == []


async def test_shutdown_during_calls_ends_the_process_at_once(tmp_path: Path) -> None:
    with trio.fail_after(60):
        async with (
            launched(tmp_path, "calm") as (process, handshake),
            open_client(handshake) as client,
            client.stdio(),
            client.stream(StreamRequest()) as events,
        ):
            await anext(events)
            with trio.fail_after(60):
                await client.shutdown()
                assert await process.wait() == 0


@pytest.mark.parametrize(("argument", "command"), [("stay", "echo"), ("", "stubborn")])
async def test_a_process_that_does_not_end_is_gone_in_time(
    tmp_path: Path, argument: str, command: str
) -> None:
    with trio.fail_after(60):
        async with (
            launched(tmp_path, argument) as (process, handshake),
            open_client(handshake) as client,
        ):
            with trio.move_on_after(0.1):
                await client.execute(ExecuteRequest(command=command))
            await client.shutdown()
            assert HARD_EXIT_AFTER < 2  # a Go host kills after 2 s
            with trio.fail_after(60):
                assert await process.wait() == 0


@pytest.mark.parametrize("how", ["kill", "exit"])
async def test_the_loss_of_a_plugin_fails_all_its_calls_at_once(tmp_path: Path, how: str) -> None:
    with trio.fail_after(60):
        async with launched(tmp_path) as (process, handshake), open_client(handshake) as client:
            statuses: list[str] = []
            began = trio.Event()

            async def unary() -> None:
                with pytest.raises(CallError) as caught:
                    await client.execute(ExecuteRequest(command="hang"))
                statuses.append(caught.value.status)

            async def streaming() -> None:
                async with client.stream(StreamRequest()) as events:
                    assert await anext(events) == b"event"
                    began.set()
                    with pytest.raises(CallError) as caught:
                        await anext(events)
                    statuses.append(caught.value.status)

            async with trio.open_nursery() as nursery:
                nursery.start_soon(unary)
                nursery.start_soon(streaming)
                await began.wait()
                await trio.testing.wait_all_tasks_blocked(0.05)
                if how == "kill":
                    process.send_signal(signal.SIGKILL)
                else:
                    with pytest.raises(CallError, match="UNAVAILABLE"):
                        await client.execute(ExecuteRequest(command="exit"))
            assert statuses == ["UNAVAILABLE"] * 2
            with pytest.raises(CallError, match="UNAVAILABLE"):
                await client.execute(HI)
            await client.shutdown()  # what is gone needs no asking


async def test_a_stopped_plugin_is_noticed_by_the_deadline_only(tmp_path: Path) -> None:
    with trio.fail_after(60):
        async with launched(tmp_path) as (process, handshake), open_client(handshake) as client:
            await client.check_health()
            process.send_signal(signal.SIGSTOP)
            with pytest.raises(trio.TooSlowError), trio.fail_after(0.1):
                await client.check_health()
            process.send_signal(signal.SIGCONT)
            await client.check_health()


async def test_health_knows_two_services() -> None:
    with trio.fail_after(60):
        async with served(Executor()) as plugin, peer_of(plugin.handshake) as peer:
            for service in (b"", b"\x0a\x06plugin"):
                await peer.request(methods.HEALTH, service)
                answer = await peer.event(h2.events.DataReceived)
                assert answer.data == framed(b"\x08\x01")
            await peer.request(methods.HEALTH, b"\x0a\x05other")
            ended = await peer.event(h2.events.ResponseReceived)
            assert header_map(ended.headers)["grpc-status"] == "5"


async def test_a_malformed_request_is_an_error_of_that_call() -> None:
    with trio.fail_after(60):
        async with served(Executor()) as plugin, peer_of(plugin.handshake) as peer:
            for message in (b"\x0a\x05h", b"\xff"):
                await peer.request(methods.EXECUTE, message)
                answer = await peer.event(h2.events.ResponseReceived)
                assert header_map(answer.headers)["grpc-status"] == "13"
            async with open_client(plugin.handshake) as client:
                await client.check_health()


async def test_shutdown_is_answered_before_anything_else_and_arms_the_exit() -> None:
    with trio.fail_after(60):
        async with served(Executor()) as plugin, open_client(plugin.handshake) as client:
            assert plugin.exits_armed == 0
            await client.shutdown()
            assert plugin.exits_armed == 1
            await plugin.ended.wait()


async def test_a_lost_connection_is_a_successful_shutdown() -> None:
    async def drop(peer: Peer) -> None:
        await peer.event(h2.events.StreamEnded)

    with trio.fail_after(60):
        async with client_of_peers(drop) as client:
            await client.shutdown()


async def test_stdio_is_what_the_plugin_gives_to_mirror() -> None:
    chunks = [
        StdioChunk(channel="stdout", data=b"a"),
        StdioChunk(channel="stderr", data=b"b" * 999),
    ]
    send, receive = trio.open_memory_channel[StdioChunk](0)

    async def give() -> None:
        async with send:
            for chunk in chunks:
                await send.send(chunk)

    mirror: AsyncIterator[StdioChunk] = receive
    with trio.fail_after(60):
        async with trio.open_nursery() as nursery:
            nursery.start_soon(give)
            async with (
                served(Executor(), stdio=mirror) as plugin,
                open_client(plugin.handshake) as client,
                client.stdio() as output,
            ):
                assert [chunk async for chunk in output] == chunks


async def test_the_broker_stays_silent_until_the_host_ends_it() -> None:
    with trio.fail_after(60):
        async with served(Executor()) as plugin, peer_of(plugin.handshake) as peer:
            peer.h2.send_headers(1, request_headers(methods.BROKER))
            peer.h2.send_data(1, framed(b"\x08\x01"))
            await peer.flush()
            await peer.request(methods.HEALTH)
            assert (await peer.event(h2.events.DataReceived)).stream_id == 3
            peer.h2.end_stream(1)
            await peer.flush()
            ended = await peer.event(h2.events.ResponseReceived)
            assert header_map(ended.headers)["grpc-status"] == "0"


async def test_garbage_from_hosts_ends_only_their_connections() -> None:
    rng = random.Random(7)
    preface = Peer(trio.testing.memory_stream_pair()[0], client_side=True).h2.data_to_send()
    hanging = Hanging()
    with trio.fail_after(60):
        async with (
            served(Executor(hanging)) as plugin,
            open_client(plugin.handshake) as client,
            trio.open_nursery() as nursery,
        ):
            nursery.start_soon(client.execute, HI)
            await hanging.began.wait()
            for round_ in range(100):
                start = preface[: rng.randrange(len(preface) + 1)] if round_ % 2 else preface
                await say(plugin.handshake, start + garbage(rng))
            await client.check_health()
            assert not hanging.cancelled.is_set()
            nursery.cancel_scope.cancel()


def garbage(rng: random.Random) -> bytes:
    """Frames with random content, cut anywhere."""
    frames = b""
    for _ in range(rng.randrange(1, 6)):
        body = rng.randbytes(rng.randrange(40))
        kind, flags, stream = rng.randrange(12), rng.randrange(256), rng.choice([0, 0, 1, 1, 2, 3])
        header = len(body).to_bytes(3, "big") + bytes([kind, flags]) + stream.to_bytes(4, "big")
        frames += header + body
    return frames[: rng.randrange(1, len(frames) + 1)]


async def say(handshake: Handshake, data: bytes) -> None:
    """Connect, say this, and wait until the plugin closes."""
    async with await trio.open_unix_socket(handshake.address) as stream:
        with suppress(trio.BrokenResourceError):
            await stream.send_all(data)
            await stream.send_eof()
            async for _ in stream:
                pass


async def test_only_a_host_can_start_it(tmp_path: Path) -> None:
    stdout = Stdout(print)
    for environ in ({}, {"BOTKUBE": "wrong", "PLUGIN_UNIX_SOCKET_DIR": str(tmp_path)}):
        with pytest.raises(NotLaunchedByHost):
            await serve_plugin(executor=Executor(), environ=environ, stdout=stdout)
    assert stdout.getvalue() == ""


@pytest.mark.parametrize("folder", ["missing", "x" * 200])
async def test_a_socket_directory_that_cannot_be_used_is_said(tmp_path: Path, folder: str) -> None:
    environ = {**launch_variables(), "PLUGIN_UNIX_SOCKET_DIR": str(tmp_path / folder)}
    with pytest.raises(FatalError, match=folder):
        await serve_plugin(executor=Executor(), environ=environ, stdout=Stdout(print))
