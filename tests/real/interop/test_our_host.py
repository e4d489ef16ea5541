"""Go plugins on the original's SDK under our host."""

import os
import signal
import subprocess
from pathlib import Path

import msgspec
import pytest
import trio
import trio.testing

from botkube.model.message import decode_message, decode_source_event
from botkube.model.slackstate import encode_state, one_of, option, some_of, typed
from botkube.wire import methods
from botkube.wire.client import PluginClient
from botkube.wire.codec import Encoded, Unread, encode_execute
from botkube.wire.errors import CallError
from botkube.wire.handshake import launch_variables
from botkube.wire.limits import MAX_REQUEST
from botkube.wire.messages import ExecuteRequest, ExternalRequest
from tests.fakes.gopeers import Peers
from tests.fakes.plugins.golang import (
    CALM,
    alive,
    execute,
    executor,
    fails,
    note,
    source,
    stream_request,
    texts,
)
from tests.fakes.plugins.rig import QUICK, Rig, gone

pytestmark = [pytest.mark.real, pytest.mark.slow]

MIB = 2**20


def test_handshake_line(peers: Peers, tmp_path: Path) -> None:
    environ = {**launch_variables(), "TMPDIR": str(tmp_path)}
    with subprocess.Popen([peers.executor], stdout=subprocess.PIPE, env=environ) as process:  # noqa: TID251
        assert process.stdout is not None
        line = process.stdout.readline()
        process.kill()
    assert line.startswith(f"1|3|unix|{tmp_path}/plugin".encode())
    assert line.endswith(b"|grpc|\n")


async def test_what_it_says_about_itself(rig: Rig, peers: Peers) -> None:
    async with executor(rig, peers) as client:
        found = await client.executor_metadata()
        message = decode_message(await client.help())
    assert (found.version, found.description, found.recommended) == (
        "v1.2.3",
        "A peer for tests.",
        True,
    )
    assert found.dependencies == {"tool": {"linux/amd64": "https://example.test/tool"}}
    assert found.json_schema == '{"type":"object"}'
    assert message.base_body.plaintext == "help of the peer"


async def test_a_source_says_what_requests_it_takes(rig: Rig, peers: Peers) -> None:
    async with source(rig, peers) as client:
        found = await client.source_metadata()
    assert found.external_request_schema is not None
    assert '"required":["message"]' in found.external_request_schema


async def test_every_part_of_a_request_arrives(rig: Rig, peers: Peers) -> None:
    elements = {"a": one_of(option("v", "x")), "many": some_of([option("1"), option("2")])}
    state = encode_state({"b": {**elements, "typed": typed("some words")}})
    async with executor(rig, peers) as client:
        got = await execute(
            client,
            "input",
            configs=(b"a: 1\n", b"b: 2\n"),
            interactive=True,
            slack_state=state,
            kube_config=b"apiVersion: v1\n",
            text="@bot peer input",
            url="https://chat/1",
            parent_activity_id="1.2",
            mention="<@U1>",
            display_name="Ann",
            webhook_base_url="http://b/sources/v1",
        )
    lines = got.splitlines()
    wanted = [
        "command=peer input",
        "interactive=true",
        "kubeconfig=15",
        "text=@bot peer input",
        "url=https://chat/1",
        "parent=1.2",
        "mention=<@U1>",
        "name=Ann",
        "webhook=http://b/sources/v1",
        "config=a: 1",
        "config=b: 2",
        "slackState=" + state.decode(),  # what Go makes of it is every byte of it
    ]
    assert [line for line in lines if line and not line.startswith("state=")] == wanted
    assert "state=b/a=v" in lines


async def test_a_bare_request_does_not_crash_it(rig: Rig, peers: Peers) -> None:
    async with executor(rig, peers) as client:
        assert await execute(client, "echo") == "peer echo"
    async with source(rig, peers) as client:
        answer = await client.handle_external_request(
            ExternalRequest(payload=b"x", config=b"null\n")
        )
    assert decode_source_event(answer).message.base_body.plaintext == "x from "


