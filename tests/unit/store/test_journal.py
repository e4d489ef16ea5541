"""Commands on disk: accepted once, finished once."""

import sqlite3

import pytest

from botkube.model.command import Address, Incoming, Outcome, User
from botkube.store import journal
from tests.fakes.store import tables


def incoming(name: str) -> Incoming:
    address = Address(platform="default-playground", channel="general", thread="t1")
    return Incoming(id=name, text=f"echo {name}", user=User(name="ann"), address=address)


def accept(connection: sqlite3.Connection, name: str, now: float) -> None:
    journal.accept(connection, incoming(name), now)


def open_ids(connection: sqlite3.Connection) -> list[str]:
    return [item.id for item in journal.open_commands(connection, 10)]


def test_an_accepted_command_is_open_until_it_is_finished_once() -> None:
    connection = tables()
    accept(connection, "a", 1.0)
    assert open_ids(connection) == ["a"]
    assert journal.finish(connection, "a", Outcome.OK, 2.0)
    assert not journal.finish(connection, "a", Outcome.CANCELLED, 3.0)
    assert open_ids(connection) == []
    assert connection.execute("SELECT outcome, finished_at FROM command").fetchall() == [
        ("ok", 2.0)
    ]


def test_finishing_an_unknown_command_is_refused() -> None:
    assert not journal.finish(tables(), "nobody", Outcome.OK, 1.0)


def test_an_id_is_accepted_once() -> None:
    connection = tables()
    accept(connection, "a", 1.0)
    with pytest.raises(sqlite3.IntegrityError):
        accept(connection, "a", 2.0)


def test_open_commands_come_oldest_first_with_all_that_answering_needs() -> None:
    connection = tables()
    accept(connection, "late", 2.0)
    accept(connection, "early", 1.0)
    found = journal.open_commands(connection, 10)
    assert [item.id for item in found] == ["early", "late"]
    assert found[0] == journal.OpenCommand(
        id="early",
        platform="default-playground",
        channel="general",
        thread="t1",
        user="ann",
        text="echo early",
    )
    assert len(journal.open_commands(connection, 1)) == 1
