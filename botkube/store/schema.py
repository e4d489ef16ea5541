"""The tables of `state.db` and how an older file becomes the present one.

Every table has a retention (see `botkube.store.retention`); `user_version` is the schema version.
"""

import sqlite3
from collections.abc import Callable
from typing import Final

from botkube.model.errors import FatalError
from botkube.runtime import clock

VERSION: Final = 3

# Deliveries wait in event order for each target. The index covers only what is pending, so taking
# the next window costs the same with ten rows waiting as with a million.
_VERSION_1: Final = """
CREATE TABLE event (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  event_id TEXT NOT NULL,
  source TEXT NOT NULL,
  message BLOB NOT NULL,
  raw BLOB NOT NULL,
  received_at REAL NOT NULL
);
CREATE INDEX event_age ON event (received_at);
CREATE TABLE delivery (
  event INTEGER NOT NULL REFERENCES event (id),
  target TEXT NOT NULL,
  state INTEGER NOT NULL DEFAULT 0,
  due REAL NOT NULL DEFAULT 0,
  attempts INTEGER NOT NULL DEFAULT 0,
  reason TEXT NOT NULL DEFAULT '',
  PRIMARY KEY (event, target)
) WITHOUT ROWID;
CREATE INDEX delivery_pending ON delivery (target, event) WHERE state = 0;
CREATE TABLE ref (
  target TEXT NOT NULL,
  event_id TEXT NOT NULL,
  ref TEXT NOT NULL,
  at REAL NOT NULL,
  PRIMARY KEY (target, event_id)
) WITHOUT ROWID;
CREATE TABLE command (
  id TEXT PRIMARY KEY,
  platform TEXT NOT NULL,
  channel TEXT NOT NULL,
  thread TEXT NOT NULL DEFAULT '',
  user TEXT NOT NULL,
  text TEXT NOT NULL,
  open INTEGER NOT NULL DEFAULT 1,
  outcome TEXT NOT NULL DEFAULT '',
  accepted_at REAL NOT NULL,
  finished_at REAL NOT NULL DEFAULT 0
) WITHOUT ROWID;
CREATE INDEX command_open ON command (accepted_at) WHERE open = 1;
CREATE INDEX command_age ON command (finished_at) WHERE open = 0;
CREATE TABLE result (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  channel TEXT NOT NULL,
  command TEXT NOT NULL,
  message BLOB NOT NULL,
  at REAL NOT NULL
);
CREATE INDEX result_channel ON result (channel, command, id);
CREATE TABLE switch (
  target TEXT PRIMARY KEY,
  muted INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE frame (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  type TEXT NOT NULL,
  channel TEXT NOT NULL,
  thread TEXT NOT NULL DEFAULT '',
  id TEXT NOT NULL,
  author TEXT NOT NULL,
  at REAL NOT NULL,
  recipient TEXT NOT NULL DEFAULT '',
  body BLOB NOT NULL,
  client_id TEXT
);
CREATE INDEX frame_channel ON frame (channel, seq);
CREATE INDEX frame_id ON frame (id);
CREATE INDEX frame_thread ON frame (channel, thread, seq) WHERE thread != '';
CREATE UNIQUE INDEX frame_client ON frame (author, client_id) WHERE client_id IS NOT NULL;
"""

# A reply is on disk until the platform has it. `body` is NULL while its command runs and something is shown of it.
# What stands for a text that an element's id cannot hold is found by its key.
_OWED: Final = """
CREATE TABLE reply (
  command TEXT PRIMARY KEY,
  platform TEXT NOT NULL,
  trail BLOB NOT NULL,
  body BLOB,
  shown TEXT NOT NULL DEFAULT '',
  done INTEGER NOT NULL DEFAULT 0,
  thread TEXT NOT NULL DEFAULT '',
  at REAL NOT NULL,
  reason TEXT NOT NULL DEFAULT ''
) WITHOUT ROWID;
CREATE INDEX reply_age ON reply (at);
CREATE TABLE kept (
  key TEXT PRIMARY KEY,
  text TEXT NOT NULL,
  at REAL NOT NULL
) WITHOUT ROWID;
CREATE INDEX kept_age ON kept (at);
CREATE TABLE announced (
  name TEXT PRIMARY KEY,
  what TEXT NOT NULL,
  at REAL NOT NULL
) WITHOUT ROWID;
"""

# What came in is known again however often it comes, and up to where a channel was heard.
_HEARD: Final = """
CREATE TABLE seen (
  platform TEXT NOT NULL,
  key TEXT NOT NULL,
  at REAL NOT NULL,
  PRIMARY KEY (platform, key)
) WITHOUT ROWID;
CREATE INDEX seen_age ON seen (at);
CREATE TABLE heard (
  platform TEXT NOT NULL,
  channel TEXT NOT NULL,
  mark TEXT NOT NULL,
  PRIMARY KEY (platform, channel)
) WITHOUT ROWID;
"""


def _run(connection: sqlite3.Connection, statements: str) -> None:
    for statement in statements.split(";\n"):
        if statement.strip():
            connection.execute(statement)


def _create(connection: sqlite3.Connection) -> None:
    _run(connection, _VERSION_1)
    # Clients may remember seqs of an earlier file, lost or damaged: this one's lie above them, as
    # no file is ever given a million frames a second.
    first = int(clock.wall() * 1_000_000)
    connection.execute("INSERT INTO sqlite_sequence (name, seq) VALUES ('frame', ?)", (first,))


def _owe(connection: sqlite3.Connection) -> None:
    _run(connection, _OWED)


def _hear(connection: sqlite3.Connection) -> None:
    _run(connection, _HEARD)


# One step per version: the entry at index n makes version n + 1 out of version n.
_STEPS: Final[tuple[Callable[[sqlite3.Connection], None], ...]] = (_create, _owe, _hear)


class SchemaTooNew(FatalError):
    """The file was written by a newer program; going on would damage it."""


def refuse_newer(connection: sqlite3.Connection) -> None:
    """Look at the version of a file without changing it.

    Raises:
        SchemaTooNew: the file's `user_version` is higher than ours.
        sqlite3.DatabaseError: the file is damaged.
    """
    found = _version(connection)
    if found > VERSION:
        raise SchemaTooNew(
            f"state.db has schema version {found}, this program knows up to {VERSION}: "
            "run the newer program again, or give --state-dir another directory"
        )


def migrate(connection: sqlite3.Connection) -> None:
    """Bring the file to this program's schema, in one transaction.

    Raises:
        sqlite3.DatabaseError: the file is damaged.
    """
    found = _version(connection)
    if found == VERSION:
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        for step in _STEPS[found:]:
            step(connection)
        connection.execute(f"PRAGMA user_version = {VERSION}")
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])
