"""Virtual time for what has real sockets and a real store: it passes only while nothing else can happen.

Trio's autojump does not know that a byte is on its way through the kernel, or that a thread commits, and a clock that is
only fast makes each deadline a race against the machine. Here time stands still as long as any task can run, any socket
has something to read, or any job of the store is under way; then it jumps to the next deadline. So a day takes as long as
its work does, and a slow machine makes it longer, not wrong.
"""

import math
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from typing import Final, TypeVar

import trio
from trio.testing import MockClock, wait_all_tasks_blocked

from botkube.store.database import Database, Job

T = TypeVar("T")

CUSHION: Final = 0.0005  # real seconds: what was sent over loopback is there at once


class Disk:
    """The jobs of a store that are under way, those too whose caller was cancelled."""

    def __init__(self) -> None:
        self.busy = 0
        self._idle = trio.Event()

    async def idle(self) -> None:
        """Until no job is under way; returns at once if there is none."""
        while self.busy:
            await self._idle.wait()
        await trio.lowlevel.checkpoint()

    def watch(self, database: Database) -> None:
        """Count what the database is given from now on."""
        do, read = database.do, database.read

        async def counted_do(
            job: Job[T],
            then: Callable[[T], None] = lambda _result: None,
            otherwise: Callable[[], None] = lambda: None,
        ) -> T:
            self._begin()

            def done(result: T) -> None:
                self._end()
                then(result)

            def undone() -> None:
                self._end()
                otherwise()

            return await do(job, done, undone)  # exactly one of the two is called

        async def counted_read(query: Job[T], *, people: bool = False) -> T:
            self._begin()
            try:
                return await read(query, people=people)
            finally:
                self._end()

        database.do = counted_do  # type: ignore[method-assign]  # a gauge around the real one
        database.read = counted_read  # type: ignore[method-assign]

    def _begin(self) -> None:
        self.busy += 1

    def _end(self) -> None:
        self.busy -= 1
        if not self.busy:
            self._idle.set()
            self._idle = trio.Event()


@asynccontextmanager
async def passing(clock: MockClock, database: Database) -> AsyncGenerator[None]:
    """Let time pass while the block runs; outside of it the clock stands still."""
    disk = Disk()
    disk.watch(database)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(_pass, clock, disk)
        yield
        nursery.cancel_scope.cancel()


async def _pass(clock: MockClock, disk: Disk) -> None:
    while True:
        await wait_all_tasks_blocked(CUSHION)
        if disk.busy:
            await disk.idle()
            continue
        wait = trio.lowlevel.current_statistics().seconds_to_next_deadline
        assert wait < math.inf, "every task waits for something that has no deadline"
        if wait > 0:
            clock.jump(wait)
