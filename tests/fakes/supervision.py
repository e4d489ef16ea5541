"""A supervisor on the virtual clock, wall time included, and a record of what it told."""

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from random import Random

import trio
import trio.testing

from botkube.runtime.policy import Backoff, Policy
from botkube.runtime.supervisor import Supervisor, SupervisorEvent, open_supervisor

NO_JITTER = Backoff(1.0, 8.0, jitter=0.0)
QUICK = Policy(
    max_restarts=3, period=100.0, backoff=NO_JITTER, start_timeout=5.0, parked_retry=None
)


class Recorder:
    """An observer that keeps every event, and when it came."""

    def __init__(self) -> None:
        self.events: list[SupervisorEvent] = []
        self.times: list[float] = []

    def __call__(self, event: SupervisorEvent) -> None:
        self.events.append(event)
        self.times.append(trio.current_time())

    def kinds(self) -> list[str]:
        return [type(event).__name__ for event in self.events]


@asynccontextmanager
async def supervision(
    observe: Callable[[SupervisorEvent], None] = lambda _: None,
) -> AsyncGenerator[Supervisor]:
    async with open_supervisor(
        "test", observe=observe, random=Random(1), wall=trio.current_time
    ) as supervisor:
        yield supervisor


async def settle() -> None:
    """Let every task run until it waits for something."""
    await trio.testing.wait_all_tasks_blocked()


def live_tasks() -> int:
    """Count the tasks of the whole run."""
    return trio.lowlevel.current_statistics().tasks_living
