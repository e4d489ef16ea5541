"""Near its limit the store makes room by itself; what is still owed stays."""

import sqlite3
from pathlib import Path

import pytest
import trio

from botkube.model.command import Address, Incoming, User
from botkube.model.errors import StorageError
from botkube.model.event import Event, Routed
from botkube.store import frames, journal, outbox, retention
from botkube.store.database import Database
from botkube.store.room import HIGH, LOW, NEWEST, make_room
from tests.fakes.store import frame, inserting, opened, tables

LIMIT = 2000  # pages


def used(connection: sqlite3.Connection) -> float:
    pages, free = (
        connection.execute(f"PRAGMA {name}").fetchone()[0]
        for name in ("page_count", "freelist_count")
    )
    return float(pages - free) / LIMIT


def limited() -> sqlite3.Connection:
    connection = tables()
    connection.execute(f"PRAGMA max_page_count = {LIMIT}")
    return connection


def put(connection: sqlite3.Connection, name: str, *targets: str) -> None:
    event = Event(id=name, source="s", message=b"{}", raw=bytes(8000), received_at=1.0)
    outbox.put(connection, [Routed(event=event, targets=targets)])


def count(connection: sqlite3.Connection, table: str) -> int:
    return int(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0])


def fill(connection: sqlite3.Connection) -> None:
    def insert_on() -> None:
        while True:
            inserting("x", size=4000)(connection)

    with pytest.raises(sqlite3.OperationalError, match="is full"):
        insert_on()


def test_a_full_file_loses_its_oldest_frames_down_to_the_mark() -> None:
    connection = limited()
    fill(connection)
    newest = frames.newest_seq(connection)
    assert used(connection) > HIGH
    make_room(connection)
    while make_room(connection, above=LOW):
        pass
    assert LOW - 0.02 < used(connection) <= LOW
    assert inserting("again", size=4000)(connection) == newest + 1


def test_what_was_delivered_goes_before_any_message() -> None:
    connection = limited()
    for number in range(300):
        put(connection, str(number), "a")
    outbox.take(connection, "a", range(1, 2**10))
    fill(connection)
    kept = count(connection, "frame")
    make_room(connection)
    assert count(connection, "event") < 300
    assert count(connection, "frame") == kept


def test_what_is_owed_and_the_newest_messages_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("botkube.store.room.LOW", 0.0)
    connection = limited()
    put(connection, "waits", "a")
    incoming = Incoming(
        id="c", text="x", user=User(name="u"), address=Address(platform="p", channel="c")
    )
    journal.accept(connection, incoming, 1.0)
    fill(connection)
    while make_room(connection, above=0.0):
        pass
    assert len(outbox.window(connection, "a", 5)) == 1
    assert len(journal.open_commands(connection, 5)) == 1
    assert count(connection, "frame") == NEWEST


def test_with_room_nothing_goes_unless_a_write_failed() -> None:
    connection = limited()
    frames.insert_many(connection, [frame("f", size=4000)] * 400)
    assert make_room(connection) == 0
    assert make_room(connection, failed=True) > 0
    while make_room(connection, failed=True):
        pass
    assert count(connection, "frame") > 300, "a tenth is enough"


async def _insert_on(database: Database) -> None:
    while True:
        await database.do(inserting("x", size=12_000))


@pytest.mark.real
async def test_a_store_that_met_its_limit_takes_writes_again_by_itself(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with opened(tmp_path, max_bytes=2**20) as database, trio.open_nursery() as nursery:
        await nursery.start(retention.run, database, lambda: 2000.0)
        with pytest.raises(StorageError, match="is full"):
            await _insert_on(database)
        while database.trouble:  # noqa: ASYNC110 - nobody writes, and yet it is well again
            await trio.sleep(0.05)
        await database.do(inserting("again", size=12_000))
        nursery.cancel_scope.cancel()
    assert "oldest rows were removed" in caplog.text
