"""What Slack takes in a storm, against the fake's real rates: a person can read everything, soon, and gets replies meanwhile."""

import re
from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random

import pytest
import trio

from botkube.bots.slack.asked import Asked
from botkube.bots.slack.notifier import WINDOW
from botkube.engine.events.deliver import Deliverer, Target
from botkube.model.event import Event, Routed
from botkube.model.message import Body, Message, encode_message
from botkube.model.replies import code
from botkube.runtime.clock import wall
from botkube.runtime.doorbell import Doorbell
from botkube.runtime.metrics import Metrics
from botkube.store.waiting import StoredOutbox
from tests.fakes.slack.outbound import Outbound, replying

pytestmark = [pytest.mark.real, pytest.mark.slow, pytest.mark.alone]
CHANNELS = {"C1": "general", "C2": "random", "C3": "ops"}
EVENT = re.compile(r"event (\d+) happened")


class Storm:
    """Deliverers of three channels."""

    def __init__(self, out: Outbound) -> None:
        self.out = out
        self.bells = {name: Doorbell() for name in CHANNELS.values()}
        self.outbox = StoredOutbox(out.database, self.bells, wall)
        self.deliverers = [
            Deliverer(
                Target(
                    name=name,
                    notifier=out.notifier(name),
                    bell=bell,
                    health=lambda *_: None,
                    window=WINDOW,
                ),
                self.outbox,
                Metrics(),
                wall,
                Random(1),
            )
            for name, bell in self.bells.items()
        ]

    async def rages(self, number: int) -> None:
        """So many events come, each for all channels."""
        names = tuple(self.bells)
        for first in range(0, number, 50):
            await self.outbox.put(
                [
                    Routed(event=event(n), targets=names)
                    for n in range(first, min(first + 50, number))
                ]
            )


def event(number: int) -> Event:
    message = Message(base_body=Body(plaintext=f"event {number} happened"))
    return Event(
        id=f"e{number}",
        source="beat",
        message=encode_message(message),
        raw=b"null",
        received_at=wall(),
    )


@asynccontextmanager
async def storm(folder: Path) -> AsyncGenerator[Storm]:
    async with replying(folder, seconds=150) as out, trio.open_nursery() as nursery:
        out.workspace.limits = True
        raised = Storm(out)
        for deliverer in raised.deliverers:
            await nursery.start(deliverer.run)
        yield raised
        nursery.cancel_scope.cancel()


def readable(out: Outbound) -> Counter[tuple[str, int]]:
    """How often each event can be read in each channel, files included."""
    found: Counter[tuple[str, int]] = Counter()
    for post in out.workspace.posts():
        found.update({(post.channel, int(n)) for n in EVENT.findall(post.shown)})
    return found


async def ask(out: Outbound, number: int, channel: str, took: list[float]) -> None:
    """A command in a channel, answered; its seconds are noted."""
    incoming = await out.accepted(f"ping {number}", channel=channel)
    out.replier.working(incoming)
    began = trio.current_time()
    await out.replier.finish(incoming, code(f"pong {number}"))
    took.append(trio.current_time() - began)


async def ask_meanwhile(out: Outbound, took: list[float]) -> None:
    """60 commands within 12 seconds: half of them in stormy channels."""
    calm = [f"D{n}" for n in range(10)]
    async with trio.open_nursery() as nursery:
        for number in range(60):
            channel = list(CHANNELS)[number // 2 % 3] if number % 2 else calm[number // 2 % 10]
            nursery.start_soon(ask, out, number, channel, took)
            await trio.sleep(0.2)


def limited(out: Outbound) -> int:
    return sum(call.error == "ratelimited" for call in out.workspace.asked)


async def test_a_storm_of_10000_events_is_readable_and_replies_pass(tmp_path: Path) -> None:
    async with storm(tmp_path) as raised:
        out, took, began = raised.out, list[float](), trio.current_time()
        out.workspace.channels |= {f"D{n}": f"calm-{n}" for n in range(10)}
        out.workspace.members |= set(out.workspace.channels)
        async with trio.open_nursery() as nursery:
            nursery.start_soon(ask_meanwhile, out, took)
            await raised.rages(10_000)
            for deliverer in raised.deliverers:
                await deliverer.calm()
                await deliverer.rested()
            seconds = trio.current_time() - began
        seen = readable(out)
        assert [(c, n) for n in range(10_000) for c in CHANNELS if not seen[c, n]] == []
        waiting = await out.rows("SELECT count(*) FROM delivery WHERE state != 1")
        refs = await out.rows("SELECT count(*), count(DISTINCT ref) FROM ref")
    took.sort()
    print(
        f"readable after {seconds:.1f} s, {len(out.workspace.posts())} messages, "
        f"{limited(out)} x 429, replies p50 {took[30]:.3f} p99 {took[-1]:.3f} s, refs {refs}"
    )
    assert waiting == [(0,)]
    assert seconds <= 120
    assert limited(out) <= 3
    assert len(took) == 60
    assert took[-1] <= 1.5


async def test_500_mentions_at_once_are_answered_once_and_in_order(tmp_path: Path) -> None:
    async with replying(tmp_path, seconds=60) as out:
        out.workspace.limits = True
        channels = [f"D{n}" for n in range(25)]
        out.workspace.channels |= dict(zip(channels, channels, strict=True))
        out.workspace.members |= set(channels)
        async with trio.open_nursery() as nursery:
            for number in range(500):
                channel, thread = channels[number % 25], f"1.{number % 4}"
                asked = Asked(channel=channel, user="U1", ts=f"2.{number}", thread=thread)
                incoming = await out.journalled(asked, f"ping {number}")
                out.replier.working(incoming)
                nursery.start_soon(out.replier.finish, incoming, code(f"pong {number}"))
            await out.replier.rested()
    answered: dict[tuple[str, str], list[int]] = {}
    for post in out.workspace.posts():
        number = int(post.text.split("pong ")[1].split()[0])
        answered.setdefault((post.channel, post.thread), []).append(number)
    expected: dict[tuple[str, str], list[int]] = {}
    for number in range(500):
        expected.setdefault((channels[number % 25], f"1.{number % 4}"), []).append(number)
    assert answered == expected
    assert limited(out) <= 3


async def test_a_reply_costs_one_call_of_80_ms(tmp_path: Path) -> None:
    async with replying(tmp_path, seconds=60) as out:
        out.workspace.limits, out.workspace.latency = True, 0.08
        channels = [f"D{n}" for n in range(50)]
        out.workspace.channels |= dict(zip(channels, channels, strict=True))
        out.workspace.members |= set(channels)
        took: list[float] = []
        for number in range(200):
            await ask(out, number, channels[number % 50], took)
    took.sort()
    print(f"mention to reply: p50 {took[100]:.3f} s, p99 {took[198]:.3f} s")
    assert took[100] <= 0.1
    assert len(out.workspace.posts()) == 200
