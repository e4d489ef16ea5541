"""Cancels a call at its n-th checkpoint: the tool for cancel-everywhere tests."""

from collections.abc import Awaitable, Callable

import trio
from trio.abc import Instrument
from trio.lowlevel import Task

from botkube.runtime.override import override


class _CancelAt(Instrument):
    """Cancels the scope when the current task has given way for the n-th time."""

    def __init__(self, steps: int, scope: trio.CancelScope) -> None:
        self._task = trio.lowlevel.current_task()
        self._left = steps
        self._scope = scope

    @override
    def after_task_step(self, task: Task) -> None:
        if task is not self._task:
            return
        self._left -= 1
        if self._left == 0:
            self._scope.cancel()


async def cancelled_at(checkpoint: int, call: Callable[[], Awaitable[object]]) -> bool:
    """Run the call; cancel it while it is suspended at its n-th checkpoint (from 1).

    Tells whether that cut it off; False means it had ended before or took no notice.
    """
    with trio.CancelScope() as scope:
        instrument = _CancelAt(checkpoint, scope)
        trio.lowlevel.add_instrument(instrument)
        try:
            await call()
        finally:
            trio.lowlevel.remove_instrument(instrument)
    return scope.cancelled_caught
