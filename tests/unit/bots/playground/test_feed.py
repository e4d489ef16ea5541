"""The ring of newest frames: places, what is forgotten, and who is woken."""

import msgspec
import pytest
import trio
import trio.testing

from botkube.bots.playground import feed as module
from botkube.bots.playground.feed import Feed
from botkube.model.frame import Frame
from tests.fakes.store import frame


def stored(seq: int, *, size: int = 0) -> Frame:
    return frame(str(seq), size=size).stored(seq)


def filled(*seqs: int, newest: int = 0) -> Feed:
    feed = Feed(newest)
    for seq in seqs:
        feed.publish(stored(seq))
    return feed


def seqs_since(feed: Feed, position: int | None) -> list[int] | None:
    assert position is not None
    items = feed.since(position)
    return None if items is None else [item.seq for item in items]


def test_a_reader_goes_on_where_it_was() -> None:
    feed = filled(11, 12, newest=10)
    place = feed.position
    assert seqs_since(feed, place) == []
    feed.publish(stored(13))
    assert seqs_since(feed, place) == [13]
    assert seqs_since(feed, 0) == [11, 12, 13]


@pytest.mark.parametrize(
    ("seq", "found"), [(13, []), (12, [13]), (10, [11, 12, 13]), (9, None), (0, None)]
)
def test_the_place_after_a_seq(seq: int, found: list[int] | None) -> None:
    feed = filled(11, 12, 13, newest=10)
    place = feed.place_after(seq)
    assert (None if place is None else seqs_since(feed, place)) == found


def test_typing_is_for_those_who_are_there_and_is_not_replayed() -> None:
    feed = filled(11, newest=10)
    place = feed.position
    feed.publish(stored(11), stored=False)
    assert seqs_since(feed, place) == [11]
    assert feed.newest_seq == 11
    assert seqs_since(feed, feed.place_after(11)) == []


def test_what_is_forgotten_is_bounded_by_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "KEPT", 3)
    feed = filled(1, 2, 3, 4, 5)
    assert feed.since(0) is None
    assert seqs_since(feed, 2) == [3, 4, 5]
    assert feed.place_after(1) is None
    assert seqs_since(feed, feed.place_after(2)) == [3, 4, 5]


def test_what_is_forgotten_is_bounded_by_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "KEPT_BYTES", 5000)
    feed = Feed(0)
    for seq in range(1, 6):
        feed.publish(stored(seq, size=2000))
    assert feed.place_after(2) is None
    assert seqs_since(feed, feed.place_after(3)) == [4, 5]
    feed.publish(stored(6, size=50_000))
    assert seqs_since(feed, feed.place_after(5)) == [6]


def test_an_item_is_the_frame_as_json() -> None:
    feed = filled(7)
    (item,) = feed.since(0) or []
    assert msgspec.json.decode(item.data, type=Frame) == stored(7)
    assert item.stored


async def test_all_who_wait_are_woken_by_the_next_frame() -> None:
    feed = filled(1)
    woken: list[int] = []

    async def wait(number: int) -> None:
        await feed.wait(feed.position)
        woken.append(number)

    async with trio.open_nursery() as nursery:
        for number in range(3):
            nursery.start_soon(wait, number)
        await trio.testing.wait_all_tasks_blocked()
        assert woken == []
        feed.publish(stored(2))
    assert sorted(woken) == [0, 1, 2]


async def test_who_is_behind_does_not_wait() -> None:
    feed = filled(1, 2)
    with trio.fail_after(30):
        await feed.wait(0)


def test_no_more_is_taken_than_asked_for() -> None:
    feed = Feed(0)
    for seq in range(1, 9):
        feed.publish(stored(seq, size=1000))
    assert [item.seq for item in feed.since(2, count=3) or []] == [3, 4, 5]
    assert [item.seq for item in feed.since(2, size=1500) or []] == [3, 4]
    assert [item.seq for item in feed.since(2, size=1) or []] == [3], "one at least"
