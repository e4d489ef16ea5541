"""What is old goes, a batch at a time, so that no table grows without bound and no batch is long."""

import sqlite3
from collections.abc import Callable
from typing import Final

import trio

from botkube.model.errors import StorageError
from botkube.store.database import Database

BATCH: Final = 500  # rows deleted in one job: a few milliseconds of the writer's time
PERIOD: Final = 600.0
DAY: Final = 86400.0
EVENT_AGE: Final = DAY  # after all its deliveries have ended; dead letters stay a week
ORPHAN_AGE: Final = 2 * DAY  # a target that exists gives up earlier: nobody sends these any more
DEAD_AGE: Final = 7 * DAY
COMMAND_AGE: Final = 7 * DAY
FRAME_AGE: Final = 7 * DAY
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
        "frame": now - FRAME_AGE,
        "frames": FRAMES,
        "batch": BATCH,
    }
    return sum(connection.execute(statement, limits).rowcount for statement in _STATEMENTS)


async def run(
    database: Database, wall: Callable[[], float], *, task_status: trio.TaskStatus[None]
) -> None:
    """Prune now and every ten minutes, yielding to other writers between batches, until cancelled."""
    task_status.started()
    while True:
        try:
            while await database.do(lambda connection: prune(connection, wall())):
                pass  # others' jobs come in between: a batch is one job
        except StorageError:
            pass  # said by the database; the next round tries again
        await trio.sleep(PERIOD)
