"""Says that something takes long, while it does. Knows nothing of what it is."""

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager

import trio


@asynccontextmanager
async def noting(after: float, note: Callable[[], None]) -> AsyncGenerator[None]:
    """Call `note` once if the block takes longer than `after` seconds.

    Raises: what the block raises, as it is.
    Cancellation: reaches the block; `note` is not called any more.
    """
    failure: Exception | None = None
    async with trio.open_nursery() as nursery:
        nursery.start_soon(_note, after, note)
        try:
            yield
        except Exception as error:  # noqa: BLE001 - out of the nursery's group again
            failure = error
        nursery.cancel_scope.cancel(reason="it is over")
    if failure is not None:
        raise failure


async def _note(after: float, note: Callable[[], None]) -> None:
    await trio.sleep(after)
    note()
