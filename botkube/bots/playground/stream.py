"""Reads the stream for one client: first what is stored after its seq, then live, without gap or
repeat. Each client is a cursor; a slow one costs memory for a page of frames, not a queue.
"""

from typing import Final

import msgspec

from botkube.bots.playground.feed import Feed, Item
from botkube.store import frames
from botkube.store.database import Database
from botkube.store.pages import up_to_bytes

PAGE: Final = 500  # frames read from the store at once
BURST: Final = 64  # frames handed to a client between two checkpoints
PAGE_BYTES: Final = 2**15  # a client that stopped reading holds about this much


class Cursor:
    """One client's place in the stream."""

    def __init__(self, database: Database, feed: Feed, after: int | None) -> None:
        self._database = database
        self._feed = feed
        self._seq = feed.newest_seq if after is None else after
        self._position: int | None = feed.position if after is None else None

    async def next(self) -> list[Item]:
        """The next frames, at least one and about `PAGE_BYTES` at most; waits for them.

        Raises:
            StorageError: the store cannot be read.
        """
        while True:
            items = await self._stored() if self._position is None else await self._live()
            if items:
                return items

    async def _stored(self) -> list[Item]:
        place = self._feed.place_after(self._seq)
        if place is not None:
            self._position = place
            return []
        newest = self._feed.newest_seq
        page = await self._database.read(
            lambda connection: frames.after(connection, self._seq, PAGE, PAGE_BYTES)
        )
        if not page:  # what lay between was deleted by its age
            self._seq = newest
            return []
        encoded = (Item(frame.seq, msgspec.json.encode(frame), stored=True) for frame in page)
        items = list(up_to_bytes(encoded, lambda item: len(item.data), PAGE_BYTES))
        self._seq = items[-1].seq
        return items

    async def _live(self) -> list[Item]:
        position = self._position or 0
        await self._feed.wait(position)
        items = self._feed.since(position, count=BURST, size=PAGE_BYTES)
        if items is None:  # fell behind the ring: go on from the store
            self._position = None
            return []
        self._position = position + len(items)
        # A page read from the store may hold frames that are published only now.
        fresh = [item for item in items if item.seq > self._seq or not item.stored]
        self._seq = max([self._seq, *(item.seq for item in fresh)])
        return fresh
