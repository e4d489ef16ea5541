"""The newest lines of something, in memory: bounded in number and size, and any number of readers may follow.

Nobody has a queue: a reader is a number. One that is slow is told how many lines it missed, and goes on.
"""

from collections import deque
from collections.abc import Sequence

import msgspec
import trio


class Got(msgspec.Struct, frozen=True):
    """What is new to a reader; before it, so many lines are gone already."""

    missed: int
    lines: Sequence[bytes]


class Ring:
    """Keeps lines until there are too many, or too much of them; the newest one is always there."""

    def __init__(self, *, lines: int, size: int) -> None:
        self._most = lines
        self._largest = size
        self._lines: deque[bytes] = deque()
        self._size = 0
        self._end = 0  # how many lines there have been
        self._changed = trio.Event()

    def add(self, line: bytes) -> None:
        """Keep a line, and wake who waits for it; only in Trio's thread."""
        self._lines.append(line)
        self._size += len(line)
        self._end += 1
        while len(self._lines) > 1 and (
            len(self._lines) > self._most or self._size > self._largest
        ):
            self._size -= len(self._lines.popleft())
        self._changed.set()
        self._changed = trio.Event()

    def reader(self, newest: int) -> "Reader":
        """A reader that begins with so many of the newest lines."""
        return Reader(self, self._end - min(newest, len(self._lines)))

    def since(self, place: int) -> tuple[Got, int]:
        """What came after a place, and the place after that."""
        first = self._end - len(self._lines)
        start = max(place, first)
        return Got(start - place, tuple(self._lines)[start - first :]), self._end

    async def more(self, place: int) -> None:
        """Wait for what comes after a place."""
        await trio.lowlevel.checkpoint()
        while self._end <= place:
            await self._changed.wait()


class Reader:
    """Reads a ring from one place on."""

    def __init__(self, ring: Ring, place: int) -> None:
        self._ring = ring
        self._place = place

    def now(self) -> Got:
        """What is there and was not read, without waiting."""
        got, self._place = self._ring.since(self._place)
        return got

    async def next(self) -> Got:
        """The next lines, one at least.

        Cancellation: nothing is lost.
        """
        await self._ring.more(self._place)
        return self.now()
