"""A read-only connection that one thread at a time uses, and that is never closed under one."""

import sqlite3
from collections.abc import Callable
from typing import Final, TypeVar

import trio

from botkube.model.errors import StorageError

T = TypeVar("T")

CLOSED: Final = "the state database is closed"
FAREWELL: Final = 5.0  # seconds for an interrupted read to end
AGAIN: Final = 0.05  # seconds between interruptions


class Reader:
    """Runs queries in a thread, in turn."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._turn = trio.Lock()
        self._closed = False

    async def run(self, query: Callable[[sqlite3.Connection], T]) -> T:
        """The result of `query`.

        Raises:
            StorageError: closed.
            sqlite3.Error: the file cannot be read, or the query was ended.
        Cancellation: waits for the query to end.
        """
        async with self._turn:
            if self._closed:
                raise StorageError(CLOSED)
            try:
                return await trio.to_thread.run_sync(query, self._connection)
            except sqlite3.OperationalError as error:
                if self._closed:
                    raise StorageError(CLOSED) from error
                raise

    async def close(self) -> None:
        """End the query that runs and refuse those that wait; then close the connection.

        Closing it under a thread would take the whole program down, so one that does not end in
        time keeps its connection.
        """
        self._closed = True
        with trio.move_on_after(FAREWELL, shield=True):
            while not await self._ended():
                self._connection.interrupt()  # reaches only a statement that runs already
            self._connection.close()

    async def _ended(self) -> bool:
        with trio.move_on_after(AGAIN):
            async with self._turn:
                return True
        return False
