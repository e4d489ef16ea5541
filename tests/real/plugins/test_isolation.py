"""How much another plugin notices: one floods, one hangs, and a good one of the SDK is asked all the time."""

import os
import statistics
import sys
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import trio

from botkube.bridges.executor import PluginExecutor
from botkube.model.call import Call
from botkube.model.event import Event
from botkube.plugins.catalog import Program
from botkube.plugins.life import Timing
from tests.fakes.engine import Heard, channel_with, said
from tests.fakes.plugins.hostile import hostile, streaming
from tests.fakes.plugins.rig import Rig, open_rig, quick_policy, report

pytestmark = [pytest.mark.real, pytest.mark.slow, pytest.mark.alone]

SDK = Path(__file__).parents[2] / "fakes" / "plugins" / "interop.py"
FULL = "ISOLATION_ROUNDS" in os.environ  # measured; else only that nobody starves
ROUNDS = int(os.environ.get("ISOLATION_ROUNDS", "3"))
TRIES = 3  # on a machine with other things to do, more rounds say more
CALLS = 400
PATIENT = Timing(start=30, health_interval=30, health_deadline=60, stop_grace=0.2)


async def ask(rig: Rig, name: str, command: str) -> str:
    """Give a plugin a command, as the engine does."""
    slots = {slot.key: slot for slot in rig.slots.values()}
    key = rig.slots[name].key
    call = Call(key=key, command=command, configs=(), incoming=said("x"), channel=channel_with())
    return (await PluginExecutor(slots).execute(call, Heard())).message.base_body.plaintext


async def calls(rig: Rig) -> list[float]:
    """The times of many calls, in milliseconds."""
    times = []
    for number in range(CALLS):
        begin = trio.current_time()
        assert await ask(rig, "good", f"peer {number}") == f"peer {number}"
        times.append((trio.current_time() - begin) * 1000)
    return sorted(times)


@asynccontextmanager
async def bad_ones(rig: Rig) -> AsyncGenerator[list[Event]]:
    """One that floods by all ways there are, and one with commands that never end; how much came so far."""
    settings = rig.settings(PATIENT, quick_policy(restarts=0))
    floods, hangs = hostile("process", "floods_everything"), hostile("frames", "Execute", "hangs")
    async with rig.running({"hangs": hangs}, settings):
        await rig.slots["hangs"].lease()
        async with rig.running({"floods": floods}, settings, "source"):
            await rig.slots["floods"].lease()
            async with trio.open_nursery() as nursery:
                for _ in range(20):
                    nursery.start_soon(ask, rig, "hangs", "hangs")
                async with streaming(rig, "floods") as events:
                    while not events:  # noqa: ASYNC110 - another process sends them
                        await trio.sleep(0.01)
                    yield events
                nursery.cancel_scope.cancel()
            assert not rig.parked("floods")
            assert not rig.parked("hangs")


async def test_others_hardly_notice() -> None:
    alone: list[list[float]] = []
    beside: list[list[float]] = []
    with trio.fail_after(TRIES * 30 * ROUNDS):
        async with open_rig() as rig:
            good = Program(argv=(sys.executable, "-P", str(SDK), "executor"))
            async with rig.running({"good": good}, rig.settings(PATIENT)):
                await calls(rig)
                for _ in range(TRIES):
                    await measure(rig, alone, beside)
                    if middle(beside, 0.99) <= allowed(alone):
                        break
                assert not rig.failures("good")
    for name, rounds in (("alone", alone), ("beside", beside)):
        report(f"{name}: p50 {middle(rounds, 0.5):.2f} ms, p99 {middle(rounds, 0.99):.2f} ms; of each round: "
               + " ".join(f"{times[int(CALLS * 0.99)]:.1f}" for times in rounds))  # fmt: skip
    assert middle(beside, 0.99) <= allowed(alone)


async def measure(rig: Rig, alone: list[list[float]], beside: list[list[float]]) -> None:
    """Some rounds of each, in turns, so that what else the machine does meets both."""
    for _ in range(ROUNDS):
        alone.append(await calls(rig))
        async with bad_ones(rig) as events:
            beside.append(await calls(rig))
            assert len(events) > 100


def allowed(alone: Sequence[Sequence[float]]) -> float:
    """What the p99 may be beside the bad ones, in milliseconds."""
    usual = middle(alone, 0.99)
    return max(2 * usual, usual + 10) if FULL else 20 * usual + 500


def middle(rounds: Sequence[Sequence[float]], share: float) -> float:
    """The median over the rounds of that percentile."""
    return statistics.median(times[int(len(times) * share)] for times in rounds)
