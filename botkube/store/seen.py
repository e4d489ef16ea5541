"""What came in before, by its keys, and up to where each channel was heard: functions on a connection.

Callers compose them into one job with journalling a command, so that it is accepted once however often it comes.
"""

import sqlite3
from collections.abc import Sequence


def take(connection: sqlite3.Connection, platform: str, keys: Sequence[str], now: float) -> bool:
    """Remember something by all of its keys; False if it was seen before by any of them."""
    new = True
    for key in keys:
        cursor = connection.execute(
            "INSERT OR IGNORE INTO seen (platform, key, at) VALUES (?, ?, ?)", (platform, key, now)
        )
        new = new and cursor.rowcount == 1
    return new


def mark(connection: sqlite3.Connection, platform: str, channel: str, heard: str) -> None:
    """Note that a channel was heard up to a mark; marks are compared as texts, and none goes back."""
    connection.execute(
        "INSERT INTO heard (platform, channel, mark) VALUES (?, ?, ?)"
        " ON CONFLICT (platform, channel) DO UPDATE SET mark = max(mark, excluded.mark)",
        (platform, channel, heard),
    )


def marks(connection: sqlite3.Connection, platform: str) -> dict[str, str]:
    """The marks of a platform's channels."""
    rows = connection.execute("SELECT channel, mark FROM heard WHERE platform = ?", (platform,))
    return dict(rows.fetchall())
