"""Events of one source, from a plugin's stream to the outbox, in groups that form by themselves."""

import logging
from collections.abc import Callable, Sequence
from typing import Final, Protocol

import trio

from botkube.engine.events.route import route_event
from botkube.engine.ports import Outbox
from botkube.model.errors import StorageError
from botkube.model.event import Event, Routed
from botkube.model.routes import Routes
from botkube.runtime.metrics import Metrics

log = logging.getLogger(__name__)

LONGEST_PAUSE: Final = 4.0  # seconds between attempts while the disk takes nothing


class Health(Protocol):
    """Where a source says that it cannot store what it reads."""

    def __call__(self, trouble: str) -> None: ...


class Intake:
    """Routes events and stores them. One for all sources; it keeps no state."""

    def __init__(
        self,
        outbox: Outbox,
        routes: Callable[[], Routes],
        muted: Callable[[str], bool],
        metrics: Metrics,
    ) -> None:
        self._outbox = outbox
        self._routes = routes
        self._muted = muted
        self._metrics = metrics

    async def store(self, source: str, events: Sequence[Event], health: Health) -> None:
        """Put events on disk with their deliveries. They count as received when this returns.

        While the disk takes nothing it waits and tries again, and says so through `health`: the
        stream is not read meanwhile, which holds the plugin back.
        Cancellation: events not stored are given up; they were never counted as received.
        """
        pause = 0.25
        while True:
            try:
                await self.put(source, events)
            except StorageError as error:
                health(str(error))
                await trio.sleep(pause)
                pause = min(pause * 2, LONGEST_PAUSE)
            else:
                health("")
                break

    async def put(self, source: str, events: Sequence[Event]) -> None:
        """Put events on disk with their deliveries, now or not at all.

        Raises:
            StorageError: nothing was stored.
        Cancellation: stored as a whole or not at all.
        """
        routed = [self._route(event) for event in events]
        await self._outbox.put([item for item, _ in routed])
        self._metrics.events_received.labels(source).inc(len(routed))
        if muted := sum(muted for _, muted in routed):
            self._metrics.events_filtered.labels(source, "muted").inc(muted)

    def _route(self, event: Event) -> tuple[Routed, int]:
        return route_event(event, self._routes(), self._muted)
