"""A sink's deliverer with an outbox in memory and real sockets."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from random import Random

import trio

from botkube.engine.events.deliver import Deliverer, Target
from botkube.engine.ports import Notifier
from botkube.model.delivery import Delivered, Rejected, Retry
from botkube.runtime.clock import wall
from botkube.runtime.doorbell import Doorbell
from botkube.runtime.metrics import Metrics
from tests.fakes.engine import MemoryOutbox


class SinkBench:
    """One target; `health` is what was said of it, with the state."""

    def __init__(
        self,
        notifier: Notifier,
        *,
        prepare: Callable[[], Awaitable[object]] = trio.lowlevel.checkpoint,
        window: int = 64,
    ) -> None:
        self.outbox = MemoryOutbox(wall)
        self.bell = Doorbell()
        self.health: list[tuple[str, str]] = []
        self._said = trio.Event()
        target = Target(
            name="t",
            notifier=notifier,
            bell=self.bell,
            health=self._say,
            window=window,
            prepare=prepare,
        )
        self.deliverer = Deliverer(target, self.outbox, Metrics(), wall, Random(1))

    def _say(self, trouble: str, state: str = "retrying", /) -> None:
        self.health.append((trouble, state) if trouble else ("", "ready"))
        self._said.set()
        self._said = trio.Event()

    def add(self, *names: str, received_at: float | None = None) -> None:
        """Events that arrive now."""
        self.outbox.add(*names, received_at=received_at)
        self.bell.ring()

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[None]:
        with trio.fail_after(100):
            async with trio.open_nursery() as nursery:
                await nursery.start(self.deliverer.run)
                yield
                nursery.cancel_scope.cancel()

    async def deliver(self, *names: str) -> None:
        """Deliver these to their ends."""
        self.add(*names)
        async with self.running():
            await self.deliverer.rested()

    async def says(self, state: str, text: str = "") -> str:
        """Until it is in a state with this in its reason; returns the reason."""
        while not self.health or self.health[-1][1] != state or text not in self.health[-1][0]:
            await self._said.wait()
        return self.health[-1][0]

    def named(self, kind: type[Delivered] | type[Retry] | type[Rejected]) -> list[str]:
        """The events with outcomes of a kind, in order."""
        return [name for name, outcome in self.outbox.outcomes if isinstance(outcome, kind)]
