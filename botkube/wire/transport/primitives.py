"""What grpclib takes from asyncio, for Trio: an event, the gate of a connection, and the scope that a failure wakes."""

import asyncio
import math
from types import TracebackType
from typing import Literal

import trio
from grpclib.utils import Wrapper

from botkube.runtime.override import override


class Event(asyncio.Event):
    """An asyncio.Event without a loop. Unlike Trio's it can be cleared; `wait` does not yield once it is set."""

    def __init__(self) -> None:
        self._flag = False
        self._lot = trio.lowlevel.ParkingLot()

    @override
    def is_set(self) -> bool:
        return self._flag

    @override
    def set(self) -> None:
        self._flag = True
        self._lot.unpark_all()

    @override
    def clear(self) -> None:
        self._flag = False

    @override
    async def wait(self) -> Literal[True]:
        while not self._flag:  # another one woken may have cleared it
            await self._lot.park()
        return True


class Gate(Event):
    """The event for which every sender of a connection waits: shut for good, it raises."""

    def __init__(self) -> None:
        super().__init__()
        self._error: Exception | None = None
        self.set()

    def shut(self, error: Exception) -> None:
        """Let nobody through any more; the first reason counts."""
        self._error = self._error or error
        self.set()

    @override
    async def wait(self) -> Literal[True]:
        await super().wait()
        if self._error is not None:
            raise self._error.with_traceback(None)
        return True


class CallScope(Wrapper):
    """grpclib's Wrapper as a cancel scope: wakes the task inside `with scope:` when the call fails, and raises why.

    One task at a time; entering it after the failure raises at once.
    """

    def __init__(self, deadline: float = math.inf) -> None:
        self.deadline = deadline
        self._scope: trio.CancelScope | None = None

    @override
    def cancel(self, error: Exception) -> None:
        """End the call; the first reason counts."""
        if self._error is None:
            self._error = error
        self.cancelled = True
        if self._scope is not None:
            self._scope.cancel(reason=str(error))

    @override
    def __enter__(self) -> None:
        self._raise_error()
        self._scope = trio.CancelScope(deadline=self.deadline)
        self._scope.__enter__()

    @override
    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        scope, self._scope = self._scope, None
        assert scope is not None  # noqa: S101 - __enter__ came first
        scope.__exit__(kind, error, traceback)
        if scope.cancelled_caught and self._error is None:
            self.cancel(TimeoutError("deadline exceeded"))
        # a result in hand is kept, the next step will raise; being cancelled from outside wins
        if scope.cancelled_caught or isinstance(error, Exception):
            self._raise_error()

    def _raise_error(self) -> None:
        if self._error is not None:
            raise self._error.with_traceback(None) from None
