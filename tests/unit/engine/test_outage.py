"""When a failing plugin is worth a word: tables of what happens and what is told when."""

import math
from typing import TypeAlias

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from botkube.engine.outage import (
    LONGEST_CALM,
    Back,
    Broken,
    Failure,
    Notice,
    Outage,
    Then,
    failed,
    judge,
    next_look,
    works,
)

PLUGIN, STREAM = "plugin:r/p", "source:s"
Step: TypeAlias = tuple[float, str, float]  # when, what, and how long it had worked
Told: TypeAlias = list[tuple[float, str]]


def play(*steps: Step, until: float = 10_000.0) -> Told:
    """Live through the steps as the sender does; gives what is told when."""
    outage: Outage | None = None
    told: Told = []
    for at, what, ready_for in [*steps, (until, "", 0.0)]:
        while outage is not None and next_look(outage) <= at:
            now = max(next_look(outage), 0.0)
            outage, notice = judge(outage, now)
            told += [(now, words(notice))] if notice else []
        outage = after(outage, what, at, ready_for)
    return told


def after(outage: Outage | None, what: str, at: float, ready_for: float) -> Outage | None:
    part = STREAM if "stream" in what else PLUGIN
    if what.endswith("up"):
        return works(outage, part, at) if outage is not None else None
    if not what:
        return outage
    then = msgspec.convert(what.rsplit(maxsplit=1)[-1], Then)
    failure = Failure(part=part, at=at, then=then, reason="it died", ready_for=ready_for)
    return failed(outage, failure)


def words(notice: Notice) -> str:
    match notice:
        case Broken(outage=outage):
            return f"broken {outage.failures}"
        case Back(after=seconds):
            return f"back {seconds:g}"


@pytest.mark.parametrize(
    ("steps", "told"),
    [
        pytest.param([(0, "retried", 999), (0.3, "up", 0)], [], id="back at once"),
        pytest.param(
            [(0, "retried", 999), (0.1, "retried", 0), (0.4, "up", 0)], [], id="back at the second"
        ),
        pytest.param(
            [(0, "retried", 999), (7, "up", 0)],
            [(5, "broken 1"), (10, "back 7")],
            id="slow to come back",
        ),
        pytest.param(
            [(0, "retried", 0), (0.1, "retried", 0), (0.3, "retried", 0), (0.7, "retried", 0)],
            [(0.3, "broken 3")],
            id="cannot start",
        ),
        pytest.param(
            [
                (0, "retried", 999),
                (0.2, "up", 0),
                (0.5, "retried", 0.3),
                (0.9, "up", 0),
                (1.2, "retried", 0.3),
                (1.6, "up", 0),
                (1.9, "retried", 0.3),
                (2.5, "up", 0),
            ],
            [(1.2, "broken 3"), (5.5, "back 2.5")],
            id="starts and dies, again and again",
        ),
        pytest.param(
            [(0, "retried", 999), (1, "parked", 0), (301, "parked", 0), (601, "up", 0)],
            [(1, "broken 2"), (604, "back 601")],
            id="given up, tried again, mended",
        ),
        pytest.param([(0, "parked", 0)], [(0, "broken 1")], id="there is nothing to start"),
        pytest.param(
            [(0, "retried", 999), (6, "retried", 0), (7, "ends", 0)],
            [(5, "broken 1"), (7, "broken 3")],
            id="that the program ends is one more thing",
        ),
        pytest.param(
            [(0, "stream retried", 999), (1, "retried", 999), (2, "stream up", 0), (8, "up", 0)],
            [(5, "broken 2"), (11, "back 8")],
            id="process and stream are one outage",
        ),
        pytest.param(
            [(0, "stream retried", 999), (6, "up", 0), (9, "stream up", 0)],
            [(5, "broken 1"), (12, "back 9")],
            id="a process that works does not mend its stream",
        ),
        pytest.param(
            [(0, "retried", 999), (6, "up", 0), (8, "retried", 2), (9, "up", 0)],
            [(5, "broken 1"), (13, "back 9")],
            id="a relapse within the calm is the same outage",
        ),
        pytest.param(
            [(0, "retried", 999), (6, "up", 0), (100, "retried", 94), (106, "up", 0)],
            [(5, "broken 1"), (9, "back 6"), (105, "broken 1"), (109, "back 6")],
            id="two outages far apart",
        ),
    ],
)
def test_what_is_told(steps: list[Step], told: Told) -> None:
    assert play(*steps) == told


@pytest.mark.parametrize("lasts", [0.2, 2.0, 8.0, 25.0, 59.0])
def test_a_crash_loop_is_told_once_and_its_end_once(lasts: float) -> None:
    steps: list[Step] = []
    for number in range(20):
        at = number * (lasts + 0.5)
        steps += [(at, "retried", 999 if number == 0 else lasts), (at + 0.5, "up", 0)]
    told = play(*steps)
    assert [text.split()[0] for _, text in told] == ["broken", "back"]
    assert told[1][0] - steps[-1][0] <= LONGEST_CALM


def test_a_quick_failure_now_and_then_is_never_told() -> None:
    steps = [
        step
        for number in range(50)
        for step in [(number * 90.0, "retried", 89.5), (number * 90.0 + 0.5, "up", 0.0)]
    ]
    assert play(*steps) == []


def test_what_came_late_is_judged_by_what_is_so_now() -> None:
    """The sender could not look for an hour: an outage that was over meanwhile is not told."""
    silent = works(failed(None, plain(0)), PLUGIN, 0.5)
    again = failed(silent, plain(3600, ready_for=3599.5))
    assert (again.began, again.failures) == (3600, 1)
    told, _ = judge(failed(None, plain(0)), 10)
    relapsed = failed(works(told, PLUGIN, 20), plain(3600))
    assert (relapsed.began, relapsed.failures, relapsed.told) == (0, 2, True)


def plain(at: float, ready_for: float = 0.0) -> Failure:
    return Failure(part=PLUGIN, at=at, then="retried", reason="it died", ready_for=ready_for)


EVENTS = st.tuples(
    st.floats(0, 100),
    st.sampled_from(["retried", "parked", "up", "stream retried", "stream up"]),
    st.floats(0, 100),
)


@given(st.lists(EVENTS, max_size=30))
def test_a_look_always_decides_and_notices_alternate(events: list[Step]) -> None:
    at, outage, kinds = 0.0, None, []
    for gap, what, ready_for in events:
        at += gap
        while outage is not None and next_look(outage) <= at:
            now = next_look(outage)
            outage, notice = judge(outage, now)
            kinds += [type(notice)] if notice else []
            assert next_look(outage) > now or next_look(outage) == math.inf
        outage = after(outage, what, at, ready_for)
    assert kinds[0::2] == [Broken] * len(kinds[0::2])
    assert kinds[1::2] == [Back] * len(kinds[1::2])
