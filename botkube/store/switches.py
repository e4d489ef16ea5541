"""Which channels have their notifications muted: what a user switched, else what is configured."""

import sqlite3
from functools import partial

from botkube.model.routes import Channel
from botkube.store.database import Database


class Switches:
    """The switches in memory, every change on disk first."""

    def __init__(self, database: Database, switched: dict[str, bool]) -> None:
        self._database = database
        self._switched = switched

    def muted(self, channel: Channel) -> bool:
        """Whether notifications are off there now."""
        return self._switched.get(channel.target, channel.muted)

    async def switch(self, channel: Channel, *, muted: bool) -> None:
        """Turn them off or on; on disk before it returns.

        Raises:
            StorageError: nothing was changed.
        """

        def then(_result: None) -> None:
            self._switched[channel.target] = muted

        await self._database.do(partial(_save, target=channel.target, muted=muted), then)


async def load_switches(database: Database) -> Switches:
    """The switches as they were left.

    Raises:
        StorageError: the store cannot be read.
    """
    return Switches(database, await database.read(_load))


def _load(connection: sqlite3.Connection) -> dict[str, bool]:
    return {target: bool(muted) for target, muted in connection.execute("SELECT * FROM switch")}


def _save(connection: sqlite3.Connection, target: str, *, muted: bool) -> None:
    connection.execute(
        "INSERT OR REPLACE INTO switch (target, muted) VALUES (?, ?)", (target, int(muted))
    )
