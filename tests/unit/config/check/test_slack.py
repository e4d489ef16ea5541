"""What Slack's configuration must say."""

from collections.abc import Callable, Iterator

import pytest

from botkube.config.check.slack import check_slack
from botkube.config.problem import Finding
from botkube.config.schema.root import Config

Run = Callable[[Callable[[Config], Iterator[Finding]], str], list[tuple[str, str, str]]]

TOKENS = "botToken: xoxb-1, appToken: xapp-1"
CHANNELS = "channels: {a: {name: '#general'}}"
TRIGGER = "event: ChannelMessage, command: ai x, executors: [e], text: {include: [x]}"


def rows(run: Run, text: str) -> list[tuple[str, str, str]]:
    more = "executors: {e: {r/x: {enabled: true}}}"
    groups = f"communications: {{g: {{socketSlack: {{enabled: true, {text}}}}}}}"
    found = run(check_slack, f"{more}\n{groups}")
    start = "communications.g.socketSlack"
    return [(severity, path.removeprefix(start), told) for severity, path, told in found]


def triggered(text: str) -> str:
    return f"{TOKENS}, channels: {{a: {{name: x, messageTriggers: [{{{text}}}]}}}}"


def test_good_ones_pass(run: Run) -> None:
    assert rows(run, f"{TOKENS}, {CHANNELS}") == []
    assert rows(run, f"{TOKENS}, {CHANNELS}, apiURL: 'http://127.0.0.1:1/api'") == []
    assert rows(run, triggered(TRIGGER)) == []
    rotated = "botToken: xoxe.xoxb-1, appToken: xapp-1"
    assert rows(run, f"{rotated}, {CHANNELS}") == []


def test_one_app_in_two_groups_is_warned_of(run: Run) -> None:
    def found(second: str) -> list[tuple[str, str, str]]:
        slack = f"socketSlack: {{enabled: true, {CHANNELS}, botToken: xoxb-1, appToken:"
        return run(
            check_slack, f"communications: {{g: {{{slack} xapp-1}}}}, h: {{{slack} {second}}}}}}}"
        )

    assert found("xapp-2") == []
    text = 'is also that of the group "g": Slack gives what is said to only one of them'
    assert found("xapp-1") == [("warning", "communications.h.socketSlack.appToken", text)]


def test_a_disabled_one_may_be_anything(run: Run) -> None:
    assert run(check_slack, "communications: {g: {socketSlack: {channels: {}}}}") == []


@pytest.mark.parametrize(
    ("text", "row"),
    [
        (f"appToken: xapp-1, {CHANNELS}", ("error", ".botToken", "botToken is a required field")),
        (f"botToken: xoxb-1, {CHANNELS}", ("error", ".appToken", "appToken is a required field")),
        (
            f"botToken: xapp-1, appToken: xapp-1, {CHANNELS}",
            ("warning", ".botToken", "does not begin with xoxb-"),
        ),
        (f"{TOKENS}, {CHANNELS}, apiURL: slack", ("error", ".apiURL", "is no URL")),
        (
            f"{TOKENS}, {CHANNELS}, timeout: 0s",
            ("error", ".timeout", "must be longer than zero"),
        ),
        (TOKENS, ("error", ".channels", "channels is a required field")),
        (
            f"{TOKENS}, channels: {{a: {{name: ' #'}}}}",
            ("error", ".channels.a.name", "name is a required field"),
        ),
        (
            f"{TOKENS}, channels: {{a: {{name: x}}, b: {{name: '# x'}}}}",
            ("error", ".channels.b.name", 'is already the name of the channel "a"'),
        ),
        (
            triggered(TRIGGER.replace("ChannelMessage", "Other")),
            ("error", ".channels.a.messageTriggers[0].event", "is no event"),
        ),
        (
            triggered(TRIGGER.replace("ai x", "")),
            ("error", ".channels.a.messageTriggers[0].command", "command is a required field"),
        ),
        (
            triggered(TRIGGER.replace("[e]", "[f]")),
            ("error", ".channels.a.messageTriggers[0].executors", "is no executor group"),
        ),
        (
            triggered(TRIGGER.replace("[x]", "['(']")),
            (
                "error",
                ".channels.a.messageTriggers[0].text.include",
                "is no regular expression",
            ),
        ),
        (
            triggered(TRIGGER.replace("[x]", "[x], exclude: ['x(?=y)']")),
            (
                "error",
                ".channels.a.messageTriggers[0].text.exclude",
                "is no regular expression",
            ),
        ),
        (
            triggered(TRIGGER.replace("[x]", "[]")),
            (
                "warning",
                ".channels.a.messageTriggers[0].text.include",
                "is empty, so no message triggers it",
            ),
        ),
    ],
)
def test_what_is_wrong(run: Run, text: str, row: tuple[str, str, str]) -> None:
    assert rows(run, text) == [row]
