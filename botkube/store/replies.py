"""Replies on disk until their platform has them: functions on a connection, composed into jobs by callers.

A row is made when something of a running command is shown, or when it ends, in one transaction with closing the
command; it goes when all of it was sent. One with a reason is a dead letter.
"""

import sqlite3
from typing import Final

import msgspec

MOST: Final = (
    10_000  # replies that are read at a start: far more than commands are accepted at once
)


class OwedReply(msgspec.Struct, frozen=True, kw_only=True):
    """A reply that is still to be sent, or the rest of it: after `done` steps, in `thread`."""

    command: str
    platform: str
    trail: bytes
    body: bytes
    shown: str = ""  # the message that shows the command while it runs, as its platform names it
    done: int = 0
    thread: str = ""
    at: float = 0.0


def show(connection: sqlite3.Connection, reply: OwedReply) -> None:
    """Remember where a running command is shown; nothing if its reply is stored already."""
    connection.execute(
        "INSERT OR IGNORE INTO reply (command, platform, trail, shown, at) VALUES (?, ?, ?, ?, ?)",
        (reply.command, reply.platform, reply.trail, reply.shown, reply.at),
    )


def owe(connection: sqlite3.Connection, reply: OwedReply) -> OwedReply:
    """Store a reply; returns it with what was shown of its command before."""
    row = connection.execute(
        "INSERT INTO reply (command, platform, trail, body, at) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT (command) DO UPDATE SET body = excluded.body, at = excluded.at"
        " RETURNING trail, shown",
        (reply.command, reply.platform, reply.trail, reply.body, reply.at),
    ).fetchone()
    return msgspec.structs.replace(reply, trail=bytes(row[0]), shown=row[1])


def step(connection: sqlite3.Connection, command: str, done: int, thread: str) -> None:
    """Note how far a reply was sent."""
    connection.execute(
        "UPDATE reply SET done = ?, thread = ? WHERE command = ?", (done, thread, command)
    )


def sent(connection: sqlite3.Connection, command: str) -> None:
    """Forget a reply: all of it was sent."""
    connection.execute("DELETE FROM reply WHERE command = ?", (command,))


def bury(connection: sqlite3.Connection, command: str, reason: str) -> None:
    """Make a dead letter of a reply that cannot be sent."""
    connection.execute("UPDATE reply SET reason = ? WHERE command = ?", (reason, command))


def owed(connection: sqlite3.Connection, platform: str, limit: int = MOST) -> list[OwedReply]:
    """The replies that a platform is still to get, oldest first."""
    rows = connection.execute(
        "SELECT command, platform, trail, body, shown, done, thread, at FROM reply"
        " WHERE platform = ? AND body IS NOT NULL AND reason = '' ORDER BY at LIMIT ?",
        (platform, limit),
    )
    return [
        OwedReply(command=c, platform=p, trail=t, body=b, shown=s, done=d, thread=h, at=a)
        for c, p, t, b, s, d, h, a in rows
    ]
