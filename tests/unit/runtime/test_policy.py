"""Restart decisions: pure, so tables and properties."""

import math
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from botkube.runtime.policy import (
    Backoff,
    Decision,
    Failure,
    Fatal,
    GiveUp,
    History,
    Policy,
    Restart,
    after_parking,
    decide,
    describe,
    is_fatal,
    parked_wait,
    renewed,
)

PLAIN = Backoff(1.0, 8.0, jitter=0.0)


def failure(at: float = 0.0, *, fatal: bool = False, ready_for: float = 0.0) -> Failure:
    return Failure(reason="it broke", fatal=fatal, at=at, ready_for=ready_for)


def decisions(policy: Policy, times: list[float]) -> list[Decision]:
    history, made = History(), []
    for at in times:
        decision, history = decide(policy, history, failure(at), Random(1))
        made.append(decision)
    return made


def test_backoff_doubles_up_to_its_maximum() -> None:
    waits = [PLAIN.delay(attempt, Random(1)) for attempt in range(6)]
    assert waits == [1, 2, 4, 8, 8, 8]


@given(st.integers(0, 10**9), st.integers(), st.floats(0, 100), st.floats(0, 1000), st.floats(0, 1))
def test_backoff_stays_within_its_bounds(
    attempt: int, seed: int, first: float, maximum: float, jitter: float
) -> None:
    delay = Backoff(first, maximum, jitter=jitter).delay(attempt, Random(seed))
    assert 0 <= delay <= maximum


def test_jitter_spreads_and_only_shortens() -> None:
    random = Random(7)
    waits = {Backoff(1.0, 8.0).delay(9, random) for _ in range(50)}
    assert len(waits) == 50
    assert min(waits) >= 8 * 0.8
    assert max(waits) <= 8


def test_gives_up_after_max_restarts_within_the_period() -> None:
    policy = Policy(max_restarts=2, period=10, backoff=PLAIN)
    assert decisions(policy, [0, 1, 2]) == [Restart(1), Restart(2), GiveUp(escalate=False)]


def test_restarts_older_than_the_period_do_not_count() -> None:
    policy = Policy(max_restarts=2, period=10, backoff=PLAIN)
    assert GiveUp(escalate=False) not in decisions(policy, [0, 1, 10, 11, 20, 21])


def test_an_infinite_period_counts_for_life() -> None:
    policy = Policy(max_restarts=2, period=math.inf, backoff=PLAIN)
    assert decisions(policy, [0, 1e6, 1e9])[-1] == GiveUp(escalate=False)


def test_no_restarts_allowed_means_the_first_failure_is_the_last() -> None:
    assert decisions(Policy(max_restarts=0), [0]) == [GiveUp(escalate=False)]


@pytest.mark.parametrize(
    ("policy", "history", "broken"),
    [
        (Policy(max_restarts=0), History(), failure()),
        (Policy(give_up="escalate"), History(), failure(fatal=True)),
        (Policy(give_up="escalate", restart="temporary"), History(), failure()),
        (Policy(), History(probation=True), failure()),
    ],
    ids=["window", "fatal", "temporary", "probation"],
)
def test_parks_without_another_restart(policy: Policy, history: History, broken: Failure) -> None:
    decision, _ = decide(policy, history, broken, Random(1))
    assert decision == GiveUp(escalate=False)


def test_escalates_when_told_to() -> None:
    policy = Policy(max_restarts=1, give_up="escalate", backoff=PLAIN)
    assert decisions(policy, [0, 1]) == [Restart(1), GiveUp(escalate=True)]


def test_a_stable_run_forgives_the_backoff_and_the_probation_but_not_the_window() -> None:
    before = History(restarts=(1.0, 2.0), in_a_row=7, total=7, probation=True)
    policy = Policy(max_restarts=5, backoff=PLAIN)
    decision, after = decide(policy, before, failure(20, ready_for=8.1), Random(1))
    assert decision == Restart(1.0)
    assert after == History(restarts=(1.0, 2.0, 20.0), in_a_row=1, total=8)


def test_a_short_run_forgives_nothing() -> None:
    policy = Policy(backoff=PLAIN)
    decision, _ = decide(policy, History(in_a_row=2), failure(ready_for=7.9), Random(1))
    assert decision == Restart(4.0)


def test_out_of_parking_by_time_is_one_attempt_and_by_request_a_clean_slate() -> None:
    history = History(restarts=(1.0,), in_a_row=1, total=1)
    assert after_parking(history).probation
    assert renewed(history, counted=False) == History(total=2)
    assert renewed(history, counted=True) == History(total=1)


@pytest.mark.parametrize(
    ("policy", "wait"),
    [
        (Policy(parked_retry=5), 5),
        (Policy(parked_retry=None), math.inf),
        (Policy(parked_retry=5, restart="temporary"), math.inf),
    ],
)
def test_parked_wait(policy: Policy, wait: float) -> None:
    assert parked_wait(policy) == wait


@given(st.lists(st.floats(0, 100), max_size=60), st.integers(0, 5), st.floats(0.1, 50))
def test_never_more_restarts_within_any_period_than_allowed(
    gaps: list[float], allowed: int, period: float
) -> None:
    policy = Policy(max_restarts=allowed, period=period)
    at, history = 0.0, History()
    for gap in gaps:
        at += gap
        _, history = decide(policy, history, failure(at), Random(1))
        assert len(history.restarts) <= allowed
        assert all(at - then < period or then == at for then in history.restarts)


def test_fatal_is_found_at_any_depth() -> None:
    deep = ExceptionGroup("a", [ValueError(), ExceptionGroup("b", [Fatal("bad token")])])
    assert is_fatal(deep)
    assert is_fatal(Fatal())
    assert not is_fatal(ExceptionGroup("a", [ValueError()]))


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (ValueError("no\n  such   thing"), "no such thing"),
        (ValueError(), "ValueError"),
        (KeyError("x"), "KeyError: 'x'"),
        (
            ExceptionGroup("g", [OSError("a"), ExceptionGroup("h", [OSError("b"), OSError("a")])]),
            "a; b",
        ),
    ],
)
def test_describe_is_one_line(error: Exception, line: str) -> None:
    assert describe(error) == line


def test_describe_is_bounded() -> None:
    assert len(describe(ValueError("x" * 10_000))) == 500
