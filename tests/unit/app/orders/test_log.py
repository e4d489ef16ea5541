"""How orders over the API are told in the log."""

import logging

import pytest

from botkube.app.orders.log import logged
from botkube.app.orders.steps import Step


def test_each_end_is_a_line_and_what_has_none_was_given_up(
    caplog: pytest.LogCaptureFixture,
) -> None:
    shown: list[Step] = []
    steps = [
        Step(plugin="executor r/p", stage="downloading"),
        Step(plugin="executor r/q", stage="index"),
        Step(plugin="executor r/p", stage="failed", text="no server"),
    ]
    with caplog.at_level(logging.INFO), logged("update", shown.append) as tell:
        for step in steps:
            tell(step)
    assert shown == steps
    assert [(record.levelname, record.getMessage()) for record in caplog.records] == [
        ("WARNING", "ordered over the API: update executor r/p: failed: no server"),
        (
            "INFO",
            "ordered over the API: update executor r/q: given up, nobody waits for it any more",
        ),
    ]
