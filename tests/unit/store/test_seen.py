"""What came in before is known again, by any of its keys."""

from botkube.store import retention, seen
from tests.fakes.store import tables


def test_what_was_seen_is_known_by_each_of_its_keys() -> None:
    connection = tables()
    assert seen.take(connection, "p", ["event:1", "mention:C1:1"], 1.0)
    assert not seen.take(connection, "p", ["event:1"], 2.0)
    assert not seen.take(connection, "p", ["event:2", "mention:C1:1"], 2.0)
    assert not seen.take(connection, "p", ["event:2"], 2.0)  # learned with the one before
    assert seen.take(connection, "other", ["event:1"], 2.0)
    assert seen.take(connection, "p", [], 2.0)


def test_marks_only_go_forward() -> None:
    connection = tables()
    assert seen.marks(connection, "p") == {}
    seen.mark(connection, "p", "C1", "1700000001.000200")
    seen.mark(connection, "p", "C1", "1700000001.000100")
    seen.mark(connection, "other", "C1", "1700000009.000000")
    assert seen.marks(connection, "p") == {"C1": "1700000001.000200"}


def test_what_is_old_or_too_many_is_forgotten() -> None:
    connection = tables()
    for number in range(5):
        seen.take(connection, "p", [f"event:{number}"], float(number))
    now = retention.SEEN_AGE + 2
    assert retention.prune(connection, now) == 2
    assert seen.take(connection, "p", ["event:1"], now)
    assert not seen.take(connection, "p", ["event:2"], now)


def test_no_more_than_so_many_are_kept() -> None:
    connection = tables()
    rows = [("p", f"event:{number}", 10.0 + number / 1e6) for number in range(retention.SEEN + 3)]
    connection.executemany("INSERT INTO seen VALUES (?, ?, ?)", rows)
    assert retention.prune(connection, 11.0) == 3
    assert seen.take(connection, "p", ["event:2"], 11.0)
    assert not seen.take(connection, "p", ["event:3"], 11.0)
