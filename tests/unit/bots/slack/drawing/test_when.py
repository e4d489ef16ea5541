"""A message's time, for readers in any zone."""

import pytest

from botkube.bots.slack.drawing.when import stamp
from botkube.model.message import ZERO_TIME, Message


@pytest.mark.parametrize(
    ("time", "shown"),
    [
        (ZERO_TIME, ""),
        (
            "2024-05-01T12:00:00.9+02:00",
            "<!date^1714557600^{date_num} {time_secs}|Wed, 01 May 2024 10:00:00 UTC>",
        ),
        ("2023-02-31T00:00:00Z", ""),
    ],
)
def test_a_time(time: str, shown: str) -> None:
    assert stamp(Message(timestamp=time)) == shown
