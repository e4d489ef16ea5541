"""Commands on disk: accepted once, finished once. A command runs at most once because it is
journalled before it runs, and nothing that was open at a crash is run again by itself.
"""

import sqlite3

import msgspec

from botkube.model.command import Incoming, Outcome


class OpenCommand(msgspec.Struct, frozen=True, kw_only=True):
    """A command that has been accepted and not answered."""

    id: str
    platform: str
    channel: str
    thread: str
    user: str
    text: str


def accept(connection: sqlite3.Connection, incoming: Incoming, now: float) -> None:
    """Journal a command before it runs.

    Raises:
        sqlite3.IntegrityError: its id is journalled already.
    """
    connection.execute(
        "INSERT INTO command (id, platform, channel, thread, user, text, accepted_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            incoming.id,
            incoming.address.platform,
            incoming.address.channel,
            incoming.address.thread,
            incoming.user.name,
            incoming.text,
            now,
        ),
    )


def finish(connection: sqlite3.Connection, command: str, outcome: Outcome, now: float) -> bool:
    """Close an open command; False when it was closed already, and then nobody must answer it."""
    cursor = connection.execute(
        "UPDATE command SET open = 0, outcome = ?, finished_at = ? WHERE id = ? AND open = 1",
        (outcome.value, now, command),
    )
    return cursor.rowcount == 1


def is_open(connection: sqlite3.Connection, command: str) -> bool:
    """Whether a command is still without its final answer."""
    row = connection.execute("SELECT open FROM command WHERE id = ?", (command,)).fetchone()
    return row is not None and row[0] == 1


def open_commands(connection: sqlite3.Connection, limit: int) -> list[OpenCommand]:
    """Commands without an answer, oldest first: at a start, those a crash or a stop cut off."""
    rows = connection.execute(
        "SELECT id, platform, channel, thread, user, text FROM command"
        " WHERE open = 1 ORDER BY accepted_at LIMIT ?",
        (limit,),
    )
    return [
        OpenCommand(id=i, platform=p, channel=c, thread=t, user=u, text=x)
        for i, p, c, t, u, x in rows
    ]
