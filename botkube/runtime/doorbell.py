"""A doorbell: many may ring, one waits; rings while nobody waits count as one."""

import trio


class Doorbell:
    """Wakes one waiter without ever making the ringer wait."""

    def __init__(self) -> None:
        # One slot: a ring that is not yet answered covers all the later ones.
        self._send, self._receive = trio.open_memory_channel[None](1)

    def ring(self) -> None:
        """Wake the waiter now, or the next one at once."""
        try:
            self._send.send_nowait(None)
        except trio.WouldBlock:
            return

    async def wait(self) -> None:
        """Return when somebody has rung since the last return.

        Cancellation: a ring is never lost by it.
        """
        await self._receive.receive()
