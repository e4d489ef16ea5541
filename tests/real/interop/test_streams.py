"""Streams of Go sources that end while the plugin lives, or die with it: opened again, events go on."""

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from functools import partial
from random import Random

import pytest
import trio

from botkube.app.intake import POLICY
from botkube.bridges.source import Source, SourceStream
from botkube.model.event import Event
from botkube.model.message import decode_message
from botkube.plugins.catalog import Program
from botkube.runtime.childspec import ChildFailed, SupervisorEvent
from botkube.runtime.supervisor import ChildSpec, open_supervisor
from tests.fakes.gopeers import Peers
from tests.fakes.plugins.rig import Rig

pytestmark = [pytest.mark.real, pytest.mark.slow]


class Streamed:
    """The events of one source group, and what its supervisor says."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.failures: list[str] = []
        self.health: list[str] = []
        self.restart: Callable[[], object] = lambda: None
        self._more = trio.Event()

    async def store(self, events: Sequence[Event]) -> None:
        await trio.lowlevel.checkpoint()
        texts = [decode_message(event.message).base_body.plaintext for event in events]
        self.texts += texts
        self._more.set()
        self._more = trio.Event()

    def hear(self, event: SupervisorEvent) -> None:
        if isinstance(event, ChildFailed):
            self.failures.append(event.error)

    async def has(self, count: int) -> None:
        while len(self.texts) < count:
            await self._more.wait()


@asynccontextmanager
async def streaming(rig: Rig, peers: Peers, config: bytes) -> AsyncGenerator[Streamed]:
    """A Go source and its stream, each under its supervisor, as the program has them."""
    streamed = Streamed()
    async with (
        rig.running({"peer": Program(argv=(str(peers.source),))}, kind="source") as plugins,
        open_supervisor("intake", observe=streamed.hear, random=Random(1)) as supervisor,
    ):
        source = Source(
            name="group",
            config=config,
            cluster="c",
            interactive=True,
            store=streamed.store,
            health=streamed.health.append,
            wall=trio.current_time,
        )
        body = SourceStream(source, rig.slots["peer"]).run
        await supervisor.reconcile([ChildSpec("source:group", body, policy=POLICY)])
        streamed.restart = partial(plugins.restart, "plugin:source/fake/peer")
        yield streamed


async def test_a_stream_that_ends_is_opened_again_by_the_same_process(
    rig: Rig, peers: Peers
) -> None:
    async with streaming(rig, peers, b"{events: 2, then: eof}") as streamed:
        await streamed.has(2)
        pid = rig.recorded("peer")
        await streamed.has(6)
        assert rig.recorded("peer") == pid
    assert streamed.texts[:6] == ["event 1 of group", "event 2 of group"] * 3
    assert set(streamed.failures) == {"the plugin fake/peer ended the stream of group"}
    assert rig.failures("peer") == []


async def test_a_source_that_dies_is_restarted_and_its_stream_is_opened_again(
    rig: Rig, peers: Peers
) -> None:
    async with streaming(rig, peers, b"{events: 2, interval: 100ms, then: exit}") as streamed:
        await streamed.has(4)
    assert streamed.texts[:4] == ["event 1 of group", "event 2 of group"] * 2
    assert streamed.failures == []  # the failure of the plugin, told where that is supervised
    assert rig.failures("peer")[0] == "the plugin exited with code 3"


async def test_a_source_restarted_by_hand_goes_on_and_nobody_complains(
    rig: Rig, peers: Peers
) -> None:
    async with streaming(rig, peers, b"{events: 2, then: stay}") as streamed:
        await streamed.has(2)
        streamed.restart()
        await streamed.has(4)
    assert streamed.texts == ["event 1 of group", "event 2 of group"] * 2
    assert (streamed.failures, rig.failures("peer")) == ([], [])
    assert streamed.health[0] == streamed.health[-1] == ""
