"""What was announced, and is not announced again: functions on a connection, composed into jobs by callers.

A row for each kind of announcement and platform: there are never many.
"""

import sqlite3


def note(connection: sqlite3.Connection, name: str, what: str, now: float) -> bool:
    """Note that something is announced under a name; False if that was announced last."""
    row = connection.execute("SELECT what FROM announced WHERE name = ?", (name,)).fetchone()
    if row is not None and row[0] == what:
        return False
    connection.execute(
        "INSERT OR REPLACE INTO announced (name, what, at) VALUES (?, ?, ?)", (name, what, now)
    )
    return True


def forget(connection: sqlite3.Connection, name: str) -> bool:
    """It may be announced again; False if it was not."""
    return connection.execute("DELETE FROM announced WHERE name = ?", (name,)).rowcount == 1
