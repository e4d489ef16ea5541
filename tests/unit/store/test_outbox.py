"""Events and deliveries on disk: windows, outcomes, what counts as waiting."""

import pytest

from botkube.model.delivery import Delivered, Delivery, Outcome, Rejected, Retry
from botkube.model.event import Event, Routed
from botkube.store import outbox
from botkube.store.outbox import Depth
from botkube.store.pages import PAGE_BYTES
from tests.fakes.store import tables


def routed(name: str, *targets: str, at: float = 100.0, size: int = 2) -> Routed:
    event = Event(id=name, source="beat", message=b"{}", raw=b"x" * size, received_at=at)
    return Routed(event=event, targets=targets)


def ids(window: list[Delivery]) -> list[str]:
    return [item.event_id for item in window]


def test_each_target_has_its_own_deliveries_in_the_order_of_the_events() -> None:
    connection = tables()
    outbox.put(connection, [routed("1", "a", "b"), routed("2", "b")])
    outbox.put(connection, [routed("3", "b", "a")])
    assert ids(outbox.window(connection, "a", 10)) == ["1", "3"]
    assert ids(outbox.window(connection, "b", 10)) == ["1", "2", "3"]
    assert ids(outbox.window(connection, "b", 2)) == ["1", "2"]
    assert outbox.window(connection, "c", 10) == []


def test_a_delivery_has_all_of_its_event() -> None:
    connection = tables()
    outbox.put(connection, [routed("1", "a", at=123.5)])
    (delivery,) = outbox.window(connection, "a", 10)
    assert delivery == Delivery(
        id=delivery.id,
        target="a",
        event_id="1",
        source="beat",
        message=b"{}",
        raw=b"xx",
        received_at=123.5,
        due=0.0,
        attempts=0,
    )


def test_an_event_for_nobody_is_stored_and_waits_nowhere() -> None:
    connection = tables()
    outbox.put(connection, [routed("1")])
    assert outbox.depths(connection) == {}
    assert connection.execute("SELECT count(*) FROM event").fetchone() == (1,)


def test_large_events_make_a_short_window() -> None:
    connection = tables()
    outbox.put(connection, [routed(str(n), "a", size=PAGE_BYTES // 2) for n in range(5)])
    assert ids(outbox.window(connection, "a", 64)) == ["0", "1"]
    outbox.put(connection, [routed("alone", "b", size=3 * PAGE_BYTES)])
    assert ids(outbox.window(connection, "b", 64)) == ["alone"]


def test_outcomes_are_recorded_each_for_itself() -> None:
    connection = tables()
    outbox.put(connection, [routed(str(n), "a", at=float(n)) for n in range(5)])
    window = outbox.window(connection, "a", 10)
    outcomes: list[Outcome] = [
        Delivered(ref="ts-1"),
        Retry(reason="busy", after=30.0),
        Rejected(reason="gone for good"),
        Delivered(settled=True),
        Delivered(),
    ]
    outbox.settle(connection, zip(window, outcomes, strict=True), now=1000.0)
    left = outbox.window(connection, "a", 10)
    assert [(item.event_id, item.due, item.attempts) for item in left] == [
        ("1", 1030.0, 1),
        ("3", 0.0, 0),  # settled by its notifier, which here it was not
    ]
    assert connection.execute("SELECT reason FROM delivery WHERE state = 2").fetchall() == [
        ("gone for good",)
    ]
    assert connection.execute("SELECT target, event_id, ref FROM ref").fetchall() == [
        ("a", "0", "ts-1")
    ]


@pytest.mark.parametrize("late", [Retry(reason="late"), Rejected(reason="late"), Delivered()])
def test_what_is_settled_stays_as_it_is(late: Retry | Rejected | Delivered) -> None:
    connection = tables()
    outbox.put(connection, [routed("1", "a")])
    (delivery,) = outbox.window(connection, "a", 1)
    outbox.settle(connection, [(delivery, Rejected(reason="first"))], now=5.0)
    outbox.settle(connection, [(delivery, late)], now=6.0)
    assert connection.execute("SELECT state, reason FROM delivery").fetchall() == [(2, "first")]


def test_each_delivery_is_taken_once() -> None:
    connection = tables()
    outbox.put(connection, [routed("1", "a", "b"), routed("2", "a")])
    one, two = (item.id for item in outbox.window(connection, "a", 2))
    assert outbox.take(connection, "a", [one]) == {one}
    assert outbox.take(connection, "a", [one, two]) == {two}
    assert outbox.take(connection, "a", []) == set()
    assert ids(outbox.window(connection, "b", 2)) == ["1"]


def test_depths_tell_how_much_waits_and_since_when() -> None:
    connection = tables()
    outbox.put(connection, [routed("1", "a", at=10.0), routed("2", "a", "b", at=20.0)])
    assert outbox.depths(connection) == {"a": Depth(2, 10.0), "b": Depth(1, 20.0)}
    (first, _) = outbox.window(connection, "a", 2)
    outbox.settle(connection, [(first, Rejected(reason="dead"))], now=30.0)
    assert outbox.depths(connection) == {"a": Depth(1, 20.0), "b": Depth(1, 20.0)}
