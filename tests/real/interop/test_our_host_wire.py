"""Go's gRPC under our host, where libraries differ: cancelling, losses, pings, goodbyes, limits, headers."""

import os
import signal
from pathlib import Path

import pytest
import trio

from botkube._proto.grpc.health import v1 as health
from botkube.plugins.life import Timing
from botkube.wire import methods
from botkube.wire.client import Incoming
from botkube.wire.codec import Unread
from botkube.wire.errors import CallError
from tests.fakes.gopeers import Peers
from tests.fakes.plugins.golang import (
    CALM,
    execute,
    executor,
    fails,
    note,
    source,
    stream_request,
    texts,
)
from tests.fakes.plugins.hostile import streaming
from tests.fakes.plugins.rig import Rig

pytestmark = [pytest.mark.real, pytest.mark.slow]


async def test_what_is_not_there(rig: Rig, peers: Peers) -> None:
    async with executor(rig, peers) as client:
        with pytest.raises(CallError) as caught:
            await client.source_metadata()
        assert caught.value.status == "UNIMPLEMENTED"
        assert caught.value.message == "unknown service source.Source"
        with pytest.raises(CallError) as caught:
            await client._call(
                methods.HEALTH, health.HealthCheckRequest(service="nobody"), Unread, str
            )
        assert (caught.value.status, caught.value.message) == ("NOT_FOUND", "unknown service")


async def test_odd_characters_in_an_error(rig: Rig, peers: Peers) -> None:
    async with executor(rig, peers) as client:
        error = await fails(client, "controls")
    assert error.message == "a\nb\0c\x1b[31m ünïcode \u2028 \ufffd"


async def test_leaving_a_stream_is_a_cancelled_context(
    rig: Rig, peers: Peers, tmp_path: Path
) -> None:
    async with source(rig, peers) as client:
        for name in ("left", "cancelled"):
            config = f"{{events: 1000000, note: {tmp_path}/{name}}}".encode()
            with trio.CancelScope() as scope:
                async with client.stream(stream_request(config)) as events:
                    assert await anext(events)
                    if name == "cancelled":
                        scope.cancel()
                        await anext(events)
            assert await note(tmp_path / name) == "context canceled"


async def test_abandoned_streams_leak_no_window(rig: Rig, peers: Peers) -> None:
    config = b"{events: 1000, size: 1024}"
    async with source(rig, peers, timing=CALM) as client:
        for _ in range(300):
            async with client.stream(stream_request(config)) as events:
                await anext(events)
        assert len(await texts(client, config, 1000)) == 1000
        assert await rig.slots["peer"].lease() is client


@pytest.mark.parametrize("size", [100, 65_536])
async def test_many_events_of_another_size(rig: Rig, peers: Peers, size: int) -> None:
    count = 300 if size > 1024 else 10_000
    config = f"{{events: {count}, size: {size}}}".encode()
    async with source(rig, peers, timing=CALM) as client:
        found = await texts(client, config, count)
    assert [text.split()[1] for text in found] == [str(n) for n in range(1, count + 1)]
    assert {len(text) for text in found} == {size}


async def test_a_kill_in_a_stream_is_an_error_at_once(rig: Rig, peers: Peers) -> None:
    async with source(rig, peers) as client:
        async with client.stream(stream_request(b"{events: 3}")) as events:
            await anext(events)
            os.kill(rig.recorded("peer"), signal.SIGKILL)
            with trio.fail_after(30):
                assert (await broken(events)).status == "UNAVAILABLE"
        await rig.happens(lambda: bool(rig.failures("peer")))
    assert rig.failures("peer")[0].startswith("the plugin was killed by SIGKILL")


async def test_so_is_a_panic(rig: Rig, peers: Peers) -> None:
    async with source(rig, peers) as client:
        async with client.stream(stream_request(b"{events: 3, then: panic}")) as events:
            with trio.fail_after(30):
                assert (await broken(events)).status == "UNAVAILABLE"
        await rig.happens(lambda: bool(rig.failures("peer")))
    assert "panic: the peer was told to panic" in rig.failures("peer")[0]


async def broken(events: Incoming[bytes]) -> CallError:
    """How a stream broke; what was sent before may have come or not."""
    try:
        async for _ in events:
            pass
    except CallError as error:
        return error
    raise AssertionError("the stream ended well")


async def test_deadlines_are_told(rig: Rig, peers: Peers) -> None:
    async with executor(rig, peers) as client:
        assert await execute(client, "deadline") == "none"
        for seconds in (20, 150, 3600):
            began = trio.current_time()
            with trio.fail_after(seconds):
                told = float(await execute(client, "deadline"))
            took = trio.current_time() - began
            assert (
                seconds - took - 0.5 < told < seconds + 1.3
            )  # later than ours, so that ours is first


