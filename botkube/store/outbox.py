"""Events and their deliveries on disk: functions on a connection, composed into jobs by callers.

An event counts as received once `put` is committed; from then on each delivery ends as delivered
or as a dead letter with its reason, whatever happens to the process.
"""

import sqlite3
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from botkube.model.delivery import Delivered, Delivery, Outcome, Rejected, Retry
from botkube.model.event import Routed

# delivery.state: 0 pending, 1 delivered, 2 dead letter


class Depth(NamedTuple):
    """How much waits for a target, and since when (wall-clock seconds; 0 when nothing waits)."""

    waiting: int
    oldest: float


def put(connection: sqlite3.Connection, routed: Sequence[Routed]) -> None:
    """Store events and one pending delivery for each of their targets."""
    for item in routed:
        event = item.event
        row = connection.execute(
            "INSERT INTO event (event_id, source, message, raw, received_at)"
            " VALUES (?, ?, ?, ?, ?)",
            (event.id, event.source, event.message, event.raw, event.received_at),
        ).lastrowid
        connection.executemany(
            "INSERT INTO delivery (event, target) VALUES (?, ?)",
            [(row, target) for target in item.targets],
        )


def window(connection: sqlite3.Connection, target: str, limit: int) -> list[Delivery]:
    """The next pending deliveries of a target, oldest first."""
    rows = connection.execute(
        "SELECT d.id, e.event_id, e.source, e.message, e.raw, e.received_at, d.due, d.attempts"
        " FROM delivery d JOIN event e ON e.id = d.event"
        " WHERE d.target = ? AND d.state = 0 ORDER BY d.id LIMIT ?",
        (target, limit),
    )
    return [
        Delivery(
            id=row[0],
            target=target,
            event_id=row[1],
            source=row[2],
            message=row[3],
            raw=row[4],
            received_at=row[5],
            due=row[6],
            attempts=row[7],
        )
        for row in rows
    ]


def mark_delivered(connection: sqlite3.Connection, delivery: int) -> bool:
    """Mark a delivery done; False when it was settled already."""
    cursor = connection.execute(
        "UPDATE delivery SET state = 1 WHERE id = ? AND state = 0", (delivery,)
    )
    return cursor.rowcount == 1


def settle(
    connection: sqlite3.Connection, results: Iterable[tuple[Delivery, Outcome]], now: float
) -> None:
    """Record what became of each attempt."""
    for delivery, outcome in results:
        match outcome:
            case Delivered(settled=True):
                continue
            case Delivered(ref=ref):
                mark_delivered(connection, delivery.id)
                if ref:
                    _remember(connection, delivery, ref)
            case Retry(reason=reason, after=after):
                connection.execute(
                    "UPDATE delivery SET due = ?, attempts = attempts + 1, reason = ?"
                    " WHERE id = ? AND state = 0",
                    (now + after, reason, delivery.id),
                )
            case Rejected(reason=reason):
                connection.execute(
                    "UPDATE delivery SET state = 2, reason = ? WHERE id = ? AND state = 0",
                    (reason, delivery.id),
                )


def _remember(connection: sqlite3.Connection, delivery: Delivery, ref: str) -> None:
    connection.execute(
        "INSERT OR REPLACE INTO ref (target, event_id, ref) VALUES (?, ?, ?)",
        (delivery.target, delivery.event_id, ref),
    )


def depths(connection: sqlite3.Connection) -> dict[str, Depth]:
    """What waits in the outbox, by target."""
    rows = connection.execute(
        "SELECT target, count(*), min(event) FROM delivery WHERE state = 0 GROUP BY target"
    ).fetchall()
    oldest = {
        event: connection.execute(
            "SELECT received_at FROM event WHERE id = ?", (event,)
        ).fetchone()[0]
        for _, _, event in rows
    }
    return {target: Depth(count, oldest[event]) for target, count, event in rows}
