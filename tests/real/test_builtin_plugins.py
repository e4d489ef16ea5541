"""The built-in plugins as a host meets them: processes that speak the protocol, and that end when they should."""

import os
import signal
import sys
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from subprocess import PIPE
from typing import Final

import msgspec
import pytest
import trio

from botkube.builtin.heartbeat import Beat
from botkube.model.message import Message, decode_message, decode_source_event
from botkube.wire.client import PluginClient, open_client
from botkube.wire.errors import CallError
from botkube.wire.handshake import Handshake, launch_variables, parse_handshake
from botkube.wire.messages import ExecuteRequest, StreamRequest

pytestmark = pytest.mark.real

# It ends in order or not at all.
SERVE: Final = (
    "import sys; from botkube.wire import server; server.HARD_EXIT_AFTER = 300;"
    "from botkube.builtin import serve; serve(sys.argv[1])"
)
GONE_WITHIN: Final = 30.0


class Running(msgspec.Struct, frozen=True, kw_only=True):
    """A plugin that printed its handshake."""

    process: trio.Process
    handshake: Handshake
    stderr: Path

    def log(self) -> str:
        return self.stderr.read_text()


def environment(folder: Path) -> Mapping[str, str]:
    return {"PATH": os.environ["PATH"], "TMPDIR": str(folder), **launch_variables()}


@asynccontextmanager
async def started(folder: Path, *command: str) -> AsyncGenerator[Running]:
    stderr = folder / "stderr"
    with stderr.open("wb") as log:
        process = await trio.lowlevel.open_process(
            command, env=environment(folder), stdin=None, stdout=PIPE, stderr=log
        )
    try:
        line = await first_line(process)
        assert line, stderr.read_text()
        yield Running(process=process, handshake=parse_handshake(line), stderr=stderr)
    finally:
        process.kill()
        with trio.move_on_after(30, shield=True):
            await process.wait()


async def first_line(process: trio.Process) -> bytes:
    assert process.stdout is not None
    line = b""
    while not line.endswith(b"\n"):
        data = await process.stdout.receive_some()
        if not data:
            break
        line += data
    return line


@asynccontextmanager
async def plugin(folder: Path, name: str) -> AsyncGenerator[tuple[Running, PluginClient]]:
    async with (
        started(folder, sys.executable, "-P", "-c", SERVE, name) as running,
        open_client(running.handshake) as client,
    ):
        yield running, client


async def take(
    client: PluginClient, count: int, config: bytes
) -> list[tuple[float, Beat, Message, int]]:
    """Read the first events of a stream: when, the raw object, the message, the bytes."""
    taken = []
    async with client.stream(StreamRequest(configs=(config,), interactive=True)) as events:
        async for data in events:
            event = decode_source_event(data)
            beat = msgspec.json.decode(event.raw_object, type=Beat)
            taken.append((trio.current_time(), beat, event.message, len(data)))
            if len(taken) == count:
                break
    return taken


async def test_echo_answers_every_call_of_an_executor(tmp_path: Path) -> None:
    with trio.fail_after(100):
        async with plugin(tmp_path, "echo") as (running, client):
            await client.check_health()
            upper = b"changeResponseToUpperCase: true\n"
            plain = await client.execute(ExecuteRequest(command="echo  'hi' <x>"))
            shouted = await client.execute(ExecuteRequest(command="echo hi", configs=(b"", upper)))
            assert decode_message(plain.message).base_body.code_block == "echo  'hi' <x>"
            assert decode_message(shouted.message).base_body.code_block == "ECHO HI"
            assert decode_message(await client.help()).base_body.plaintext.startswith("Echo is")
            metadata = await client.executor_metadata()
            assert metadata.description.startswith("Echo is an example Botkube executor plugin")
            assert "changeResponseToUpperCase" in metadata.json_schema
            assert running.log() == ""


async def test_failures_reach_the_user_word_for_word(tmp_path: Path) -> None:
    with trio.fail_after(100):
        async with plugin(tmp_path, "echo") as (_, client):
            with pytest.raises(CallError) as raised:
                await client.execute(ExecuteRequest(command="echo @fail"))
            assert (raised.value.status, raised.value.message) == (
                "UNKNOWN",
                "The @fail label was specified. Failing execution.",
            )
            with pytest.raises(CallError, match="while merging input configuration: "):
                await client.execute(
                    ExecuteRequest(command="echo", configs=(b"changeResponseToUpperCase: x",))
                )


