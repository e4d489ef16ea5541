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

# Ids grow with time: a look ends at the first row that is young enough, however many follow.
_FIRST_YOUNG: Final = (
    "coalesce((SELECT id FROM event WHERE received_at >= :event ORDER BY id LIMIT 1), 1 << 62)"
)
_STATEMENTS: Final = (
    (
        "UPDATE delivery SET state = 2, reason = :orphan WHERE id IN (SELECT d.id FROM event e"
        f" JOIN delivery d ON d.event = e.id WHERE e.id < {_FIRST_YOUNG}"
        " AND e.received_at < :orphaned AND d.state = 0 LIMIT :batch)"
    ),
    (
        "DELETE FROM delivery WHERE id IN (SELECT d.id FROM event e"
        f" JOIN delivery d ON d.event = e.id WHERE e.id < {_FIRST_YOUNG}"
        " AND NOT EXISTS (SELECT 1 FROM delivery w WHERE w.event = e.id AND"
        " (w.state = 0 OR (w.state = 2 AND e.received_at >= :dead))) LIMIT :batch)"
    ),
    (
        f"DELETE FROM event WHERE id IN (SELECT id FROM event e WHERE e.id < {_FIRST_YOUNG}"
        " AND NOT EXISTS (SELECT 1 FROM delivery d WHERE d.event = e.id) LIMIT :batch)"
    ),
    (
        "DELETE FROM ref WHERE event_id IN (SELECT r.event_id FROM ref r WHERE NOT EXISTS"
        " (SELECT 1 FROM event e WHERE e.event_id = r.event_id) LIMIT :batch)"
    ),
    (
        "DELETE FROM command WHERE id IN"
        " (SELECT id FROM command WHERE open = 0 AND finished_at < :command LIMIT :batch)"
    ),
    "DELETE FROM result WHERE id IN (SELECT id FROM result WHERE at < :command LIMIT :batch)",
    (
        "DELETE FROM frame WHERE seq IN (SELECT seq FROM frame WHERE seq < max("
        "coalesce((SELECT seq FROM frame WHERE at >= :frame ORDER BY seq LIMIT 1), 1 << 62),"
        " (SELECT max(seq) FROM frame) - :frames + 1) ORDER BY seq LIMIT :batch)"
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
                await trio.lowlevel.checkpoint()
        except StorageError:
            pass  # said by the database; the next round tries again
        await trio.sleep(PERIOD)  # noqa: ASYNC110 - ages pass with time, no event tells
