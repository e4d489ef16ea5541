"""Hands out the client of one plugin to whoever wants to call it.

The slot outlives the plugin's processes: callers wait in it while the process starts or restarts and are
refused at once while the plugin is parked. It decides nothing; the supervised body opens and closes it.
"""

import trio

from botkube.model.plugin import PluginKey
from botkube.plugins.end import End
from botkube.plugins.errors import PluginDown
from botkube.wire.client import PluginClient


class PluginSlot:
    """Where the client of one plugin is found."""

    def __init__(self, key: PluginKey) -> None:
        self.key = key
        self._client: PluginClient | None = None
        self._parked: str | None = None
        self._served: PluginClient | None = None  # the last client that was lent
        self._ended: tuple[PluginClient, End] | None = None
        self.last_end: End | None = None  # of the run that is over; none while one goes on
        self._changed = trio.Event()

    async def lease(self) -> PluginClient:
        """Wait for the plugin to be up and give its client; a client serves for one life of the process.

        Raises: PluginDown at once while the plugin is parked.
        Cancellation: waits as long as the plugin takes; the caller brings the deadline.
        """
        await trio.lowlevel.checkpoint()
        while self._client is None:
            if self._parked is not None:
                raise PluginDown(f"plugin {self.key} is not running: {self._parked}")
            await self._changed.wait()
        return self._client

    async def wait_changed(self) -> None:
        """Wait until the plugin comes, goes, is parked or is tried again."""
        await self._changed.wait()

    async def wait_lost(self, client: PluginClient) -> None:
        """Wait until this client is no longer the one that is lent."""
        await trio.lowlevel.checkpoint()
        while self._client is client:
            await self._changed.wait()

    async def wait_end(self, client: PluginClient) -> End:
        """Wait until it is known how the process behind a client ended; it may have been restarted since.

        Cancellation: waits for ever if the process lives, or was stopped: the caller brings the deadline.
        """
        await trio.lowlevel.checkpoint()
        while self._ended is None or self._ended[0] is not client:
            await self._changed.wait()
        return self._ended[1]

    def open(self, client: PluginClient) -> None:
        """Let callers have this client."""
        self._served = client
        self._set(client, None)

    def close(self) -> None:
        """Let callers wait: the plugin starts or restarts."""
        self.last_end = None
        self._set(None, None)

    def end(self, end: End) -> None:
        """Let callers wait, and those of the process that is over know how it ended."""
        self.last_end = end
        if self._served is not None:
            self._ended = (self._served, end)
        self._set(None, None)

    def park(self, reason: str) -> None:
        """Refuse callers, waiting ones too, until the plugin is tried again."""
        self._set(None, reason)

    def _set(self, client: PluginClient | None, parked: str | None) -> None:
        self._client, self._parked = client, parked
        self._changed.set()
        self._changed = trio.Event()
