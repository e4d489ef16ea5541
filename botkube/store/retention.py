"""What is old goes, a batch at a time, so that no table grows without bound and no batch is long."""

import logging
import sqlite3
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Final

import trio

from botkube.model.errors import StorageError
from botkube.store.database import Database
from botkube.store.room import LOW, make_room
from botkube.store.schema import VERSION

log = logging.getLogger(__name__)

BATCH: Final = 500  # rows deleted in one job: a few milliseconds of the writer's time
PERIOD: Final = 600.0
SOONEST: Final = 0.5  # seconds between rounds while the disk takes no writes: at first ...
LATEST: Final = 8.0  # ... and at last
DAY: Final = 86400.0
EVENT_AGE: Final = DAY  # after all its deliveries have ended; dead letters stay a week
ORPHAN_AGE: Final = 2 * DAY  # a target that exists gives up earlier: nobody sends these any more
DEAD_AGE: Final = 7 * DAY
COMMAND_AGE: Final = 7 * DAY
FRAME_AGE: Final = 7 * DAY
REPLY_AGE: Final = 7 * DAY  # dead letters, and what was shown of commands that nobody ended
KEPT_AGE: Final = 14 * DAY  # what elements of older messages stand for is forgotten
SEEN_AGE: Final = 3 * DAY  # longer than anything comes again, or is looked for
SEEN: Final = 100_000  # of the newest are kept at most
FRAMES: Final = 200_000  # of the newest frames are kept at most
ORPHAN: Final = "the target is not configured any more"

_STATEMENTS: Final = (
    (
        "UPDATE delivery SET state = 2, reason = :orphan"
        " WHERE (event, target) IN (SELECT d.event, d.target FROM event e"
        " JOIN delivery d ON d.event = e.id WHERE e.received_at < :orphaned AND d.state = 0"
        " LIMIT :batch)"
    ),
    (
        "DELETE FROM delivery WHERE event IN (SELECT id FROM event e WHERE received_at < :event"
        " AND NOT EXISTS (SELECT 1 FROM delivery d WHERE d.event = e.id AND"
        " (d.state = 0 OR (d.state = 2 AND e.received_at >= :dead))) LIMIT :batch)"
    ),
    (
        "DELETE FROM event WHERE id IN (SELECT id FROM event e WHERE received_at < :event"
        " AND NOT EXISTS (SELECT 1 FROM delivery d WHERE d.event = e.id) LIMIT :batch)"
    ),
    (
        "DELETE FROM ref WHERE (target, event_id) IN"
        " (SELECT target, event_id FROM ref WHERE at < :dead LIMIT :batch)"
    ),
    (
        "DELETE FROM command WHERE id IN"
        " (SELECT id FROM command WHERE open = 0 AND finished_at < :command LIMIT :batch)"
    ),
    "DELETE FROM reply WHERE command IN (SELECT command FROM reply WHERE at < :reply LIMIT :batch)",
    "DELETE FROM kept WHERE key IN (SELECT key FROM kept WHERE at < :kept LIMIT :batch)",
    (
        "DELETE FROM seen WHERE (platform, key) IN"
        " (SELECT platform, key FROM seen WHERE at < :seen LIMIT :batch)"
    ),
    (
        "DELETE FROM seen WHERE (platform, key) IN (SELECT platform, key FROM seen ORDER BY at"
        " LIMIT min(:batch, max((SELECT count(*) FROM seen) - :most_seen, 0)))"
    ),
    # These two grow in the order of time: only the oldest rows need to be looked at.
    (
        "DELETE FROM result WHERE id IN (SELECT id FROM result ORDER BY id LIMIT :batch)"
        " AND at < :command"
    ),
    (
        "DELETE FROM frame WHERE seq IN (SELECT seq FROM frame ORDER BY seq LIMIT :batch)"
        " AND (at < :frame OR seq <= (SELECT max(seq) FROM frame) - :frames)"
    ),
)


def prune(connection: sqlite3.Connection, now: float) -> int:
    """Delete one batch of what is past its age; returns how many rows it touched."""
    limits = {
        "event": now - EVENT_AGE,
        "orphaned": now - ORPHAN_AGE,
        "orphan": ORPHAN,
        "dead": now - DEAD_AGE,
        "command": now - COMMAND_AGE,
        "reply": now - REPLY_AGE,
        "kept": now - KEPT_AGE,
        "seen": now - SEEN_AGE,
        "most_seen": SEEN,
        "frame": now - FRAME_AGE,
        "frames": FRAMES,
        "batch": BATCH,
    }
    return sum(connection.execute(statement, limits).rowcount for statement in _STATEMENTS)


async def run(
    database: Database, wall: Callable[[], float], *, task_status: trio.TaskStatus[None]
) -> None:
    """Prune now, every ten minutes, and when a write finds no room, until cancelled.

    Others' jobs come in between: a batch is one job. While the disk takes nothing it is tried in
    growing pauses, so that it is known to be well again also when nobody writes.
    """
    task_status.started()
    pause = SOONEST
    while True:
        freed = 0
        with suppress(StorageError):  # said by the database; the next round tries again
            freed = await _tidy(database, wall())
        if database.trouble and not freed:
            await trio.sleep(pause)  # a ring would only be of our own attempt
            pause = min(pause * 2, LATEST)
            continue
        pause = SOONEST
        with trio.move_on_after(SOONEST if database.trouble else PERIOD):
            await database.no_room.wait()


async def _tidy(database: Database, now: float) -> int:
    await database.do(_probe)
    while await database.do(lambda connection: prune(connection, now)):
        pass
    failed = bool(database.trouble)
    freed = more = await database.do(partial(make_room, failed=failed))
    while more:
        more = await database.do(partial(make_room, above=LOW, failed=failed))
        freed += more
    if freed:
        log.warning("state.db was nearly full: its %d oldest rows were removed", freed)
    return freed


def _probe(connection: sqlite3.Connection) -> None:
    """Write something that changes nothing: whether it can be is what we want to know."""
    connection.execute(f"PRAGMA user_version = {VERSION}")
