"""Events and their deliveries on disk: functions on a connection, composed into jobs by callers.

An event counts as received once `put` is committed; from then on each delivery ends as delivered
or as a dead letter with its reason, whatever happens to the process.
"""

import sqlite3
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from botkube.model.delivery import Delivered, Delivery, Outcome, Rejected, Retry
from botkube.model.event import Routed
from botkube.store.pages import up_to_bytes

# delivery.state: 0 pending, 1 delivered, 2 dead letter


class Depth(NamedTuple):
    """How much waits for a target, and since when (wall-clock seconds; 0 when nothing waits)."""

    waiting: int
    oldest: float


def put(connection: sqlite3.Connection, routed: Sequence[Routed]) -> None:
    """Store events and one pending delivery for each of their targets."""
    first = _newest_event(connection) + 1
    numbered = list(enumerate(routed, first))
    connection.executemany(
        "INSERT INTO event (id, event_id, source, message, raw, received_at)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        [
            (
                row,
                item.event.id,
                item.event.source,
                item.event.message,
                item.event.raw,
                item.event.received_at,
            )
            for row, item in numbered
        ],
    )
    connection.executemany(
        "INSERT INTO delivery (event, target) VALUES (?, ?)",
        [(row, target) for row, item in numbered for target in item.targets],
    )


def _newest_event(connection: sqlite3.Connection) -> int:
    row = connection.execute("SELECT seq FROM sqlite_sequence WHERE name = 'event'").fetchone()
    return int(row[0]) if row else 0


def window(connection: sqlite3.Connection, target: str, limit: int) -> list[Delivery]:
    """The next pending deliveries of a target, oldest first; fewer than `limit` when they are large."""
    rows = connection.execute(
        "SELECT d.event, e.event_id, e.source, e.message, e.raw, e.received_at, d.due, d.attempts"
        " FROM delivery d JOIN event e ON e.id = d.event"
        " WHERE d.target = ? AND d.state = 0 ORDER BY d.event LIMIT ?",
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
        for row in up_to_bytes(rows, lambda row: len(row[3]) + len(row[4]))
    ]


def take(connection: sqlite3.Connection, target: str, ids: Sequence[int]) -> set[int]:
    """Mark deliveries of a target done; returns those that were still pending."""
    rows = connection.execute(
        "UPDATE delivery SET state = 1 WHERE target = ? AND state = 0"
        " AND event IN (SELECT value FROM json_each(?)) RETURNING event",
        (target, str(list(ids))),
    )
    return {row[0] for row in rows.fetchall()}


def settle(
    connection: sqlite3.Connection, results: Iterable[tuple[Delivery, Outcome]], now: float
) -> None:
    """Record what became of each attempt; thousands a second are mostly delivered, at once."""
    delivered: dict[str, list[int]] = {}
    for delivery, outcome in results:
        match outcome:
            case Delivered(settled=True):
                continue
            case Delivered(ref=ref):
                delivered.setdefault(delivery.target, []).append(delivery.id)
                if ref:
                    _remember(connection, delivery, ref, now)
            case Retry(reason=reason, after=after):
                connection.execute(
                    "UPDATE delivery SET due = ?, attempts = attempts + 1, reason = ?"
                    " WHERE event = ? AND target = ? AND state = 0",
                    (now + after, reason, delivery.id, delivery.target),
                )
            case Rejected(reason=reason):
                connection.execute(
                    "UPDATE delivery SET state = 2, reason = ?"
                    " WHERE event = ? AND target = ? AND state = 0",
                    (reason, delivery.id, delivery.target),
                )
    for target, ids in delivered.items():
        take(connection, target, ids)


def _remember(connection: sqlite3.Connection, delivery: Delivery, ref: str, now: float) -> None:
    connection.execute(
        "INSERT OR REPLACE INTO ref (target, event_id, ref, at) VALUES (?, ?, ?, ?)",
        (delivery.target, delivery.event_id, ref, now),
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
