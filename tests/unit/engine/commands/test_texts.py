"""Texts and tables that users and scripts know, letter by letter."""

from botkube.engine.commands import texts
from botkube.model.message import plain_text
from tests.fakes.engine import channel_with, executor


def test_how_list_is_used() -> None:
    assert texts.usage("list") == (
        "{{BotName}} list [feature]\n"
        "\n"
        "Available features:\n"
        "action   |  actions   |  act\n"
        "executor |  executors |  exec\n"
        "source   |  sources   |  src\n"
        "alias    |  aliases   |  als\n"
        "command  |  commands  |  cmd"
    )


def test_how_enable_and_status_are_used() -> None:
    assert texts.usage("enable").splitlines()[3:] == [
        "action       |  actions       |  act",
        "notification |  notifications |  notif",
    ]
    assert texts.usage("status").splitlines()[3:] == [
        "sourcebinding |  sourcebindings |  sb",
        "notification  |  notifications  |  notif",
    ]


def test_how_a_verb_without_features_is_used() -> None:
    assert texts.usage("ping") == "{{BotName}} ping "


def test_every_verb_has_a_usage() -> None:
    for verb in texts.VERBS:
        assert texts.usage(verb).startswith(f"{{{{BotName}}}} {verb}")


def test_a_table() -> None:
    header = ("EXECUTOR", "ENABLED", "ALIASES", "RESTARTS", "STATUS", "LAST_RESTART")
    rows = [
        ("botkubeExtra/helm", "false", "", "11/10", "Deactivated", "2023-06-01T10:00:00Z"),
        ("botkube/kubectl", "true", "k, kc", "0/10", "Running", ""),
    ]
    assert texts.table(header, rows) == (
        "EXECUTOR          ENABLED ALIASES RESTARTS STATUS      LAST_RESTART\n"
        "botkube/kubectl   true    k, kc   0/10     Running\n"
        "botkubeExtra/helm false           11/10    Deactivated 2023-06-01T10:00:00Z"
    )


def test_a_column_is_five_wide_at_least() -> None:
    assert texts.table(("A", "B"), [("1", "2")]) == "A     B\n1     2"


def test_a_table_of_nothing_is_its_header() -> None:
    assert texts.table(("ALIAS", "COMMAND"), []) == "ALIAS COMMAND"


def test_help_names_what_the_channel_can_run() -> None:
    channel = channel_with(executor("echo"), executor("off", enabled=False), executor("echo"))
    message = texts.help_message(channel)
    headers = [section.header for section in message.sections]
    assert headers == [
        "🛠️ Basic commands",
        "📣 Notifications",
        "🔌 Executors of this channel",
        "🏁 Multi-cluster mode",
    ]
    assert message.sections[2].description.startswith("`{{BotName}} echo …`")
    assert "off" not in message.sections[2].description
    commands = [button.command for section in message.sections for button in section.buttons]
    assert commands[:6] == [
        "{{BotName}} ping",
        "{{BotName}} list sources",
        "{{BotName}} list executors",
        "{{BotName}} enable notifications",
        "{{BotName}} disable notifications",
        "{{BotName}} status notifications",
    ]
    assert "`{{BotName}} ping` - ping your cluster and check its status" in plain_text(message)


def test_help_of_a_channel_without_executors() -> None:
    message = texts.help_message(channel_with())
    assert all("Executors" not in section.header for section in message.sections)
