"""The playground's messages on disk. `seq` grows by itself and is never used twice, also after a
crash: AUTOINCREMENT remembers the highest one ever given.
"""

import sqlite3
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from time import monotonic
from typing import Final

import msgspec

from botkube.model.errors import StorageError
from botkube.model.frame import Frame, NewFrame
from botkube.store.pages import PAGE_BYTES, up_to_bytes

SCANNED: Final = 20_000  # frames one search looks at
LONGEST: Final = 1.0  # seconds of one search
_COLUMNS = "seq, type, channel, thread, id, author, at, recipient, body"


def insert(connection: sqlite3.Connection, new: NewFrame) -> Frame:
    """Store a frame and give it its seq.

    Raises:
        sqlite3.IntegrityError: this author already used this client_id.
    """
    seq = connection.execute(
        "INSERT INTO frame (type, channel, thread, id, author, at, recipient, body, client_id)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            new.type,
            new.channel,
            new.thread,
            new.id,
            new.author,
            new.at,
            new.to,
            new.body,
            new.client_id or None,
        ),
    ).lastrowid
    return new.stored(seq or 0)


def insert_many(connection: sqlite3.Connection, new: Sequence[NewFrame]) -> list[Frame]:
    """Store frames of our own and give them the next seqs, in order."""
    first = newest_seq(connection) + 1
    numbered = list(enumerate(new, first))
    connection.executemany(
        "INSERT INTO frame (seq, type, channel, thread, id, author, at, recipient, body)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (seq, f.type, f.channel, f.thread, f.id, f.author, f.at, f.to, f.body)
            for seq, f in numbered
        ],
    )
    return [frame.stored(seq) for seq, frame in numbered]


def insert_or_edit(connection: sqlite3.Connection, new: NewFrame) -> Frame:
    """Store a message, or an edit of it that takes the place of its last edit: only the newest is kept."""
    if body_of(connection, new.id) is None:
        return insert(connection, new)
    connection.execute("DELETE FROM frame WHERE id = ? AND type = 'update'", (new.id,))
    return insert(connection, msgspec.structs.replace(new, type="update"))


def newest_seq(connection: sqlite3.Connection) -> int:
    """The highest seq ever given (0 when there was none)."""
    row = connection.execute("SELECT seq FROM sqlite_sequence WHERE name = 'frame'").fetchone()
    return int(row[0]) if row else 0


def by_client_id(connection: sqlite3.Connection, author: str, client_id: str) -> Frame | None:
    """The frame this author posted under this client_id, if any."""
    row = connection.execute(
        f"SELECT {_COLUMNS} FROM frame WHERE author = ? AND client_id = ?",  # noqa: S608 - a constant
        (author, client_id),
    ).fetchone()
    return _frame(row) if row else None


def body_of(connection: sqlite3.Connection, message: str) -> Frame | None:
    """The newest frame of the message with this id: what a user sees of it now."""
    row = connection.execute(
        f"SELECT {_COLUMNS} FROM frame WHERE id = ? ORDER BY seq DESC LIMIT 1",  # noqa: S608 - a constant
        (message,),
    ).fetchone()
    return _frame(row) if row else None


def after(
    connection: sqlite3.Connection, seq: int, limit: int, most: int = PAGE_BYTES
) -> list[Frame]:
    """Frames of all channels after `seq`, ascending, until they are `limit` or `most` bytes."""
    rows = connection.execute(
        f"SELECT {_COLUMNS} FROM frame WHERE seq > ? ORDER BY seq LIMIT ?",  # noqa: S608 - a constant
        (seq, limit),
    )
    return [_frame(row) for row in up_to_bytes(rows, lambda row: len(row[-1]), most)]


def history(
    connection: sqlite3.Connection, channel: str, before: int, limit: int, query: str
) -> list[Frame]:
    """The newest `limit` frames of a channel before `before` that contain `query`, ascending.

    Fewer when they are large. A search looks at the newest `SCANNED` frames, for `LONGEST` at most.

    Raises:
        StorageError: the time was up before anything was found.
    """
    found: list[Frame] = []
    with _ending(connection, LONGEST) as ended:
        rows = connection.execute(
            f"SELECT {_COLUMNS} FROM frame WHERE channel = :channel AND seq < :before"  # noqa: S608 - a constant
            " AND seq >= coalesce((SELECT seq FROM frame WHERE channel = :channel AND seq < :before"
            " ORDER BY seq DESC LIMIT 1 OFFSET :scanned), 0)"
            " AND (:query = '' OR instr(lower(CAST(body AS TEXT)), lower(:query)) > 0)"
            " ORDER BY seq DESC LIMIT :limit",
            {
                "channel": channel,
                "before": before,
                "scanned": SCANNED - 1,
                "query": query,
                "limit": limit,
            },
        )
        found.extend(_frame(row) for row in up_to_bytes(rows, lambda row: len(row[-1])))
    if ended() and not found:
        raise StorageError(f"nothing was found in {LONGEST:g} s: search nearer to what you want")
    return found[::-1]


@contextmanager
def _ending(connection: sqlite3.Connection, seconds: float) -> Generator[Callable[[], bool]]:
    """End what the block asks of the connection when the time is up; what it has then stays."""
    deadline = monotonic() + seconds
    ended = False

    def late() -> bool:
        nonlocal ended
        ended = monotonic() > deadline
        return ended

    connection.set_progress_handler(late, 1000)
    try:
        yield lambda: ended
    except sqlite3.OperationalError:
        if not ended:
            raise
    finally:
        connection.set_progress_handler(None, 0)


def threads(connection: sqlite3.Connection, channel: str, limit: int) -> list[str]:
    """The threads of a channel, the one used last first."""
    rows = connection.execute(
        "SELECT thread FROM frame WHERE channel = ? AND thread != ''"
        " GROUP BY thread ORDER BY max(seq) DESC LIMIT ?",
        (channel, limit),
    )
    return [row[0] for row in rows]


def _frame(row: Sequence[object]) -> Frame:
    seq, kind, channel, thread, message, author, at, to, body = row
    return NewFrame(
        type=str(kind),  # type: ignore[arg-type]  # written by us, one of the types
        channel=str(channel),
        thread=str(thread),
        id=str(message),
        author=str(author),
        at=float(str(at)),
        to=str(to),
        body=bytes(body) if isinstance(body, bytes) else str(body).encode(),
    ).stored(int(str(seq)))


def encode(frames: Sequence[Frame]) -> bytes:
    """A JSON array of frames."""
    return msgspec.json.encode(frames)
