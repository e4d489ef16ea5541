"""Something that tests wait for a state of."""

from collections.abc import Callable

import trio


class Changing:
    """Says `tell` after each change."""

    def __init__(self) -> None:
        self._changed = trio.Event()

    def tell(self) -> None:
        """Something has changed."""
        self._changed.set()
        self._changed = trio.Event()

    async def until(self, condition: Callable[[], object]) -> None:
        """Until something is so that changes only where `tell` is said."""
        while not condition():
            await self._changed.wait()
