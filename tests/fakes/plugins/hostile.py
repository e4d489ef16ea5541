"""Plugins that break the protocol, each a process beside a good one, supervised and logged as in the program."""

import logging
import math
import sys
from collections.abc import AsyncGenerator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from pathlib import Path
from random import Random

import pytest
import trio
from msgspec.structs import replace

from botkube.app.observe import observer
from botkube.bridges.executor import PluginExecutor
from botkube.bridges.source import Source, SourceStream
from botkube.model.call import Answer, Call
from botkube.model.event import Event
from botkube.model.plugin import PluginKind
from botkube.plugins.catalog import Program
from botkube.plugins.errors import PluginDown
from botkube.plugins.life import Timing
from botkube.runtime.childspec import ChildSpec
from botkube.runtime.metrics import Metrics
from botkube.runtime.policy import Backoff, Policy
from botkube.runtime.supervisor import open_supervisor
from tests.fakes.bounds import bound
from tests.fakes.engine import Heard, channel_with, said
from tests.fakes.plugins.lender import open_lender
from tests.fakes.plugins.rig import Rig, quick_policy

PATIENT = Timing(start=60, health_interval=1, health_deadline=30, stop_grace=0.2, last_gasp=0.05)
# For those that say nothing: still a hundred times what it takes to start one.
HASTY = Timing(start=5, health_interval=0.5, health_deadline=5, stop_grace=0.2, last_gasp=0.05)
# For those that end: the process may be seen to end long after its connection.
ENDING = replace(PATIENT, last_gasp=30)
PRINTED = "botkube.plugins.output."
# Seconds within which a good plugin answers, whatever happens to others or to the machine.
USUAL = bound(1, 10)
ROOT = Path(__file__).parents[3]
START = f"import sys; sys.path.insert(0, {str(ROOT)!r}); from tests.fakes.plugins.hostilemain import main; main()"


def hostile(*words: str) -> Program:
    """The program that does what these words say; without site packages it starts fast."""
    return Program(argv=(sys.executable, "-I", "-S", "-c", START, *words))


class Ordeal:
    """A bad plugin beside a good one; `open_ordeal` makes it."""

    def __init__(self, rig: Rig, caplog: pytest.LogCaptureFixture) -> None:
        self.rig = rig
        self._caplog = caplog

    @asynccontextmanager
    async def bad(
        self, program: Program, timing: Timing = PATIENT, kind: PluginKind = "executor"
    ) -> AsyncGenerator[None]:
        """Run it; its first failure is its last."""
        settings = self.rig.settings(timing, quick_policy(restarts=0))
        async with self.rig.running({"bad": program}, settings, kind):
            yield

    async def ask(self, command: str = "bad") -> Answer:
        """Give it a command, as the engine does, but with patience with one that starts."""
        with suppress(PluginDown):
            await self.rig.slots["bad"].lease()
        slots = {slot.key: slot for slot in self.rig.slots.values()}
        key = self.rig.slots["bad"].key
        call = Call(
            key=key, command=command, configs=(), incoming=said("bad"), channel=channel_with()
        )
        return await PluginExecutor(slots).execute(call, Heard())

    def stream(self) -> AbstractAsyncContextManager[list[Event]]:
        """Keep its stream open, as the program does; the events that were stored."""
        return streaming(self.rig, "bad")

    async def works(self) -> None:
        """It answers, now that it means well."""
        with trio.fail_after(30):
            assert (await self.ask()).message.base_body.plaintext == "fine"

    async def fallen(self) -> str:
        """Wait until it has failed; what the log says about it, which is one line."""
        await self.rig.happens(lambda: bool(self.rig.parked("bad")))
        [line] = self.complaints()
        start = f"plugin:{self.rig.slots['bad'].key.kind}/fake/bad is given up for now: "
        assert line.startswith(start), line
        assert line.isprintable(), line
        return line.removeprefix(start)

    def complaints(self) -> list[str]:
        """What the log says, from warnings on; not what the plugins themselves print."""
        return [
            record.getMessage()
            for record in self._caplog.records
            if record.levelno >= logging.WARNING and not record.name.startswith(PRINTED)
        ]

    def printed(self) -> list[logging.LogRecord]:
        """What the bad one printed, as far as it is logged."""
        return [r for r in self._caplog.records if r.name.startswith(f"{PRINTED}executor/fake/bad")]


@asynccontextmanager
async def streaming(
    rig: Rig, name: str, *configs: bytes, backoff: float = 60
) -> AsyncGenerator[list[Event]]:
    """Keep a stream of a plugin open for each configuration; the events that were stored."""
    events: list[Event] = []

    async def store(more: Sequence[Event]) -> None:
        await trio.lowlevel.checkpoint()
        events.extend(more)

    def child(number: int, config: bytes | None) -> ChildSpec:
        source = Source(
            name=f"{name}{number}",
            config=config,
            cluster="dev",
            interactive=True,
            store=store,
            health=_unheard,
            wall=lambda: 0.0,
        )
        body = SourceStream(source, rig.slots[name]).run
        pauses = Backoff(backoff, backoff)
        policy = Policy(max_restarts=10**9, backoff=pauses, start_timeout=math.inf)
        return ChildSpec(name=f"source:{source.name}", body=body, policy=policy)

    async with open_supervisor("intake", observe=rig.told, random=Random(1)) as supervisor:
        await supervisor.reconcile(
            [child(n, config) for n, config in enumerate(configs or (None,))]
        )
        yield events


def _unheard(_: str) -> None:
    pass


@asynccontextmanager
async def open_ordeal(rig: Rig, caplog: pytest.LogCaptureFixture) -> AsyncGenerator[Ordeal]:
    """Run the good plugin, and ask it all the time: it answers, and is not restarted."""
    caplog.set_level(logging.INFO)
    rig.observe = observer(Metrics())
    slowest = 0.0

    async def ask_on() -> None:
        nonlocal slowest
        while True:
            begin = trio.current_time()
            assert await rig.ask("good", "well") == "well"
            slowest = max(slowest, trio.current_time() - begin)
            await trio.sleep(0.01)

    # The lent service does not end by being asked.
    patient = Timing(health_deadline=30, stop_grace=0.02)
    async with (
        open_lender(rig.root) as lender,
        rig.running({"good": lender}, rig.settings(patient)),
        trio.open_nursery() as nursery,
    ):
        await rig.ask("good", "well")
        nursery.start_soon(ask_on)
        yield Ordeal(rig, caplog)
        nursery.cancel_scope.cancel()
    assert not rig.failures("good")
    assert slowest < USUAL
