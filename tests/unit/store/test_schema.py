"""Migration: from nothing, twice, and one that fails in the middle."""

import sqlite3

import pytest

from botkube.runtime import clock
from botkube.store import schema
from botkube.store.schema import VERSION, SchemaTooNew, migrate, refuse_newer
from tests.fakes.store import inserting, tables, texts


def names(connection: sqlite3.Connection) -> list[str]:
    return [row[0] for row in connection.execute("SELECT name FROM sqlite_schema ORDER BY name")]


def test_migrating_again_changes_nothing() -> None:
    connection = tables()
    inserting("kept")(connection)
    before = (names(connection), connection.total_changes)
    migrate(connection)
    assert (names(connection), connection.total_changes) == before
    assert connection.execute("PRAGMA user_version").fetchone() == (VERSION,)


def test_a_migration_that_fails_leaves_nothing() -> None:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    connection.execute("CREATE TABLE frame (in_the_way)")
    with pytest.raises(sqlite3.OperationalError, match="frame already exists"):
        migrate(connection)
    assert names(connection) == ["frame"]
    assert connection.execute("PRAGMA user_version").fetchone() == (0,)
    assert not connection.in_transaction


def test_a_newer_version_is_refused() -> None:
    connection = tables()
    refuse_newer(connection)
    connection.execute(f"PRAGMA user_version = {VERSION + 7}")
    with pytest.raises(SchemaTooNew, match=f"schema version {VERSION + 7}"):
        refuse_newer(connection)


def test_the_first_seq_lies_above_all_of_any_earlier_file() -> None:
    began = int(clock.wall() * 1_000_000)
    assert inserting("first")(tables()) > began
    assert inserting("first")(tables()) < 2**53, "a browser reads seqs as whole numbers"


@pytest.mark.parametrize(
    ("query", "index"),
    [
        (
            "SELECT event FROM delivery WHERE target = ? AND state = 0 ORDER BY event",
            "delivery_pending",
        ),
        ("SELECT seq FROM frame WHERE channel = ? AND seq < 5 ORDER BY seq DESC", "frame_channel"),
        ("SELECT seq FROM frame WHERE id = ? ORDER BY seq DESC LIMIT 1", "frame_id"),
        ("SELECT id FROM command WHERE open = 1 ORDER BY accepted_at LIMIT ?", "command_open"),
        ("SELECT id FROM event WHERE received_at < ?", "event_age"),
        (
            (
                "SELECT thread FROM frame WHERE channel = ? AND thread != '' GROUP BY thread"
                " ORDER BY max(seq) DESC"
            ),
            "frame_thread",
        ),
    ],
)
def test_what_is_asked_often_has_its_index(query: str, index: str) -> None:
    plan = tables().execute(f"EXPLAIN QUERY PLAN {query}", (1,)).fetchall()
    assert any(index in row[3] for row in plan), plan


def test_a_file_of_an_earlier_version_becomes_the_present_one() -> None:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    schema._create(connection)
    connection.execute("PRAGMA user_version = 1")
    inserting("kept")(connection)
    migrate(connection)
    assert names(connection) == names(tables())
    assert texts(connection) == ["kept"]
    assert connection.execute("PRAGMA user_version").fetchone() == (VERSION,)
