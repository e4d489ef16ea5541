"""Each notification appears exactly once, whatever is repeated or cut off."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from botkube.bots.playground.notifier import SMALL, ChannelNotifier, _cached_body
from botkube.model.delivery import Delivered, Delivery
from botkube.model.errors import StorageError
from botkube.model.event import Event, Routed
from botkube.model.message import Message, encode_message
from botkube.store import outbox
from tests.fakes.cancelling import cancelled_at
from tests.fakes.playground import Yard, body_of, playground_in

pytestmark = pytest.mark.real


async def window(yard: Yard, *names: str, message: bytes = b"{}") -> Sequence[Delivery]:
    """Put events for the target `t` and take what waits for it."""
    routed = [
        Routed(
            event=Event(id=n, source="s", message=message, raw=b"null", received_at=1.0),
            targets=("t",),
        )
        for n in names
    ]
    await yard.database.do(lambda c: outbox.put(c, routed))
    return await yard.database.read(lambda c: outbox.window(c, "t", 64))


def notifier(yard: Yard) -> ChannelNotifier:
    return ChannelNotifier(yard.database, yard.feed, "general", yard.wall)


def events(yard: Yard) -> list[object]:
    return [body_of(frame)["event_id"] for frame in yard.published()]


async def test_a_window_is_written_shown_and_settled_at_once(tmp_path: Path) -> None:
    async with playground_in(tmp_path) as yard:
        deliveries = await window(yard, "1", "2", "3")
        outcomes = await notifier(yard).deliver(deliveries)
        assert outcomes == [Delivered(settled=True)] * 3
        assert events(yard) == ["1", "2", "3"]
        assert yard.published() == await yard.stored()
        assert {frame.channel for frame in yard.published()} == {"general"}
        assert await window(yard) == []


async def test_an_event_without_a_message_is_settled_and_not_shown(tmp_path: Path) -> None:
    async with playground_in(tmp_path) as yard:
        await window(yard, "1")
        await window(yard, "2", message=encode_message(Message()))
        deliveries = await window(yard, "3")
        assert len(await notifier(yard).deliver(deliveries)) == 3
        assert events(yard) == ["1", "3"]
        assert yard.published() == await yard.stored()
        assert await window(yard) == []


async def test_a_repeated_window_writes_nothing_twice(tmp_path: Path) -> None:
    async with playground_in(tmp_path) as yard:
        deliveries = await window(yard, "1", "2")
        await notifier(yard).deliver(deliveries[:1])
        assert len(await notifier(yard).deliver(deliveries)) == 2
        assert events(yard) == ["1", "2"]


@pytest.mark.parametrize("checkpoint", range(1, 4))
async def test_a_cancelled_delivery_happened_whole_or_not_at_all(
    tmp_path: Path, checkpoint: int
) -> None:
    async with playground_in(tmp_path) as yard:
        deliveries = await window(yard, "1", "2")
        await cancelled_at(checkpoint, lambda: notifier(yard).deliver(deliveries))
        left = await window(yard, "3")
        await notifier(yard).deliver(left)
        assert events(yard) == ["1", "2", "3"]
        assert yard.published() == await yard.stored()


async def test_a_store_that_takes_nothing_shows_nothing(tmp_path: Path) -> None:
    async with playground_in(tmp_path) as yard:
        deliveries = await window(yard, "1")
    with pytest.raises(StorageError):
        await notifier(yard).deliver(deliveries)
    assert yard.published() == []


async def test_large_messages_are_not_kept_in_memory(tmp_path: Path) -> None:
    async with playground_in(tmp_path) as yard:
        message = b'{"baseBody":{"plaintext":"%b"}}' % (b"x" * SMALL)
        _cached_body.cache_clear()
        await notifier(yard).deliver(await window(yard, "1", message=message))
        assert _cached_body.cache_info().currsize == 0
        assert events(yard) == ["1"]
