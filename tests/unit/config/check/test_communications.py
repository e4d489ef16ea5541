"""Rules on communications."""

from collections.abc import Callable, Iterator

import pytest

from botkube.config.check.communications import check_communications
from botkube.config.problem import Finding
from botkube.config.schema.root import Config

Run = Callable[[Callable[[Config], Iterator[Finding]], str], list[tuple[str, str, str]]]


CHANNELS = "communications.g.playground.channels"


@pytest.mark.parametrize("text", ["{}", "communications: {}", "communications: null"])
def test_a_group_is_required(run: Run, text: str) -> None:
    assert run(check_communications, text) == [
        ("error", "communications", "communications must contain at least 1 item")
    ]


def test_a_group_may_be_empty_but_reaches_nobody(run: Run) -> None:
    assert run(check_communications, "communications: {g: {}}") == [
        ("warning", "communications", "no platform is enabled, so nobody can be reached")
    ]


@pytest.mark.parametrize(
    ("channels", "rows"),
    [
        ("{a: {name: a}, b: {name: b}}", []),
        ("null", [("error", CHANNELS, "channels is a required field")]),
        ("{}", [("error", CHANNELS, "channels is a required field")]),
        ("{a: {}}", [("error", f"{CHANNELS}.a.name", "name is a required field")]),
        ("{a: {name: ' '}}", [("error", f"{CHANNELS}.a.name", "name is a required field")]),
        (
            "{a: {name: x}, b: {name: x}}",
            [("error", f"{CHANNELS}.b.name", 'is already the name of the channel "a"')],
        ),
    ],
)
def test_channels_of_the_playground(run: Run, channels: str, rows: list[object]) -> None:
    text = f"communications: {{g: {{playground: {{enabled: true, channels: {channels}}}}}}}"
    assert run(check_communications, text) == rows


def test_names_are_unique_over_groups(run: Run) -> None:
    part = "{playground: {enabled: true, channels: {a: {name: x}}}}"
    rows = run(check_communications, f"communications: {{g: {part}, h: {part}}}")
    assert [row[1] for row in rows] == ["communications.h.playground.channels.a.name"]


def test_a_disabled_playground_needs_nothing(run: Run) -> None:
    text = "communications: {g: {playground: {channels: {a: {}}}, discord: {enabled: true}}}"
    assert run(check_communications, text) == []
