"""A source's stream follows its plugin: waits while it is away, opens again when it is back."""

from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import NoReturn, cast

import pytest
import trio
import trio.testing

from botkube.bridges.source import AHEAD_BYTES, LAST_GASP, Source, SourceStream, StreamEnded
from botkube.model.event import Event
from botkube.model.plugin import parse_plugin_key
from botkube.plugins.slot import PluginSlot
from botkube.wire.client import PluginClient
from botkube.wire.errors import BadAnswer, CallError
from botkube.wire.messages import StreamRequest

EVENT = b'{"Message":{"baseBody":{"plaintext":"hi"}},"RawObject":{}}'


class Streaming:
    """The one method of a plugin's client that a stream needs: one event, then what it is told."""

    def __init__(self, *, then: Exception | None, events: int = 1, event: bytes = EVENT) -> None:
        self._then = then
        self._events = events
        self._event = event
        self._left = events

    @asynccontextmanager
    async def stream(self, _request: StreamRequest) -> AsyncGenerator[AsyncIterator[bytes]]:
        self._left = self._events
        yield self

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        await trio.lowlevel.checkpoint()
        if not self._left:
            await self._end()
        self._left -= 1
        return self._event

    async def _end(self) -> NoReturn:
        if self._then is not None:
            raise self._then
        await trio.sleep_forever()


def client(then: Exception | None = None, *, events: int = 1, event: bytes = EVENT) -> PluginClient:
    return cast("PluginClient", Streaming(then=then, events=events, event=event))


class Rig:
    def __init__(self) -> None:
        self.slot = PluginSlot(parse_plugin_key("source", "gate/beat"))
        self.events: list[Event] = []
        self.health: list[str] = []
        source = Source(
            name="beat",
            config=None,
            cluster="c",
            interactive=True,
            store=self.store,
            health=self.health.append,
            wall=lambda: 0.0,
        )
        self.body = SourceStream(source, self.slot).run

    async def store(self, events: Sequence[Event]) -> None:
        await self.disk()
        self.events += events

    async def disk(self) -> None:
        await trio.lowlevel.checkpoint()


LOST = CallError("UNAVAILABLE", "connection lost")


async def test_a_parked_plugin_is_waited_for_and_named(
    autojump_clock: trio.testing.MockClock,
) -> None:
    rig = Rig()
    rig.slot.park("no such file")
    async with trio.open_nursery() as nursery:
        nursery.start_soon(nursery.start, rig.body)
        await trio.sleep(1000)
        assert rig.health == ["plugin gate/beat is not running: no such file"]
        rig.slot.close()
        rig.slot.open(client())
        await trio.sleep(1)
        assert rig.health[-1] == ""
        assert len(rig.events) == 1
        nursery.cancel_scope.cancel()


async def test_a_lost_plugin_is_waited_for(autojump_clock: trio.testing.MockClock) -> None:
    rig = Rig()
    rig.slot.open(client(LOST))
    async with trio.open_nursery() as nursery:
        await nursery.start(rig.body)
        await trio.sleep(LAST_GASP / 2)
        rig.slot.close()
        await trio.sleep(1000)
        assert rig.health[-1] == "the plugin gate/beat is restarting"
        rig.slot.open(client())
        await trio.sleep(1)
        assert rig.health[-1] == ""
        assert len(rig.events) == 2
        nursery.cancel_scope.cancel()


@pytest.mark.parametrize(
    ("then", "wanted", "text"),
    [
        (LOST, CallError, "UNAVAILABLE: connection lost"),
        (CallError("UNKNOWN", "boom"), StreamEnded, "boom"),
        (BadAnswer("UNKNOWN", "no status"), BadAnswer, "UNKNOWN: no status"),
        (CallError("UNKNOWN", ""), CallError, "UNKNOWN"),
        (StopAsyncIteration(), StreamEnded, "ended the stream of"),
    ],
)
async def test_a_stream_that_breaks_while_its_plugin_lives_is_a_failure(
    then: Exception,
    wanted: type[Exception],
    text: str,
    autojump_clock: trio.testing.MockClock,
) -> None:
    rig = Rig()
    rig.slot.open(client(then))
    failure = pytest.RaisesExc(wanted, match=rf"^(the plugin \S+ )?{text}")
    with pytest.RaisesGroup(failure, flatten_subgroups=True, allow_unwrapped=True):
        await rig.body(task_status=trio.TASK_STATUS_IGNORED)
    assert len(rig.events) == 1


async def test_a_source_without_a_stream_is_fine(autojump_clock: trio.testing.MockClock) -> None:
    rig = Rig()
    rig.slot.open(client(CallError("UNIMPLEMENTED", "webhooks only")))
    async with trio.open_nursery() as nursery:
        await nursery.start(rig.body)
        await trio.sleep(1000)
        nursery.cancel_scope.cancel()


async def test_what_was_read_is_stored_although_the_plugin_dies(
    autojump_clock: trio.testing.MockClock,
) -> None:
    rig = Rig()
    rig.disk = partial(trio.sleep, 10)  # type: ignore[method-assign]  # a slow disk
    rig.slot.open(client(LOST, events=60))
    with trio.move_on_after(100):
        async with trio.open_nursery() as nursery:
            await nursery.start(rig.body)
            rig.slot.close()
    assert len(rig.events) == 60


async def test_large_events_are_read_ahead_by_bytes_not_by_number(
    autojump_clock: trio.testing.MockClock,
) -> None:
    rig = Rig()
    rig.disk = trio.sleep_forever  # type: ignore[method-assign]  # a disk that takes nothing
    large = EVENT[:-1] + b" " * AHEAD_BYTES + b"}"
    plugin = Streaming(then=None, events=20, event=large)
    rig.slot.open(cast("PluginClient", plugin))
    with trio.move_on_after(100):
        await rig.body(task_status=trio.TASK_STATUS_IGNORED)
    assert plugin._left >= 18
