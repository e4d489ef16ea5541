"""Runs what a command does until it is done or somebody asks it to stop."""

import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Final

import trio

from botkube.app.signals import SAME_REQUEST
from botkube.cli import exits
from botkube.model.errors import BotkubeError

BY_SIGNAL: Final = 128


def run_until_signalled(body: Callable[[], Awaitable[int]], *, insisting: bool = False) -> int:
    """Run it and return its exit code; SIGINT and SIGTERM cancel it, and the code is 128 and their number.

    `insisting`: a second signal, a second later, ends the process at once.

    Raises: what the body raises; of several known errors that its tasks raise, the first.
    """
    try:
        return trio.run(_until_signalled, body, insisting)
    except* BotkubeError as group:
        known = group
    raise _first(known)


def _first(group: BaseExceptionGroup[BotkubeError]) -> BotkubeError:
    while isinstance(group.exceptions[0], BaseExceptionGroup):
        group = group.exceptions[0]
    return group.exceptions[0]


async def _until_signalled(body: Callable[[], Awaitable[int]], insisting: bool) -> int:
    code = exits.OK
    scope = trio.CancelScope()

    async def stop(received: AsyncIterator[int]) -> None:
        nonlocal code
        first = None
        async for number in received:
            now = trio.current_time()
            code = BY_SIGNAL + number
            scope.cancel(reason="asked to stop")
            if first is None:
                first = now
            elif insisting and now - first >= SAME_REQUEST:
                os._exit(code)

    with trio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as signals:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(stop, signals)
            with scope:
                code = await body()
            nursery.cancel_scope.cancel(reason="done")
    return code
