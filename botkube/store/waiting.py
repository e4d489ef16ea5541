"""The outbox as the engine sees it: async, with a doorbell for each target."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial

from botkube.model.delivery import Delivery, Outcome
from botkube.model.event import Routed
from botkube.runtime.doorbell import Doorbell
from botkube.store import outbox
from botkube.store.database import Database


class StoredOutbox:
    """Notifications on disk; a commit rings the bells of the targets it has something for."""

    def __init__(
        self, database: Database, bells: Mapping[str, Doorbell], wall: Callable[[], float]
    ) -> None:
        self._database = database
        self._bells = bells
        self._wall = wall

    async def put(self, routed: Sequence[Routed]) -> None:
        """Store events with their deliveries; they count as received when this returns.

        Raises:
            StorageError: nothing was stored.
        Cancellation: stored as a whole or not at all.
        """
        targets = {target for item in routed for target in item.targets}

        def ring(_result: None) -> None:
            for target in targets & self._bells.keys():
                self._bells[target].ring()

        await self._database.do(partial(outbox.put, routed=routed), ring)

    async def window(self, target: str, limit: int) -> Sequence[Delivery]:
        """The next pending deliveries of a target, oldest first.

        Raises:
            StorageError: the store cannot be read.
        """
        return await self._database.read(partial(outbox.window, target=target, limit=limit))

    async def settle(self, results: Sequence[tuple[Delivery, Outcome]]) -> None:
        """Record what became of each delivery.

        Raises:
            StorageError: nothing was recorded.
        """
        await self._database.do(partial(outbox.settle, results=results, now=self._wall()))
