"""Makes room in a file near its limit: the oldest goes before its age is reached.

Freed pages are used again, so deleting helps without shrinking the file. What is still to be
delivered or answered never goes, nor do the newest messages.
"""

import sqlite3
from typing import Final

BATCH: Final = 200  # rows of one job
HIGH: Final = 0.8  # of the limit: above it room is made ...
LOW: Final = 0.7  # ... down to this
SPARE: Final = 0.1  # of the file: free pages to be had after a write found no room on the disk
NEWEST: Final = 50  # frames that always stay

# Events whose deliveries have ended first: nobody sees them any more. Rows with their bytes.
_OLDEST: Final = (
    (
        "event",
        "id",
        """SELECT id, length(message) + length(raw) FROM event e WHERE NOT EXISTS
        (SELECT 1 FROM delivery d WHERE d.event = e.id AND d.state = 0) ORDER BY id LIMIT :batch""",
    ),
    (
        "frame",
        "seq",
        """SELECT seq, length(body) FROM frame WHERE seq <= coalesce((SELECT seq FROM frame
        ORDER BY seq DESC LIMIT 1 OFFSET :newest), 0) ORDER BY seq LIMIT :batch""",
    ),
    ("result", "id", "SELECT id, length(message) FROM result ORDER BY id LIMIT :batch"),
    (
        "command",
        "id",
        "SELECT id, length(text) FROM command WHERE open = 0 ORDER BY finished_at LIMIT :batch",
    ),
    ("kept", "key", "SELECT key, length(text) FROM kept ORDER BY at LIMIT :batch"),
)
_ROW: Final = 100  # bytes of a row beside what is counted


def make_room(connection: sqlite3.Connection, *, above: float = HIGH, failed: bool = False) -> int:
    """Delete one batch of the oldest if more than `above` is used; returns how many rows went.

    `failed` says that a write found no room, so that some is made however far the limit is.
    """
    missing = _missing_pages(connection, above, failed=failed) * _pragma(connection, "page_size")
    if missing <= 0:
        return 0
    bounds = {"batch": BATCH, "newest": NEWEST}
    for table, key, oldest in _OLDEST:
        keys = _up_to(connection.execute(oldest, bounds).fetchall(), missing)
        if keys:
            if table == "event":
                _delete(connection, "delivery", "event", keys)
            _delete(connection, table, key, keys)
            return len(keys)
    return 0


def _missing_pages(connection: sqlite3.Connection, above: float, *, failed: bool) -> float:
    pages = _pragma(connection, "page_count")
    free = _pragma(connection, "freelist_count")
    limit = _pragma(connection, "max_page_count")
    used = pages - free
    if used > above * limit:
        return used - LOW * limit
    return SPARE * pages - free if failed else 0


def _pragma(connection: sqlite3.Connection, name: str) -> int:
    return int(connection.execute(f"PRAGMA {name}").fetchone()[0])


def _up_to(rows: list[tuple[object, int]], size: float) -> list[object]:
    keys: list[object] = []
    for key, length in rows:
        if size <= 0:
            break
        keys.append(key)
        size -= length + _ROW
    return keys


def _delete(connection: sqlite3.Connection, table: str, key: str, keys: list[object]) -> None:
    connection.executemany(
        f"DELETE FROM {table} WHERE {key} = ?",  # noqa: S608 - constants
        [(item,) for item in keys],
    )
