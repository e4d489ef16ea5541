"""Texts that elements of messages stand for, by their keys: functions on a connection, composed into jobs by callers.

A text is kept as long as somebody may use its element: `retention` says how long.
"""

import sqlite3
from collections.abc import Iterable, Mapping

import msgspec


def keep(connection: sqlite3.Connection, texts: Mapping[str, str], now: float) -> None:
    """Keep texts, or those that are kept already for longer."""
    connection.executemany(
        "INSERT OR REPLACE INTO kept (key, text, at) VALUES (?, ?, ?)",
        [(key, text, now) for key, text in texts.items()],
    )


def find(connection: sqlite3.Connection, keys: Iterable[str]) -> dict[str, str]:
    """Those of the texts that are kept."""
    wanted = msgspec.json.encode(list(keys)).decode()
    rows = connection.execute(
        "SELECT key, text FROM kept WHERE key IN (SELECT value FROM json_each(?))", (wanted,)
    )
    return dict(rows.fetchall())
