"""Wall time and the age of the process."""

import time

import pytest

from botkube.runtime.clock import process_age, rfc3339, wall


@pytest.mark.parametrize(
    ("moment", "text"),
    [(0.0, "1970-01-01T00:00:00.000Z"), (1795382580.25, "2026-11-22T21:23:00.250Z")],
)
def test_rfc3339(moment: float, text: str) -> None:
    assert rfc3339(moment) == text


def test_wall_time_is_the_systems() -> None:
    assert abs(wall() - time.clock_gettime(time.CLOCK_REALTIME)) < 5


def test_the_age_of_this_process_grows() -> None:
    young = process_age()
    assert 0 < young <= process_age() < 24 * 3600
