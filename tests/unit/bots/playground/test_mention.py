"""Whether a text speaks to the bot."""

import pytest

from botkube.bots.playground.mention import command_in


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("@Botkube ping", "ping"),
        ("@botkube ping", "ping"),
        ("  @BOTKUBE\n ping\n", "ping"),
        ("@Botkube", ""),
        ("@Botkube  ", ""),
        ("@Botkube: ping", ": ping"),
        ("@Botkube\u00a0ping", "ping"),
        ("@Botkube @Botkube ping", "@Botkube ping"),
        ("@Botkubes ping", None),
        ("@Botkube_x ping", None),
        ("hey @Botkube ping", None),
        ("Botkube ping", None),
        ("ping", None),
        ("", None),
    ],
)
def test_what_is_said_to_the_bot(text: str, command: str | None) -> None:
    assert command_in(text) == command
