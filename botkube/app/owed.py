"""What users are owed from before this start: answers to commands that were cut off, and notices.

Each is said once. While the disk takes nothing it waits; the program starts all the same, or nothing
would ever make room. Ends when all is said.
"""

from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from typing import Final

import trio

from botkube.model.errors import StorageError

LONGEST_PAUSE: Final = 4.0  # seconds between attempts while nothing can be stored


class Owed:
    """A queue of things to say; each stays in it until it was said."""

    def __init__(self, things: Iterable[Callable[[], Awaitable[object]]]) -> None:
        self._things = deque(things)

    async def say(self) -> bool:
        """Say what can be said now; False when something is left."""
        while self._things:
            try:
                await self._things[0]()
            except StorageError:
                return False
            self._things.popleft()
        return True

    async def say_all(self) -> None:
        """Try until everything is said."""
        pause = 0.25
        while not await self.say():
            pause = min(pause * 2, LONGEST_PAUSE)
            await trio.sleep(pause)
