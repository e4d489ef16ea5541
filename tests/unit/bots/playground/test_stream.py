"""A cursor gives every frame once, in order, however reading, committing, publishing, forgetting and
deleting interleave.
"""

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import pytest
import trio
import trio.testing
from hypothesis import given, settings
from hypothesis import strategies as st

from botkube.bots.playground import stream
from botkube.bots.playground.feed import Feed
from botkube.bots.playground.stream import Cursor
from botkube.store import frames
from tests.fakes.store import frame, opened, tables

if TYPE_CHECKING:
    from botkube.model.frame import Frame

T = TypeVar("T")


class Store:
    """A store in memory whose commits are published later, also in the middle of a read."""

    def __init__(self) -> None:
        self.connection = tables()
        self.feed = Feed(frames.newest_seq(self.connection))
        self.first = self.feed.newest_seq
        self.unpublished: list[Frame] = []
        self.pruned: set[int] = set()
        self.races = False

    def commit(self, count: int) -> None:
        self.unpublished += frames.insert_many(self.connection, [frame("x")] * count)

    def publish(self) -> None:
        for item in self.unpublished:
            self.feed.publish(item)
        self.unpublished.clear()

    def type_something(self) -> None:
        self.feed.publish(frame("typing").stored(self.feed.newest_seq), stored=False)

    def prune(self, count: int) -> None:
        """Delete the oldest frames, of those published."""
        limit = min(self._oldest() + count, self.feed.newest_seq + 1)
        rows = self.connection.execute("DELETE FROM frame WHERE seq < ? RETURNING seq", (limit,))
        self.pruned |= {row[0] for row in rows.fetchall()}

    def _oldest(self) -> int:
        return int(self.connection.execute("SELECT ifnull(min(seq), 0) FROM frame").fetchone()[0])

    def all(self) -> set[int]:
        return {row[0] for row in self.connection.execute("SELECT seq FROM frame")}

    async def read(self, query: Callable[[sqlite3.Connection], T]) -> T:
        await trio.lowlevel.checkpoint()
        found = query(self.connection)
        if self.races:
            self.commit(2)
            self.publish()
        await trio.lowlevel.checkpoint()
        return found


class Reader:
    """A cursor, and what it gave."""

    def __init__(self, store: Store, after: int | None) -> None:
        self.start = store.feed.newest_seq if after is None else after
        self.cursor = Cursor(store, store.feed, after)  # type: ignore[arg-type]  # reads are all it does
        self.seqs: list[int] = []

    async def read(self) -> bool:
        with trio.move_on_after(1):  # virtual: nothing is there
            items = await self.cursor.next()
            assert items
            self.seqs += [item.seq for item in items if item.stored]
            return True
        return False


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("commit"), st.integers(1, 9)),
        st.tuples(st.just("publish"), st.just(0)),
        st.tuples(st.just("typing"), st.just(0)),
        st.tuples(st.just("prune"), st.integers(1, 12)),
        st.tuples(st.just("open"), st.integers(-1, 20)),
        st.tuples(st.just("read"), st.integers(0, 9)),
        st.tuples(st.just("race"), st.integers(0, 1)),
    ),
    max_size=50,
)


class Play:
    """Carries out steps, and knows in the end what each reader was owed."""

    def __init__(self) -> None:
        self.store = Store()
        self.readers = [Reader(self.store, None)]

    async def step(self, name: str, number: int) -> None:
        if name == "open":
            after = min(self.store.first + number, self.store.feed.newest_seq)
            self.readers.append(Reader(self.store, None if number < 0 else after))
        elif name == "read":
            await self.readers[number % len(self.readers)].read()
        else:
            self.changes()[name](number)

    def changes(self) -> dict[str, Callable[[int], object]]:
        return {
            "commit": self.store.commit,
            "publish": lambda _: self.store.publish(),
            "typing": lambda _: self.store.type_something(),
            "prune": self.store.prune,
            "race": lambda on: setattr(self.store, "races", bool(on)),
        }

    async def check(self) -> None:
        self.store.races = False
        self.store.publish()
        for reader in self.readers:
            while await reader.read():
                pass
            assert reader.seqs == sorted(set(reader.seqs)), "out of order, or twice"
            owed = {seq for seq in self.store.all() if seq > reader.start}
            assert owed <= set(reader.seqs), "a gap"
            assert all(seq > reader.start for seq in reader.seqs)


async def _play(steps: list[tuple[str, int]]) -> None:
    play = Play()
    for name, number in steps:
        await play.step(name, number)
    await play.check()


@settings(max_examples=150, deadline=None)
@given(STEPS)
def test_no_gap_and_no_repeat(steps: list[tuple[str, int]]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("botkube.bots.playground.feed.KEPT", 6)
        patch.setattr(stream, "PAGE", 4)
        patch.setattr(stream, "BURST", 3)
        trio.run(_play, steps, clock=trio.testing.MockClock(autojump_threshold=0))


async def test_a_frame_that_is_read_before_it_is_published_comes_once(
    autojump_clock: trio.testing.MockClock,
) -> None:
    store = Store()
    store.commit(3)
    reader = Reader(store, store.first)
    store.feed._forgotten_seq = store.first + 1  # as after a restart: only the store has them
    assert await reader.read()
    assert not await reader.read()
    store.publish()
    store.commit(1)
    store.publish()
    while await reader.read():
        pass
    assert reader.seqs == [store.first + n for n in range(1, 5)]


async def test_what_comes_while_an_empty_store_is_read_is_not_skipped() -> None:
    store = Store()
    store.commit(5)
    store.publish()
    store.feed._ring.clear()
    store.feed._forgotten_seq = store.feed.newest_seq
    store.prune(99)
    reader = Reader(store, store.first)
    store.races = True
    with trio.fail_after(30):
        await reader.read()
    assert reader.seqs == [store.first + 6, store.first + 7]


@pytest.mark.parametrize("live", [False, True])
@pytest.mark.parametrize("size", [10, 20_000, 100_000])
async def test_a_page_is_bounded_in_bytes(*, live: bool, size: int) -> None:
    store = Store()
    store.unpublished += frames.insert_many(store.connection, [frame("x", size=size)] * 300)
    if live:
        store.publish()
    else:
        store.feed._forgotten_seq = store.feed.newest_seq = store.unpublished[-1].seq
    cursor = Cursor(store, store.feed, store.first)  # type: ignore[arg-type]  # reads are all it does
    seqs: list[int] = []
    with trio.fail_after(30):
        while len(seqs) < 300:
            items = await cursor.next()
            assert sum(len(item.data) for item in items[:-1]) < 2**16
            seqs += [item.seq for item in items]
    assert seqs == list(range(store.first + 1, store.first + 301))


@pytest.mark.real
async def test_a_real_store_is_caught_up_with_and_then_followed(
    tmp_path: Path,
) -> None:
    async with opened(tmp_path) as database:
        kept = await database.do(
            lambda c: frames.insert_many(c, [frame(str(n)) for n in range(1200)])
        )
        feed = Feed(await database.read(frames.newest_seq))
        cursor = Cursor(database, feed, kept[0].seq)
        seqs: list[int] = []
        while len(seqs) < 1199:
            seqs += [item.seq for item in await cursor.next()]
        await database.do(lambda c: frames.insert(c, frame("live")), feed.publish)
        seqs += [item.seq for item in await cursor.next()]
    assert seqs == list(range(kept[0].seq + 1, kept[-1].seq + 2))