async def test_panic_ends_the_process_with_the_text_on_stderr(tmp_path: Path) -> None:
    with trio.fail_after(100):
        async with plugin(tmp_path, "echo") as (running, client):
            with pytest.raises(CallError) as raised:
                await client.execute(ExecuteRequest(command="echo @panic"))
            assert raised.value.status == "UNAVAILABLE"
            assert await running.process.wait() == 2
            assert running.log() == "panic: The @panic label was specified. Panicking.\n"


@pytest.mark.parametrize("name", ["echo", "heartbeat"])
async def test_shutdown_ends_it_at_once_with_0_and_without_traces(
    tmp_path: Path, name: str
) -> None:
    with trio.fail_after(100):
        async with plugin(tmp_path, name) as (running, client):
            assert Path(running.handshake.address).is_socket()
            with trio.fail_after(GONE_WITHIN):
                await client.shutdown()
                assert await running.process.wait() == 0
            assert not Path(running.handshake.address).exists()
            assert running.log() == ""


async def test_shutdown_cuts_an_open_stream(tmp_path: Path) -> None:
    with trio.fail_after(100):
        async with plugin(tmp_path, "heartbeat") as (running, client):
            with trio.fail_after(30):
                async with client.stream(StreamRequest(configs=(b"interval: 1h",))) as events:
                    await anext(events)
                    with trio.fail_after(GONE_WITHIN):
                        await client.shutdown()
                        assert await running.process.wait() == 0


async def test_heartbeat_comes_in_bursts_until_the_count(tmp_path: Path) -> None:
    with trio.fail_after(100):
        async with plugin(tmp_path, "heartbeat") as (_, client):
            config = b'{"interval":"100ms","burst":2,"count":5,"text":"{run} {n}","size":3000}'
            start = trio.current_time()
            taken = await take(client, 5, config)
            assert [beat.n for _, beat, _, _ in taken] == [1, 2, 3, 4, 5]
            assert {size for _, _, _, size in taken} == {3000}
            assert taken[-1][0] - start >= 0.2
            run = taken[0][1].run
            assert taken[4][2].sections[0].body.plaintext == f"{run} 5"
            with trio.move_on_after(0.3) as idle:
                await take(client, 6, config)
            assert idle.cancelled_caught, "after the count the stream stays open"


async def test_heartbeat_without_interval_and_two_streams_at_once(tmp_path: Path) -> None:
    runs: list[str] = []

    async def read(client: PluginClient) -> None:
        taken = await take(client, 2000, b"interval: 0s\n")
        assert [beat.n for _, beat, _, _ in taken] == list(range(1, 2001))
        runs.append(taken[0][1].run)

    with trio.fail_after(30):
        async with plugin(tmp_path, "heartbeat") as (_, client):
            async with trio.open_nursery() as nursery:
                nursery.start_soon(read, client)
                nursery.start_soon(read, client)
            await client.check_health()
            assert len(set(runs)) == 2


async def test_heartbeat_has_metadata_and_refuses_webhooks_and_bad_settings(tmp_path: Path) -> None:
    with trio.fail_after(100):
        async with plugin(tmp_path, "heartbeat") as (_, client):
            metadata = await client.source_metadata()
            assert '"interval"' in metadata.json_schema
            assert metadata.external_request_schema is None
            with pytest.raises(CallError, match=r"while merging input configuration: .*burst"):
                await take(client, 1, b"burst: 0")


async def test_ctrl_c_is_the_business_of_the_host(tmp_path: Path) -> None:
    with trio.fail_after(100):
        async with plugin(tmp_path, "echo") as (running, client):
            running.process.send_signal(signal.SIGINT)
            await client.execute(ExecuteRequest(command="echo hi"))
            assert running.process.poll() is None


async def test_it_goes_when_its_parent_goes(tmp_path: Path) -> None:
    shell = ("sh", "-c", '"$0" "$@" & wait', sys.executable, "-P", "-c", SERVE, "heartbeat")
    with trio.fail_after(100):
        async with started(tmp_path, *shell) as running:
            running.process.kill()
            with trio.fail_after(GONE_WITHIN):
                assert await first_line(running.process) == b"", (
                    "the pipe closes with its last holder"
                )
            assert not Path(running.handshake.address).exists()


@pytest.mark.parametrize("cookie", ["", "wrong"])
async def test_started_by_hand_it_says_what_it_is(tmp_path: Path, cookie: str) -> None:
    with trio.fail_after(100):
        done = await trio.run_process(
            [sys.executable, "-P", "-c", SERVE, "echo"],
            env={**environment(tmp_path), "BOTKUBE": cookie},
            check=False,
            capture_stdout=True,
            capture_stderr=True,
        )
    assert done.returncode == 1
    assert done.stdout == b""
    assert done.stderr.startswith(b"echo: This is a plugin of Botkube")
    assert done.stderr.count(b"\n") == 1
