"""A mention counts at the start only, and only the bot's own."""

import pytest

from botkube.bots.slack.hearing.mention import behind_mention, command_in, mention_of


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("<@UBOT> ping", "ping"),
        ("<@UBOT>ping", "ping"),
        ("  <@UBOT|botkube>   get pods ", "get pods"),
        ("<@UBOT>", ""),
        ("<@UBOT> echo &lt;a&gt; “b”", 'echo <a> "b"'),
        ("<@UBOT>\nkubectl get\npods", "kubectl get\npods"),
        ("hi <@UBOT> ping", None),
        ("<@UBOTX> ping", None),
        ("<@ubot> ping", None),
        ("@UBOT ping", None),
        ("&lt;@UBOT&gt; ping", None),
        ("", None),
    ],
)
def test_a_command(text: str, command: str | None) -> None:
    assert command_in(text, "UBOT") == command


def test_a_mention_is_read_back() -> None:
    assert command_in(f"{mention_of('U1')} x", "U1") == "x"


def test_the_command_of_an_element_stays_as_it_is() -> None:
    assert behind_mention("<@U1> echo “&lt;” ", "U1") == "echo “&lt;”"
    assert behind_mention("echo", "U1") is None
