"""Which plugin of a channel a user means, and how plugins are listed."""

import pytest
from msgspec.structs import replace

from botkube.engine.commands.plugins import find_plugin, listed, reasons
from botkube.model.call import PluginStatus
from botkube.model.plugin import parse_plugin_key
from botkube.model.routes import Binding
from tests.fakes.engine import channel_with, executor, source

OTHER = replace(executor("other"), key=parse_plugin_key("executor", "more/other@v1"))
CHANNEL = channel_with(
    executor("kubectl"),
    executor("kubectl", group="again"),
    executor("off", enabled=False),
    executor("events"),
    OTHER,
    sources=(source("events"),),
)


@pytest.mark.parametrize(
    ("wanted", "kind", "key"),
    [
        ("kubectl", "executor", "repo/kubectl"),
        ("repo/kubectl", "executor", "repo/kubectl"),
        ("executor/repo/kubectl", "executor", "repo/kubectl"),
        ("other", "executor", "more/other@v1"),
        ("more/other@v1", "executor", "more/other@v1"),
        ("source/repo/events", "source", "repo/events"),
    ],
)
def test_a_plugin_is_found_by_key_or_name(wanted: str, kind: str, key: str) -> None:
    found = find_plugin(CHANNEL, wanted)
    assert isinstance(found, Binding)
    assert (found.key.kind, str(found.key)) == (kind, key)


ALL = "executor/repo/events, more/other@v1, repo/kubectl, source/repo/events"


@pytest.mark.parametrize(
    ("wanted", "sentence"),
    [
        ("", f"Say which plugin of this channel: {ALL}."),
        ("off", f"No plugin `off` is bound to this channel. There are: {ALL}."),
        ("kubectl x", f"No plugin `kubectl x` is bound to this channel. There are: {ALL}."),
        (
            "events",
            "`events` is more than one plugin of this channel. Say which: executor/repo/events, source/repo/events.",
        ),
    ],
)
def test_what_is_not_one_plugin_is_answered_with_those_there_are(
    wanted: str, sentence: str
) -> None:
    assert find_plugin(CHANNEL, wanted) == sentence


def test_a_channel_without_plugins() -> None:
    assert find_plugin(channel_with(), "x") == "No plugin is bound to this channel."


def test_the_group_that_does_not_work_speaks_for_a_plugin() -> None:
    bindings = [source("s", group="fine"), source("s", group="bad"), source("s", group="fine")]
    read = {
        "fine": PluginStatus(status="Running", restarts=1),
        "bad": PluginStatus(status="Starting", reason="the stream of bad\n is not open"),
    }
    [item] = listed(bindings, lambda binding: read[binding.group])
    assert item.row("x") == ("repo/s", "true", "x", "0/10", "Starting", "")
    below = reasons(bindings * 2, lambda binding: read[binding.group])
    assert below == "\n\nrepo/s: the stream of bad is not open"


def test_when_a_plugin_that_was_given_up_is_tried_again() -> None:
    status = PluginStatus(status="Deactivated", reason="it is not there", retry_in=290)
    assert reasons([source("s")], lambda _: status) == (
        "\n\nrepo/s: it is not there (tried again in 4 m 50 s)"
    )


def test_disabled_plugins_have_no_reasons() -> None:
    off = source("s", enabled=False)
    assert reasons([off], lambda _: PluginStatus(reason="x")) == ""
    assert [item.binding.enabled for item in listed([off], lambda _: PluginStatus())] == [False]