async def test_errors_and_panics(rig: Rig, peers: Peers) -> None:
    async with executor(rig, peers) as client:
        error = await fails(client, "fail 95% used %s — ünïcode")
        assert (error.status, error.message) == ("UNKNOWN", "95% used %s — ünïcode")
        assert len((await fails(client, "error 100")).message) > 30_000
        assert (await fails(client, "panic")).status == "UNAVAILABLE"
        await rig.happens(lambda: bool(rig.failures("peer")))
        again = await rig.slots["peer"].lease()
        assert await execute(again, "echo") == "peer echo"
        assert "panic: the peer was told to panic" in rig.failures("peer")[0]
        assert (await fails(again, "exit 7")).status == "UNAVAILABLE"
        await rig.happens(lambda: len(rig.failures("peer")) == 2)
    assert "exited with code 7" in rig.failures("peer")[1]


async def test_output_during_a_call_is_drained(rig: Rig, peers: Peers) -> None:
    async with executor(rig, peers) as client:
        with trio.fail_after(60):
            await execute(client, "stdout 1024")
            await execute(client, "stderr 1024")
            assert await execute(client, "echo") == "peer echo"


async def test_limits(rig: Rig, peers: Peers) -> None:
    async with executor(rig, peers, timing=CALM) as client:
        assert len(await execute(client, "big 64500")) == 64_500 * 1024
        assert (await fails(client, f"big {65 * 1024}")).status == "RESOURCE_EXHAUSTED"
        command = f"echo {'x' * (MAX_REQUEST - 100)}"
        assert len(await execute(client, command)) == MAX_REQUEST - 90
        with pytest.raises(CallError, match="kubeconfig") as caught:
            await execute(client, "echo", kube_config=b"x" * MAX_REQUEST)
        assert caught.value.status == "RESOURCE_EXHAUSTED"
        assert await execute(client, "echo") == "peer echo"
        assert await rig.slots["peer"].lease() is client


async def test_what_go_says_to_a_request_that_is_not_checked(rig: Rig, peers: Peers) -> None:
    large = Encoded(encode_execute(ExecuteRequest(command="x" * 5 * MIB)))
    async with executor(rig, peers, timing=CALM) as client:
        for _ in range(3):
            with pytest.raises(CallError) as caught:
                await client._call(methods.EXECUTE, large, Unread, str)
            assert caught.value.status == "RESOURCE_EXHAUSTED"
            assert "received message larger than max (5242889 vs. 4194304)" in caught.value.message
            assert await execute(client, "echo") == "peer echo"
        assert await rig.slots["peer"].lease() is client


async def test_cancelling_reaches_the_handler(rig: Rig, peers: Peers, tmp_path: Path) -> None:
    quiet = msgspec.structs.replace(QUICK, health_interval=60.0)  # nothing else is to be heard
    async with executor(rig, peers, timing=quiet) as client:
        with trio.move_on_after(4):
            await execute(client, f"hang {tmp_path}/deadline")
        async with trio.open_nursery() as nursery:
            nursery.start_soon(execute, client, f"hang {tmp_path}/cancelled")
            await trio.testing.wait_all_tasks_blocked(1.5)  # until the peer has it
            nursery.cancel_scope.cancel()
        reasons = [await note(tmp_path / name) for name in ("deadline", "cancelled")]
    assert reasons[1] == "context canceled"
    assert reasons[0] in {"context canceled", "context deadline exceeded"}


async def test_cancelling_ends_its_child(rig: Rig, peers: Peers, tmp_path: Path) -> None:
    async with executor(rig, peers) as client, trio.open_nursery() as nursery:
        nursery.start_soon(execute, client, f"sleep 60 {tmp_path}/pid")
        pid = int(await note(tmp_path / "pid"))
        nursery.cancel_scope.cancel()
    with trio.fail_after(30):
        await gone(lambda: [pid] if alive(pid) else [])