@pytest.mark.parametrize("size", [10, 3_000_000])
async def test_a_deadline_holds_while_it_is_stopped(rig: Rig, peers: Peers, size: int) -> None:
    async with executor(rig, peers, timing=CALM) as client:
        pid = rig.recorded("peer")
        os.kill(pid, signal.SIGSTOP)
        began = trio.current_time()
        with trio.move_on_after(0.5) as scope:
            await execute(client, f"echo {'x' * size}")
        assert scope.cancelled_caught
        assert trio.current_time() - began < 30
        os.kill(pid, signal.SIGCONT)
        with trio.fail_after(30):
            assert await execute(client, "echo") == "peer echo"
        assert await rig.slots["peer"].lease() is client


async def test_its_pings_are_answered_and_it_gets_none(rig: Rig, peers: Peers) -> None:
    async with executor(rig, peers, "ping=1000", timing=CALM) as client:
        assert await execute(client, "slow 2500") == "peer slow 2500"
        await trio.sleep(1.5)  # it says goodbye to whoever pings without need, or does not answer
        assert await execute(client, "echo") == "peer echo"
        assert await rig.slots["peer"].lease() is client
    assert not rig.failures("peer")


async def test_a_goodbye_lets_calls_finish(rig: Rig, peers: Peers) -> None:
    async with executor(rig, peers, "age=500", timing=CALM) as client:
        for _ in range(2):
            assert await execute(client, "slow 900") == "peer slow 900"
            assert await execute(client, "stdout 100") == "peer stdout 100"
        assert await rig.slots["peer"].lease() is client
    assert not rig.failures("peer")


@pytest.mark.parametrize("arguments", [(), ("streams=10",)], ids=["no limit", "ten at once"])
async def test_fifty_at_once(rig: Rig, peers: Peers, arguments: tuple[str, ...]) -> None:
    async with executor(rig, peers, *arguments, timing=CALM) as client:
        pause = 100 if arguments else 400
        began = trio.current_time()
        async with trio.open_nursery() as nursery:
            for _ in range(50):
                nursery.start_soon(execute, client, f"slow {pause}")
        took = trio.current_time() - began
    # One of the ten places is that of its output.
    assert took > 50 / 9 * 0.1 if arguments else took < 15  # one by one: 20 s


@pytest.mark.parametrize("kib", [12, 60, 100])
async def test_large_headers_and_binary_ones(rig: Rig, peers: Peers, kib: int) -> None:
    async with executor(rig, peers, f"headers={kib}") as client:
        assert await execute(client, "echo") == "peer echo"
        assert (await fails(client, "fail so it is")).message == "so it is"
        assert await execute(client, "echo") == "peer echo"


async def test_three_mebibytes_of_output(rig: Rig, peers: Peers) -> None:
    async with executor(rig, peers, timing=CALM) as client:
        with trio.fail_after(60):
            await execute(client, "stdout 3072")
            await execute(client, "stderr 3072")


async def test_it_ends_by_being_asked(rig: Rig, peers: Peers) -> None:
    for _ in range(50):  # whichever of the connection's tasks hears first that it is over
        async with executor(rig, peers, timing=Timing(stop_grace=20)) as client:
            await execute(client, "echo")
            began = trio.current_time()
        assert trio.current_time() - began < 15  # not by a signal, which would come after 20 s
    assert not rig.failures("peer")


async def test_a_stopped_one_is_killed_at_the_end_of_the_ladder(rig: Rig, peers: Peers) -> None:
    async with executor(rig, peers, timing=CALM):
        os.kill(rig.recorded("peer"), signal.SIGSTOP)
        began = trio.current_time()
    assert 2 * CALM.stop_grace <= trio.current_time() - began < 2 * CALM.stop_grace + 30


async def test_both_streams_are_back_after_a_loss(rig: Rig, peers: Peers) -> None:
    configs = (b"{events: 1, size: 10}", b"{events: 1, size: 20}")
    async with source(rig, peers), streaming(rig, "peer", *configs) as events:
        for kills in range(2):
            while len(events) < 2 * (kills + 1):  # noqa: ASYNC110 - another process sends them
                await trio.sleep(0.01)
            os.kill(rig.recorded("peer"), signal.SIGKILL)
            await rig.happens(lambda n=kills: len(rig.failures("peer")) > n)  # type: ignore[misc]
    assert {event.source for event in events[-2:]} == {"peer0", "peer1"}


async def test_a_stream_that_ends_while_the_plugin_lives_is_opened_again(
    rig: Rig, peers: Peers
) -> None:
    config = b"{events: 2, then: eof}"
    async with source(rig, peers), streaming(rig, "peer", config, backoff=0.05) as events:
        pid = rig.recorded("peer")
        while len(events) < 6:  # noqa: ASYNC110 - another process sends them
            await trio.sleep(0.01)
        assert rig.recorded("peer") == pid
    assert not rig.failures("peer")
