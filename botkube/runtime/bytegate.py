"""Bounds how many bytes are under way between two tasks, beside a bound on their number."""

import trio


class ByteGate:
    """Take before handing something over, give back when it is dealt with."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._held = 0
        self._waiting = trio.lowlevel.ParkingLot()

    async def take(self, size: int) -> None:
        """Wait until `size` more bytes fit; something larger than the limit passes alone.

        Cancellation: nothing is taken.
        """
        await trio.lowlevel.checkpoint()
        while self._held and self._held + size > self._limit:
            await self._waiting.park()
        self._held += size

    def give(self, size: int) -> None:
        """Give bytes back."""
        self._held -= size
        self._waiting.unpark_all()
