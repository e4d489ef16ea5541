"""What SIGHUP is good for: everything that was given up is tried again at once."""

import logging
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager

import trio

from botkube.runtime.doorbell import Doorbell
from botkube.runtime.supervisor import Supervisor

log = logging.getLogger(__name__)


@asynccontextmanager
async def retrying(hangup: Doorbell, supervisors: Sequence[Supervisor]) -> AsyncGenerator[None]:
    """While the block runs, each ring retries what is parked, with all its restarts, and says so in one line."""
    async with trio.open_nursery() as nursery:
        nursery.start_soon(_retry, hangup, supervisors)
        yield
        nursery.cancel_scope.cancel(reason="the program stops")


async def _retry(hangup: Doorbell, supervisors: Sequence[Supervisor]) -> None:
    while True:
        await hangup.wait()
        names = [name for supervisor in supervisors for name in supervisor.retry_parked()]
        text = (
            f"trying again what was given up: {', '.join(names)}"
            if names
            else "nothing was given up"
        )
        log.info("SIGHUP: %s", text)
