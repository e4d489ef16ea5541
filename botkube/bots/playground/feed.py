"""The live end of the playground's stream: the newest frames in memory, and a way to wait for more.

No queue per client: each reader keeps its own place in this one bounded ring and, when it has fallen
behind it, reads what it missed from the store.
"""

from collections import deque
from collections.abc import Iterable
from typing import Final, NamedTuple

import msgspec
import trio

from botkube.model.frame import Frame
from botkube.store.pages import up_to_bytes

KEPT: Final = 2048  # frames held in memory for readers that keep up
KEPT_BYTES: Final = 8 * 2**20  # and at most this many bytes of them


class Item(NamedTuple):
    """One frame as sent: its seq, its JSON, and whether it is stored (`typing` frames are not)."""

    seq: int
    data: bytes
    stored: bool


class Feed:
    """A ring of encoded frames in commit order. `position` counts every frame ever published."""

    def __init__(self, newest_seq: int) -> None:
        self._ring: deque[Item] = deque()
        self._bytes = 0
        self._changed = trio.Event()
        self.position = 0
        self.newest_seq = newest_seq
        self._forgotten_seq = newest_seq

    def publish(self, frame: Frame, *, stored: bool = True) -> None:
        """Make a frame visible to every reader; stored ones in the order of their seq."""
        item = Item(frame.seq, msgspec.json.encode(frame), stored)
        self._ring.append(item)
        self._bytes += len(item.data)
        self.position += 1
        if stored:
            self.newest_seq = frame.seq
        while len(self._ring) > KEPT or (self._bytes > KEPT_BYTES and len(self._ring) > 1):
            self._forget()
        self._changed.set()

    def publish_all(self, frames: Iterable[Frame]) -> None:
        """Make stored frames visible, in their order."""
        for frame in frames:
            self.publish(frame)

    def _forget(self) -> None:
        item = self._ring.popleft()
        self._bytes -= len(item.data)
        if item.stored:
            self._forgotten_seq = item.seq

    def place_after(self, seq: int) -> int | None:
        """The position from which on the ring has everything after `seq`; None: read the store."""
        if seq < self._forgotten_seq:
            return None
        missed = sum(1 for item in self._ring if item.seq > seq)
        return self.position - missed

    def since(
        self, position: int, *, count: int = KEPT, size: int = KEPT_BYTES
    ) -> list[Item] | None:
        """The next frames published after a position, until they are `count` or `size` bytes; None
        when some of them are already forgotten.
        """
        missed = self.position - position
        if missed > len(self._ring):
            return None
        start = len(self._ring) - missed
        places = range(start, min(start + count, len(self._ring)))
        items = (self._ring[place] for place in places)
        return list(up_to_bytes(items, lambda item: len(item.data), size))

    async def wait(self, position: int) -> None:
        """Until something is published after `position`."""
        while self.position == position:
            if self._changed.is_set():
                self._changed = trio.Event()
            await self._changed.wait()
