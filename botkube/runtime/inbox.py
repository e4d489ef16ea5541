"""A bounded hand-over in two steps: reserve a place, then put. What needed the place for being
accepted (a journal row, say) can thus always be handed over at once.
"""

from typing import Generic, TypeVar

import trio

T = TypeVar("T")


class Inbox(Generic[T]):
    """Reserve, then put. `receive` is the workers' end."""

    def __init__(self, capacity: int) -> None:
        self._free = capacity
        self._closed = False
        self._send, self.receive = trio.open_memory_channel[T](capacity)

    def reserve(self) -> bool:
        """Take a place; False when all are taken or the inbox is closed."""
        if self._free == 0 or self._closed:
            return False
        self._free -= 1
        return True

    def put(self, item: T) -> None:
        """Hand over an item for which a place was reserved; lost if the inbox was closed since."""
        if not self._closed:
            self._send.send_nowait(item)

    def release(self) -> None:
        """Give a place back: its item was taken by a worker, or never came."""
        self._free += 1

    def close(self) -> None:
        """Nothing more comes in; workers end after what is waiting."""
        self._closed = True
        self._send.close()
