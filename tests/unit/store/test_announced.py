"""What was announced last under a name is not announced again."""

from botkube.store import announced
from tests.fakes.store import tables


def test_each_thing_is_announced_once_in_a_row() -> None:
    connection = tables()
    assert announced.note(connection, "watch:a", "1.0", now=1)
    assert not announced.note(connection, "watch:a", "1.0", now=2)
    assert announced.note(connection, "watch:b", "1.0", now=2)
    assert announced.note(connection, "watch:a", "1.1", now=3)


def test_what_is_forgotten_is_announced_again() -> None:
    connection = tables()
    announced.note(connection, "watch:a", "1.0", now=1)
    assert announced.forget(connection, "watch:a")
    assert not announced.forget(connection, "watch:a")
    assert announced.note(connection, "watch:a", "1.0", now=2)
