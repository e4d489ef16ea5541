"""What is past its age goes from every table, a batch at a time, and nothing else does."""

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
import trio
import trio.testing

from botkube.model.command import Address, Incoming, Kept, Outcome, User
from botkube.model.delivery import Delivered, Rejected
from botkube.model.event import Event, Routed
from botkube.model.frame import NewFrame
from botkube.store import frames, journal, outbox, results, retention
from botkube.store.retention import BATCH, DAY, FRAMES, ORPHAN, prune
from tests.fakes.store import frame, opened, tables

NOW = 100 * DAY


def put(connection: sqlite3.Connection, name: str, age: float, *targets: str) -> None:
    event = Event(id=name, source="s", message=b"{}", raw=b"", received_at=NOW - age)
    outbox.put(connection, [Routed(event=event, targets=targets)])


def deliver(connection: sqlite3.Connection, target: str) -> None:
    window = outbox.window(connection, target, 1000)
    outbox.settle(connection, [(item, Delivered(ref="r")) for item in window], NOW)


def column(connection: sqlite3.Connection, query: str) -> list[object]:
    return [row[0] for row in connection.execute(query)]


def prune_all(connection: sqlite3.Connection, now: float = NOW) -> None:
    for _ in range(100):
        if not prune(connection, now):
            return
    pytest.fail("pruning never ends")


def test_delivered_events_go_after_a_day() -> None:
    connection = tables()
    put(connection, "old", 1.1 * DAY, "a", "b")
    put(connection, "for nobody", 1.1 * DAY)
    put(connection, "young", 0.9 * DAY, "a", "b")
    deliver(connection, "a")
    deliver(connection, "b")
    prune_all(connection)
    assert column(connection, "SELECT event_id FROM event") == ["young"]
    assert len(column(connection, "SELECT event FROM delivery")) == 2


def test_an_event_that_still_waits_somewhere_stays() -> None:
    connection = tables()
    put(connection, "old", 1.5 * DAY, "a", "b")
    deliver(connection, "a")
    prune_all(connection)
    assert [item.event_id for item in outbox.window(connection, "b", 5)] == ["old"]


def test_what_nobody_delivers_any_more_becomes_a_dead_letter_and_goes_later() -> None:
    connection = tables()
    put(connection, "orphan", 2.1 * DAY, "removed")
    prune_all(connection)
    assert outbox.window(connection, "removed", 5) == []
    assert connection.execute("SELECT state, reason FROM delivery").fetchall() == [(2, ORPHAN)]
    prune_all(connection, NOW + 5 * DAY)
    assert column(connection, "SELECT event_id FROM event") == []


def test_dead_letters_stay_a_week() -> None:
    connection = tables()
    put(connection, "six days", 6 * DAY, "a")
    put(connection, "eight days", 8 * DAY, "a")
    window = outbox.window(connection, "a", 9)
    outbox.settle(connection, [(item, Rejected(reason="no")) for item in window], NOW)
    prune_all(connection)
    assert column(connection, "SELECT event_id FROM event") == ["six days"]


def test_references_go_with_their_age() -> None:
    connection = tables()
    put(connection, "old", 2 * DAY, "a")
    deliver(connection, "a")
    prune_all(connection)
    assert column(connection, "SELECT ref FROM ref") == ["r"]
    prune_all(connection, NOW + 7.1 * DAY)
    assert column(connection, "SELECT ref FROM ref") == []


def test_finished_commands_go_after_a_week_and_open_ones_never() -> None:
    connection = tables()
    address = Address(platform="p", channel="c")
    for name, finished in (("old", NOW - 8 * DAY), ("young", NOW - 6 * DAY), ("open", 0.0)):
        incoming = Incoming(id=name, text="x", user=User(name="u"), address=address)
        journal.accept(connection, incoming, NOW - 9 * DAY)
        if finished:
            journal.finish(connection, name, Outcome.OK, finished)
    prune_all(connection)
    assert sorted(map(str, column(connection, "SELECT id FROM command"))) == ["open", "young"]


def test_results_go_after_a_week() -> None:
    connection = tables()
    for name, age in (("old", 8 * DAY), ("young", 6 * DAY)):
        results.keep(connection, "p:c", Kept(command=name, message=b"{}"), NOW - age)
    prune_all(connection)
    assert column(connection, "SELECT command FROM result") == ["young"]


def test_frames_go_after_a_week_and_the_newest_seq_is_remembered() -> None:
    connection = tables()
    for name, age in (("old", 8 * DAY), ("young", 6 * DAY)):
        frames.insert(connection, _aged(name, age))
    newest = frames.newest_seq(connection)
    prune_all(connection)
    assert column(connection, "SELECT id FROM frame") == ["young"]
    prune_all(connection, NOW + 9 * DAY)
    assert column(connection, "SELECT id FROM frame") == []
    assert frames.newest_seq(connection) == newest


def test_of_many_frames_the_newest_stay() -> None:
    connection = tables()
    frames.insert(connection, _aged("first", 0))
    connection.execute("UPDATE frame SET seq = ?", (frames.newest_seq(connection) - FRAMES,))
    frames.insert(connection, _aged("last", 0))
    prune_all(connection)
    assert column(connection, "SELECT id FROM frame") == ["last"]


def _put_many(connection: sqlite3.Connection, count: int) -> None:
    for number in range(count):
        put(connection, str(number), 8 * DAY)


def _aged(name: str, age: float) -> NewFrame:
    new = frame(name)
    return NewFrame(type=new.type, channel=new.channel, id=name, at=NOW - age, body=b"{}")


@pytest.mark.parametrize(
    ("fill", "table"),
    [
        (lambda c: frames.insert_many(c, [_aged("f", 8 * DAY)] * (3 * BATCH)), "frame"),
        (lambda c: _put_many(c, 3 * BATCH), "event"),
    ],
)
def test_one_batch_is_bounded(fill: Callable[[sqlite3.Connection], object], table: str) -> None:
    connection = tables()
    fill(connection)
    assert prune(connection, NOW) == BATCH
    assert column(connection, f"SELECT count(*) FROM {table}") == [2 * BATCH]


def test_pruning_a_tidy_store_touches_nothing() -> None:
    connection = tables()
    put(connection, "young", 0.1 * DAY, "a")
    frames.insert(connection, _aged("young", 0))
    before = connection.total_changes
    assert prune(connection, NOW) == 0
    assert connection.total_changes == before


@pytest.mark.real
async def test_it_runs_at_once_and_yields_between_batches(tmp_path: Path) -> None:
    async with opened(tmp_path) as database:
        old = [_aged("f", 8 * DAY)] * (3 * BATCH)
        await database.do(lambda c: frames.insert_many(c, old))
        async with trio.open_nursery() as nursery:
            await nursery.start(retention.run, database, lambda: NOW)
            while await database.read(lambda c: column(c, "SELECT count(*) FROM frame")) != [0]:  # noqa: ASYNC110
                await trio.sleep(0.01)
            nursery.cancel_scope.cancel()


@pytest.mark.real
async def test_a_store_that_takes_nothing_does_not_end_it(tmp_path: Path) -> None:
    async with opened(tmp_path) as database:
        pass
    async with trio.open_nursery() as nursery:
        await nursery.start(
            lambda task_status: retention.run(database, lambda: NOW, task_status=task_status)
        )
        await trio.testing.wait_all_tasks_blocked()
        assert not nursery.cancel_scope.cancel_called
        nursery.cancel_scope.cancel()
