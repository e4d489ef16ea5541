"""The words of the built-in commands. Users and scripts know many of them: change with care."""

from collections.abc import Mapping, Sequence
from typing import Final

from botkube.model.message import BOT_NAME, Body, Button, Message, Section
from botkube.model.routes import Channel
from botkube.runtime.policy import StateName

UNREADABLE: Final = "cannot parse command. Please use 'help' to see supported commands."
UNSUPPORTED: Final = "Command not supported. Please use 'help' to see supported commands."
ABSENT: Final = "`{command}` is not available in this version."
NO_ALIASES: Final = "No aliases found for current conversation."
ALIASES_CONTEXT: Final = "Only showing aliases for executors enabled for this channel."
STOPPING: Final = "`{command}` was interrupted: Botkube is stopping."
TIMEOUT: Final = "`{command}` took longer than {limit} and was cancelled."
CANCELLED: Final = "`{command}` was cancelled by {user} after {seconds} s."
CANCELLING: Final = "Cancelling `{command}`."
NOT_RUNNING: Final = "{wanted} runs in this channel. Running here: {running}."
NOTHING_RUNS: Final = "No command runs in this channel."
ENDED_BY_RESTART: Final = (
    "`{command}` was ended after {seconds} s: the {plugin} plugin was restarted by {user}."
)
NO_PLUGIN: Final = "No plugin is bound to this channel."
WHICH_PLUGIN: Final = "Say which plugin of this channel: {names}."
UNKNOWN_PLUGIN: Final = "No plugin `{wanted}` is bound to this channel. There are: {names}."
SEVERAL_PLUGINS: Final = "`{wanted}` is more than one plugin of this channel. Say which: {names}."
RESTART: Final[Mapping[StateName, str]] = {
    "ready": "Restarting the `{name}` plugin.",
    "starting": "Starting the `{name}` plugin anew.",
    "retrying": "Trying the `{name}` plugin again now. It had failed: {reason}",
    "parked": "Trying the `{name}` plugin again. It had been given up: {reason}",
    "stopping": "The `{name}` plugin is not restarted: Botkube is stopping.",
}
ENDED: Final = "Commands that ran in it were ended: {number}."
INTERNAL: Final = (
    "Sorry, an internal error occurred while executing your command for the '{cluster}' cluster :( "
    "See the logs for more details (correlation id {correlation})."
)
FAILED: Final = "{reason} (correlation id {correlation})."
DISABLED: Final = (
    "`{word}` commands are disabled for this channel. "
    "To learn how to enable {name} executor, see docs/configuration.md, section Executors."
)
NOTIFY: Final = {
    "enable": "Brace yourselves, incoming notifications from cluster '{cluster}'.",
    "disable": "Sure! I won't send you notifications from cluster '{cluster}' here.",
    "status": "Notifications from cluster '{cluster}' are {state} here.",
}

FREE: Final = frozenset({"cancel", "restart"})  # verbs followed by something that is no feature
# verb → its features, each as the words that name it. "" alone: the verb takes no feature.
VERBS: Final[dict[str, tuple[tuple[str, ...], ...]]] = {
    "ping": (("",),),
    "help": (("",),),
    "version": (("",),),
    "feedback": (("",),),
    "list": (
        ("action", "actions", "act"),
        ("executor", "executors", "exec"),
        ("source", "sources", "src"),
        ("alias", "aliases", "als"),
        ("command", "commands", "cmd"),
    ),
    "cancel": (("",),),
    "restart": (("",),),
    "enable": (("action", "actions", "act"), ("notification", "notifications", "notif", "")),
    "disable": (("action", "actions", "act"), ("notification", "notifications", "notif", "")),
    "edit": (("sourcebinding", "sourcebindings", "sb"),),
    "status": (
        ("sourcebinding", "sourcebindings", "sb"),
        ("notification", "notifications", "notif", ""),
    ),
    "show": (("config", "cfg", "configuration"),),
}


def usage(verb: str) -> str:
    """How a verb is used, as its error answer shows it."""
    features = [[word for word in names if word] for names in VERBS[verb]]
    if not any(features):
        return f"{BOT_NAME} {verb} "
    widths = [
        max(len(names[column]) if column < len(names) else 0 for names in features)
        for column in range(max(map(len, features)))
    ]
    lines = [
        " |  ".join(word.ljust(width) for word, width in zip(names, widths, strict=False)).rstrip()
        for names in features
    ]
    return f"{BOT_NAME} {verb} [feature]\n\nAvailable features:\n" + "\n".join(lines)


def table(header: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    """Left-aligned columns at least five wide, one blank apart, rows sorted by the first."""
    lines = [header, *sorted(rows)]
    widths = [max(5, *(len(line[column]) for line in lines)) for column in range(len(header))]
    return "\n".join(
        " ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )


def _button(name: str, command: str) -> Button:
    return Button(name=name, command=f"{BOT_NAME} {command}", description=f"{BOT_NAME} {command}")


def help_message(channel: Channel) -> Message:
    """The help for a channel."""
    basic = Section(
        header="🛠️ Basic commands",
        description=(
            f"`{BOT_NAME} ping` - ping your cluster and check its status\n"
            f"`{BOT_NAME} list [source|executor|action|alias]` - list available plugins and features\n"
            f"`{BOT_NAME} list commands`, `{BOT_NAME} cancel [id]` - see what runs here, and stop it\n"
            f"`{BOT_NAME} restart [plugin]` - restart a plugin, or try one again that was given up"
        ),
        buttons=(
            _button("Ping cluster", "ping"),
            _button("List source plugins", "list sources"),
            _button("List executor plugins", "list executors"),
        ),
    )
    notify = Section(
        header="📣 Notifications",
        description=(
            f"`{BOT_NAME} [enable|disable|status] notifications`"
            " - set or query your notification status"
        ),
        buttons=(
            _button("Enable", "enable notifications"),
            _button("Disable", "disable notifications"),
            _button("Get status", "status notifications"),
        ),
    )
    return Message(sections=(basic, notify, *_plugin_sections(channel), _multi_cluster()))


def _plugin_sections(channel: Channel) -> tuple[Section, ...]:
    names = sorted({item.key.name for item in channel.executors if item.enabled})
    if not names:
        return ()
    return (
        Section(
            header="🔌 Executors of this channel",
            description="\n".join(
                f"`{BOT_NAME} {name} …` or `{BOT_NAME} {name} help`" for name in names
            ),
        ),
    )


def _multi_cluster() -> Section:
    return Section(
        header="🏁 Multi-cluster mode",
        description="If several instances share this channel, name the one you mean:",
        body=Body(code_block="--cluster-name=<cluster>"),
    )