async def test_children_left_behind_are_ended(rig: Rig, peers: Peers, tmp_path: Path) -> None:
    async with executor(rig, peers) as client:
        await execute(client, f"leave {tmp_path}/pids")
        pids = [int(word) for word in (await note(tmp_path / "pids")).split()]
        assert len([pid for pid in pids if alive(pid)]) == 2
    await gone(lambda: [pid for pid in pids if alive(pid)])


async def test_a_stubborn_one_is_killed(rig: Rig, peers: Peers) -> None:
    async with executor(rig, peers) as client:
        await execute(client, "stubborn")


async def test_a_stopped_one_is_replaced(rig: Rig, peers: Peers) -> None:
    timing = msgspec.structs.replace(CALM, health_interval=0.2, health_deadline=3)
    async with executor(rig, peers, timing=timing) as client:
        before = rig.recorded("peer")
        os.kill(before, signal.SIGSTOP)
        with trio.fail_after(30):
            await rig.slots["peer"].wait_lost(client)
            again = await rig.slots["peer"].lease()
            assert await execute(again, "echo") == "peer echo"
        assert rig.recorded("peer") != before


async def test_streams(rig: Rig, peers: Peers) -> None:
    async with source(rig, peers) as client:
        events = await texts(client, b"{events: 3}", 3)
        assert events == [f"event {n} of s" for n in (1, 2, 3)]
        assert len(await texts(client, b"{events: 20000, size: 1024}", 20000)) == 20000
        [large] = await texts(client, b"{events: 1, size: 16777216}", 1)
        assert len(large) == 16 * MIB
        with pytest.raises(CallError, match="no such luck"):
            await texts(client, b"{fail: no such luck}", 1)
        assert await texts(client, b"{events: 2, then: eof}", 9) == ["event 1 of s", "event 2 of s"]


async def test_an_exit_ends_the_stream_with_an_error(rig: Rig, peers: Peers) -> None:
    async with source(rig, peers) as client:
        with pytest.raises(CallError) as caught:
            await texts(client, b"{events: 1, then: exit}", 9)
    assert caught.value.status == "UNAVAILABLE"


@pytest.mark.parametrize("count", [1, 20, 150])
async def test_streams_that_nobody_reads_hold_up_no_call(
    rig: Rig, peers: Peers, count: int
) -> None:
    endless = stream_request(b"{events: 1000000, size: 1024}")

    async def stall(client: PluginClient, *, task_status: trio.TaskStatus[None]) -> None:
        async with client.stream(endless) as events:
            await events.__anext__()
            task_status.started()
            await trio.sleep_forever()

    async with source(rig, peers) as client, trio.open_nursery() as nursery:
        for _ in range(count):
            await nursery.start(stall, client)
        with trio.fail_after(30):
            await client.source_metadata()
            await client.check_health()
        nursery.cancel_scope.cancel()


async def test_many_calls_at_once(rig: Rig, peers: Peers) -> None:
    answers: list[str] = []

    async def ask(client: PluginClient, number: int) -> None:
        answers.append(await execute(client, f"echo {number}"))

    async with executor(rig, peers, timing=CALM) as client, trio.open_nursery() as nursery:
        for number in range(300):
            nursery.start_soon(ask, client, number)
    assert sorted(answers) == sorted(f"peer echo {n}" for n in range(300))


async def test_it_gets_no_variable_that_is_not_its_own(rig: Rig, peers: Peers) -> None:
    rig.environ |= {"SLACK_TOKEN": "xoxb-secret", "BOTKUBE_COMMUNICATIONS_X": "secret"}
    async with executor(rig, peers) as client:
        got = await execute(client, "environ")
    assert "secret" not in got
    assert "PLUGIN_PROTOCOL_VERSIONS=3" in got


def test_the_golden_messages_are_what_go_writes(peers: Peers) -> None:
    file = Path(__file__).parents[2] / "data" / "go-messages.json"
    kept = msgspec.json.decode(file.read_bytes(), type=list[msgspec.Raw])
    assert [bytes(item) for item in kept] == peers.messages()
