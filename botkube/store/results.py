"""The last results of commands, per channel, so that a filter works on what the user saw."""

import sqlite3
from functools import partial
from typing import Final

from botkube.model.command import Kept
from botkube.model.message import Message, decode_message
from botkube.model.routes import Channel
from botkube.store.database import Database

KEPT: Final = 50  # results kept for each channel
LONGEST: Final = 4 * 2**20  # a larger result is not kept; a filter on it runs the command again


def keep(connection: sqlite3.Connection, channel: str, kept: Kept, now: float) -> None:
    """Remember a result and forget the channel's oldest beyond the bound."""
    if len(kept.message) > LONGEST:
        return
    connection.execute(
        "INSERT INTO result (channel, command, message, at) VALUES (?, ?, ?, ?)",
        (channel, kept.command, kept.message, now),
    )
    connection.execute(
        "DELETE FROM result WHERE channel = ?1 AND id <= coalesce("
        "(SELECT id FROM result WHERE channel = ?1 ORDER BY id DESC LIMIT 1 OFFSET ?2), 0)",
        (channel, KEPT),
    )


class KeptResults:
    """The kept results, for reading."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def newest(self, channel: Channel, command: str) -> Message | None:
        """The newest kept result of this very command in this channel.

        Raises:
            StorageError: the store cannot be read.
        """
        found = await self._database.read(
            partial(_newest, channel=channel.address.key, command=command)
        )
        return None if found is None else decode_message(found)


def _newest(connection: sqlite3.Connection, channel: str, command: str) -> bytes | None:
    row = connection.execute(
        "SELECT message FROM result WHERE channel = ? AND command = ? ORDER BY id DESC LIMIT 1",
        (channel, command),
    ).fetchone()
    return bytes(row[0]) if row else None
