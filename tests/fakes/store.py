"""Open stores for tests: a bare connection with the tables, and a real database under a deadline."""

import sqlite3
import threading
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from pathlib import Path

import trio

from botkube.model.frame import NewFrame
from botkube.store import frames
from botkube.store.database import Database, open_database
from botkube.store.schema import migrate


def tables() -> sqlite3.Connection:
    """A connection to an empty database in memory."""
    connection = sqlite3.connect(":memory:", isolation_level=None)
    migrate(connection)
    return connection


def frame(text: str = "hello", *, channel: str = "general", size: int = 0) -> NewFrame:
    """A frame to be stored, `size` bytes long at least."""
    body = b'{"text":"%b%b"}' % (text.encode(), b"x" * size)
    return NewFrame(type="message", channel=channel, id=text, at=1000.0, body=body)


def inserting(text: str, *, size: int = 0) -> Callable[[sqlite3.Connection], int]:
    """A job that stores a frame and returns its seq."""
    new = frame(text, size=size)
    return lambda connection: frames.insert(connection, new).seq


def texts(connection: sqlite3.Connection) -> list[str]:
    """The ids of all frames, in order."""
    return [row[0] for row in connection.execute("SELECT id FROM frame ORDER BY seq")]


@asynccontextmanager
async def opened(folder: Path, *, max_bytes: int = 2**26) -> AsyncGenerator[Database]:
    """The database of this folder, under a deadline."""
    with trio.fail_after(100):
        async with open_database(folder / "state.db", max_bytes=max_bytes) as database:
            yield database


class Gate:
    """A job that holds the writer until the test opens it, so that others gather behind."""

    def __init__(self) -> None:
        self._held = threading.Event()
        self._open = threading.Event()

    def job(self, _connection: sqlite3.Connection) -> None:
        self._held.set()
        assert self._open.wait(60), "the test never opened the gate"

    async def close(self, database: Database, nursery: trio.Nursery) -> None:
        """Hold the writer from now on; returns once it is held."""
        nursery.start_soon(database.do, self.job)
        while not self._held.is_set():  # noqa: ASYNC110 - another thread sets it
            await trio.sleep(0.001)

    async def gather(
        self,
        database: Database,
        nursery: trio.Nursery,
        calls: Iterable[Callable[[], Awaitable[object]]],
    ) -> None:
        """Hold the writer, make these calls, and return when all of them wait."""
        await self.close(database, nursery)
        for call in calls:
            nursery.start_soon(call)
        await trio.testing.wait_all_tasks_blocked()

    def open(self) -> None:
        self._open.set()
