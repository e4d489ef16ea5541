"""kill -9 again and again under load: every command is answered, every stream comes back, and nothing grows.

The whole measure is 1,000 kills of Go plugins and 100 of Python's: PLUGIN_KILLS=1000.
"""

import os
import signal
import sys
from collections import Counter
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random
from typing import NamedTuple

import pytest
import trio

from botkube.bridges.executor import PluginExecutor
from botkube.model.call import Call
from botkube.model.errors import PluginUnavailable
from botkube.model.event import Event
from botkube.plugins.catalog import Program
from botkube.plugins.life import Timing
from tests.fakes.engine import Heard, channel_with, said
from tests.fakes.gopeers import Peers
from tests.fakes.plugins.hostile import streaming
from tests.fakes.plugins.rig import Rig, open_descriptors, open_rig, quick_policy, report

pytestmark = [pytest.mark.real, pytest.mark.slow, pytest.mark.alone]

KILLS = int(os.environ.get("PLUGIN_KILLS", "60"))
WORKERS = 8
EVENTS = b"{events: 1000000, interval: 5ms}"
BEATS = b'{"interval": "5ms", "text": "beat {n}"}'
OWN = (sys.executable, "-P", "-m", "botkube", "plugin", "serve")


class Size(NamedTuple):
    """What must not grow."""

    descriptors: int
    tasks: int
    resident: float  # MiB

    @classmethod
    def now(cls) -> "Size":
        """As it is."""
        pages = int(Path("/proc/self/statm").read_text().split()[1])
        tasks = trio.lowlevel.current_statistics().tasks_living
        resident = pages * os.sysconf("SC_PAGE_SIZE") / 2**20
        return cls(len(open_descriptors()), tasks, resident)


class Load:
    """Commands without end; each answer is a result, or a failure that names the plugin."""

    def __init__(self, rig: Rig, word: str) -> None:
        self.answers: Counter[str] = Counter()
        self._executor = PluginExecutor({slot.key: slot for slot in rig.slots.values()})
        self._key = rig.slots["executor"].key
        self._word = word

    async def run(self) -> None:
        """Give commands, and look at what comes back."""
        number = 0
        while True:
            number += 1
            await self.ask(f"{self._word} {number}")
            await trio.sleep(0.002)

    async def ask(self, command: str) -> None:
        """Give one command."""
        call = Call(
            key=self._key, command=command, configs=(), incoming=said("x"), channel=channel_with()
        )
        with trio.fail_after(100):
            try:
                answer = await self._executor.execute(call, Heard())
            except PluginUnavailable as error:
                self.answers["failed" if "fake/executor" in str(error) else str(error)] += 1
            else:
                assert answer.message.base_body.code_block == command
                self.answers["answered"] += 1


@pytest.mark.parametrize("kind", ["go", "python"])
async def test_kills_under_load(peers: Peers, kind: str) -> None:
    commands: list[tuple[str, ...]]
    if kind == "go":
        commands, word, config = [(str(peers.executor),), (str(peers.source),)], "peer echo", EVENTS
        kills = KILLS
    else:
        commands, word, config = [(*OWN, "echo"), (*OWN, "heartbeat")], "echo", BEATS
        kills = max(KILLS // 10, 6)
    with trio.fail_after(100 + kills * 15):
        async with (
            open_rig() as rig,
            running(rig, commands),
            streaming(rig, "source", config, config) as events,
        ):
            await kill_all(rig, Load(rig, word), events, kills)


@asynccontextmanager
async def running(rig: Rig, commands: Sequence[tuple[str, ...]]) -> AsyncGenerator[None]:
    """An executor and a source that are never given up."""
    policy = quick_policy(restarts=10**6)
    settings = rig.settings(Timing(start=30, health_interval=5, health_deadline=30), policy)
    executor, source = (Program(argv=argv) for argv in commands)
    async with rig.running({"executor": executor}, settings):
        await rig.slots["executor"].lease()
        async with rig.running({"source": source}, settings, "source"):
            await rig.slots["source"].lease()
            yield


async def kill_all(rig: Rig, load: Load, events: list[Event], kills: int) -> None:
    """Kill one or the other, and see each time that all is back."""
    random = Random(os.environ.get("GATE_SEED", "1"))
    began, before = trio.current_time(), Size.now()
    async with trio.open_nursery() as nursery:
        for _ in range(WORKERS):
            nursery.start_soon(load.run)
        for number in range(kills):
            if number == max(kills // 10, 5):
                before = Size.now()  # warm
            await trio.sleep(random.random() * 0.02)  # at any moment of what goes on
            await kill(rig, load, events, random.choice(["executor", "source"]))
        after = Size.now()
        nursery.cancel_scope.cancel()
    took = trio.current_time() - began
    report(f"{kills} kills in {took:.1f} s, {dict(load.answers)}; before {before}, after {after}")
    assert set(load.answers) == {"answered", "failed"}
    assert after.descriptors <= before.descriptors
    assert after.tasks <= before.tasks
    assert after.resident - before.resident < 8 + kills / 100


async def kill(rig: Rig, load: Load, events: list[Event], name: str) -> None:
    """Kill one, and wait until what it did goes on."""
    client = await rig.slots[name].lease()
    os.kill(rig.recorded(name), signal.SIGKILL)
    await rig.slots[name].wait_lost(client)
    await rig.slots[name].lease()
    events.clear()
    rig.events.clear()
    answered = load.answers["answered"]
    with trio.fail_after(100):
        while load.answers["answered"] == answered or len({e.source for e in events}) < 2:  # noqa: ASYNC110
            await trio.sleep(0.005)
