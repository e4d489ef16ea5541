"""Slack that breaks in every way while people say commands: none runs twice, none is lost."""

import os
import random
import signal
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
import trio

from tests.fakes.program import Program, until
from tests.fakes.slack.inbound import Inbound, hearing
from tests.fakes.slack.links import paced
from tests.fakes.slack.programs import program_config, slack_config, started
from tests.fakes.slack.server import FakeSlack, serving_slack
from tests.fakes.slack.sockets import Sent
from tests.fakes.slack.workspace import BOT
from tests.gates.conftest import DEADLINE

CUTS = int(os.environ.get("GATE_SLACK_CUTS", "100"))  # the full gate: 1000
KILLS = int(os.environ.get("GATE_SLACK_KILLS", "2"))  # the full gate: 20

pytestmark = [pytest.mark.real, pytest.mark.slow]

FAST = paced(first=0.005, most=0.02, calm=0.01, confirm=30.0)


async def misbehave(slack: FakeSlack, chance: random.Random) -> None:
    """One of what may happen to a socket, once there is one."""
    await slack.sockets.until(lambda: any(not item.closing for item in slack.sockets.sockets))
    socket = slack.socket
    match chance.randrange(8):
        case 0:
            await socket.disconnect(chance.choice(["warning", "refresh_requested"]))
        case 1:
            await socket.close(chance.choice([1000, 1001, 1011, 1012]))
        case 2:
            await socket.send("garbage")
            await socket.cut(mid_frame=False)
        case 3:
            await socket.send_raw(b"\xff\xff\xff\xff")  # no frame at all
        case _:
            await socket.cut(mid_frame=chance.random() < 0.7)


async def again_and_again(
    slack: FakeSlack, inbound: Inbound, sent: list[Sent], chance: random.Random
) -> None:
    """Cut the socket while people talk; now and then Slack sends again what was acknowledged."""
    for cut in range(CUTS):
        for _ in range(chance.randrange(3)):
            sent.append(slack.mention(f"echo {len(sent)}", channel=chance.choice(["C1", "C2"])))
        if sent and chance.random() < 0.3:
            slack.deliver(Sent("events_api", chance.choice(sent).payload, answerable=False))
        await trio.sleep(chance.random() * 0.02)
        await misbehave(slack, chance)
        if cut % 100 == 99:
            print(f"{cut + 1} cuts: {len(sent)} said, {len(inbound.ran)} ran")


async def test_random_cuts_double_no_command_and_lose_none(tmp_path: Path) -> None:
    chance = random.Random(11)
    with trio.fail_after(DEADLINE - 10):
        async with serving_slack() as slack, hearing(slack, tmp_path, pace=FAST) as inbound:
            slack.sockets.retries = (0.02, 0.1, 0.5, 1.0, 2.0, 4.0)
            sent: list[Sent] = []
            await again_and_again(slack, inbound, sent, chance)
            await inbound.until(lambda: len(inbound.ran) >= len(sent))
            await slack.mention("echo the last one").acked.wait()
            await inbound.until(lambda: "echo the last one" in inbound.texts)
    counted = Counter(inbound.texts)
    assert [text for text, number in counted.items() if number > 1] == []
    assert set(counted) == {f"echo {number}" for number in range(len(sent))} | {"echo the last one"}
    print(
        f"{CUTS} cuts, {slack.sockets.opened} sockets, {len(sent)} commands said, "
        f"{sum(len(item.envelopes) for item in sent)} envelopes: 0 doubled, 0 lost"
    )


async def shown(slack: FakeSlack, text: str) -> None:
    await slack.until(lambda: any(text in post.shown for post in slack.workspace.posts()))


def answers(slack: FakeSlack, text: str) -> int:
    return sum(text in post.shown.split() for post in slack.workspace.posts())


async def test_kills_double_no_command_and_lose_none(folder: Path) -> None:
    """What was acknowledged and not journalled when the program died is found in the history."""
    chance = random.Random(3)
    with trio.fail_after(DEADLINE - 10):
        async with serving_slack() as slack:
            slack.sockets.retries = (0.2, 0.5, 1.0, 2.0)
            config = program_config({"default": {"socketSlack": slack_config(slack)}})
            async with started(folder, config) as program:
                await slack.sockets.connected(1)
                await slack.says_after_mention("echo before")
                said = await _kill(slack, program, chance)
                await slack.says_after_mention("echo after")
                for text in said:  # answered, or asked whether it is to run again
                    await shown(slack, text)
    doubled = [text for text in said if answers(slack, f"{text}-out") > 1]
    assert doubled == []
    print(f"{KILLS} kills, {len(said)} commands: all answered or asked about, none ran twice")


async def _kill(slack: FakeSlack, program: Program, chance: random.Random) -> list[str]:
    said: list[str] = []
    for number in range(KILLS):
        for index in range(5):
            said.append(f"k{number}i{index}")
            slack.mention(f"echo {said[-1]}-out")
        await trio.sleep(chance.random() * 0.3)
        os.kill(program.pid, signal.SIGKILL)
        await trio.to_thread.run_sync(program.wait)
        said.append(f"k{number}away")
        slack.workspace.say("C1", f"<@{BOT}> echo {said[-1]}-out")
        await trio.to_thread.run_sync(program.start)
        await slack.sockets.connected(1)
    return said


def state(program: Program, part: str) -> str:
    with program.http() as client:
        return str(client.get("/readyz").json()["parts"][part]["state"])


async def becomes(program: Program, wanted: str) -> None:
    await until(lambda: state(program, "platform:default-socketSlack") == wanted)


Break = Callable[[FakeSlack], object]


async def test_the_fault_script(folder: Path) -> None:
    """Row by row: it is told on /readyz, heals by itself, and another workspace notices nothing."""
    with trio.fail_after(DEADLINE - 10):
        async with serving_slack() as slack, serving_slack() as other:
            groups = {
                "default": {"socketSlack": slack_config(slack, timeout="2s")},
                "other": {"socketSlack": slack_config(other)},
            }
            async with started(folder, program_config(groups)) as program:
                await slack.sockets.connected(1)
                await other.sockets.connected(1)
                await slack.says_after_mention("echo begin")
                await _refused(slack, program)
                await _blackhole(slack, program)
                await _shared(slack, program)
                await other.says_after_mention("echo all the same")
                assert other.sockets.opened == 1
                assert await trio.to_thread.run_sync(program.stop) == 0


async def _refused(slack: FakeSlack, program: Program) -> None:
    await slack.shut()
    await becomes(program, "retrying")
    slack.workspace.say("C1", f"<@{BOT}> echo away")
    await slack.open()
    await becomes(program, "ready")
    await slack.says("away")
    await slack.says_after_mention("echo refused")


async def _blackhole(slack: FakeSlack, program: Program) -> None:
    slack.blackhole = True
    await slack.socket.cut()
    await becomes(program, "retrying")
    slack.blackhole = False
    await becomes(program, "ready")
    await slack.says_after_mention("echo back")


async def _shared(slack: FakeSlack, program: Program) -> None:
    slack.sockets.foreign = 1
    await slack.socket.cut()
    await becomes(program, "contended")
    await shown(slack, "another program uses this Slack app too")
    assert len([p for p in slack.workspace.posts("C1") if "another program" in p.shown]) == 1
    slack.sockets.foreign = 0
    await slack.socket.cut()
    await becomes(program, "ready")
