"""The whole program with Slack under load, against the fake's real rates: everything can be read soon, and replies pass."""

import json
import os
import re
from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import trio

from tests.fakes.bounds import bound
from tests.fakes.program import Program
from tests.fakes.slack.programs import program_config, slack_config, started
from tests.fakes.slack.server import FakeSlack, serving_slack

pytestmark = [pytest.mark.real, pytest.mark.slow, pytest.mark.alone]
STORMY = ("C1", "C2", "C3")
EVENT = re.compile(r"event (\d+) happened")
EVENTS = int(os.environ.get("GATE_STORM_EVENTS", "3000"))  # the full gate: 10000
LATENCY = 0.08  # seconds of each call


def config(slack: FakeSlack, *, events: int) -> str:
    """Three channels with events, and all others for commands only."""
    tools: dict[str, object] = {"executors": ["tools"]}
    bound = tools | {"sources": ["beat"]}
    channels = {
        f"c{id_}": {"name": name, "bindings": bound if id_ in STORMY and events else tools}
        for id_, name in slack.workspace.channels.items()
    }
    section = slack_config(slack, channels=channels)
    made = json.loads(program_config({"default": {"socketSlack": section}}, events=events))
    beat = made["sources"]["beat"]["builtin/heartbeat"]["config"]
    beat |= {"burst": 500, "text": "event {n} happened"}
    return json.dumps(made)


@asynccontextmanager
async def running(
    folder: Path, *, channels: int, events: int = 0
) -> AsyncGenerator[tuple[FakeSlack, Program]]:
    with trio.fail_after(240):
        async with serving_slack() as slack:
            workspace = slack.workspace
            workspace.channels |= {f"D{n}": f"calm-{n}" for n in range(channels)}
            workspace.members |= set(workspace.channels)
            workspace.limits = True
            async with started(folder, config(slack, events=events)) as program:
                await slack.sockets.connected(1)
                yield slack, program


async def ask(slack: FakeSlack, text: str, channel: str, took: list[float]) -> None:
    """Say something and wait for the answer; the seconds are noted."""
    began = trio.current_time()
    slack.mention(f"echo {text}", channel=channel)
    await slack.says(f"`echo {text}`")
    took.append(trio.current_time() - began)


def limited(slack: FakeSlack) -> int:
    return sum(call.error == "ratelimited" for call in slack.workspace.asked)


def readable(slack: FakeSlack) -> Counter[tuple[str, str]]:
    """How often each event can be read in each channel, files included."""
    found: Counter[tuple[str, str]] = Counter()
    for post in slack.workspace.posts():
        found.update((post.channel, number) for number in EVENT.findall(post.shown))
    return found


async def test_a_storm_of_events_is_readable_and_replies_pass(folder: Path) -> None:
    async with running(folder, channels=10, events=EVENTS) as (slack, program):
        took, began = list[float](), trio.current_time()
        async with trio.open_nursery() as nursery:
            for number in range(60):
                stormy, calm = STORMY[number // 2 % 3], f"D{number // 2 % 10}"
                channel = stormy if number % 2 else calm
                nursery.start_soon(ask, slack, f"n{number}n", channel, took)
                await trio.sleep(0.2)
        while len(readable(slack)) < 3 * EVENTS:
            await slack.posted(len(slack.workspace.posts()) + 1)
        seconds = trio.current_time() - began
        status = await trio.Path(f"/proc/{program.pid}/status").read_text()
    seen = readable(slack)
    assert [key for key in seen if int(key[1]) not in range(1, EVENTS + 1)] == []
    took.sort()
    posts = slack.workspace.posts()
    print(
        f"readable after {seconds:.1f} s in {len(posts)} messages, {limited(slack)} x 429, "
        f"replies p50 {took[30]:.3f} s, p99 {took[-1]:.3f} s, "
        f"peak of the main process {int(status.partition('VmHWM:')[2].split()[0]) / 1024:.1f} MiB"
    )
    assert seconds <= 120
    assert limited(slack) <= 3
    assert took[-1] <= bound(1.5, 30)


async def test_500_mentions_are_answered_once_and_in_order(folder: Path) -> None:
    async with running(folder, channels=25) as (slack, _):
        asked: dict[tuple[str, str], list[str]] = {}
        for number in range(500):
            channel, thread = f"D{number % 25}", f"1.{number // 25 % 4}"
            sent = slack.mention(f"echo n{number}n", channel=channel, thread_ts=thread)
            await sent.acked.wait()
            asked.setdefault((channel, thread), []).append(str(number))
        await slack.posted(500)
        await trio.sleep(1)  # one that is said twice would be said now
    answered: dict[tuple[str, str], list[str]] = {}
    for post in slack.workspace.posts():
        found = re.findall(r"`echo n(\d+)n`", post.shown)
        answered.setdefault((post.channel, post.thread), []).extend(found)
    assert answered == asked
    assert limited(slack) <= 3


async def test_a_mention_is_answered_within_100_ms_when_a_call_takes_80(folder: Path) -> None:
    async with running(folder, channels=50) as (slack, _):
        slack.workspace.latency = LATENCY
        took: list[float] = []
        for number in range(201):
            began = trio.current_time()
            slack.mention("ping", channel=f"D{number % 50}")
            await slack.posted(number + 1)
            took.append(trio.current_time() - began)
    took = sorted(took[1:])
    print(f"mention to message: p50 {took[100]:.3f} s, p99 {took[198]:.3f} s, before its latency")
    # The fake has a message as soon as the call is there.
    assert took[100] <= bound(0.1 - LATENCY, 0.4)
