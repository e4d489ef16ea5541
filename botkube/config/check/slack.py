"""Rules on `socketSlack`: its tokens, where Slack is, its channels, and what plain messages trigger."""

from collections.abc import Iterator, Sequence

from botkube.config.check.sinks import check_reached, url_parts
from botkube.config.problem import Finding, Path, error, warning
from botkube.config.schema.channels import MessageTrigger, TriggerChannel
from botkube.config.schema.platforms import SocketSlack
from botkube.config.schema.root import Config
from botkube.config.suggest import write_name
from botkube.model.pattern import wrong
from botkube.model.slackname import slack_name

MESSAGE = "ChannelMessage"
_TOKENS = {"botToken": ("xoxb-", "xoxe.xoxb-"), "appToken": ("xapp-",)}


def check_slack(config: Config) -> Iterator[Finding]:
    """Check the Slack of every group that has it enabled."""
    apps: dict[str, str] = {}
    for group, communications in config.communications.items():
        slack = communications.socket_slack
        if slack.enabled:
            path = ("communications", group, "socketSlack")
            yield from check_reached(slack, path)
            yield from _tokens(slack, path)
            yield from _app(slack, path, apps.setdefault(slack.app_token.reveal().strip(), group))
            if url_parts(slack.api_url, "http", "https") is None:
                fix = "leave it out, or write a URL that begins with https:// or http://"
                yield error((*path, "apiURL"), "is no URL", fix)
            yield from _channels(config, slack, (*path, "channels"))


def _tokens(slack: SocketSlack, path: Path) -> Iterator[Finding]:
    given = {"botToken": slack.bot_token.reveal(), "appToken": slack.app_token.reveal()}
    for key, token in given.items():
        starts = _TOKENS[key]
        fix = f"copy the token that begins with {starts[0]} from the app at api.slack.com/apps"
        if not token.strip():
            yield error((*path, key), f"{key} is a required field", fix)
        elif not token.strip().startswith(starts):
            yield warning((*path, key), f"does not begin with {starts[0]}", fix)


def _app(slack: SocketSlack, path: Path, first: str) -> Iterator[Finding]:
    if slack.app_token.reveal().strip() and path[1] != first:
        text = f'is also that of the group "{first}": Slack gives what is said to only one of them'
        fix = f'move these channels to the group "{first}", or give each group an app of its own'
        yield warning((*path, "appToken"), text, fix)


def _channels(config: Config, slack: SocketSlack, path: Path) -> Iterator[Finding]:
    if not slack.channels:
        fix = "add a channel, for example channels: {default: {name: general}}"
        yield error(path, "channels is a required field", fix)
    names: dict[str, str] = {}
    for alias, channel in slack.channels.items():
        name = slack_name(channel.name)
        place = (*path, alias, "name")
        if not name:
            yield error(
                place, "name is a required field", write_name(slack_name(alias) or "general")
            )
        elif name in names:
            text = f'is already the name of the channel "{names[name]}"'
            yield error(place, text, "give each channel its own name", channel.name)
        names.setdefault(name, alias)
        yield from _triggers(config, channel, (*path, alias, "messageTriggers"))


def _triggers(config: Config, channel: TriggerChannel, path: Path) -> Iterator[Finding]:
    for number, trigger in enumerate(channel.message_triggers):
        here = (*path, f"[{number}]")
        yield from _trigger(trigger, here)
        for name in trigger.executors:
            if name not in config.executors:
                fix = f"name one of {', '.join(config.executors) or 'the executors, once there are some'}"
                yield error((*here, "executors"), "is no executor group", fix, name)


def _trigger(trigger: MessageTrigger, path: Path) -> Iterator[Finding]:
    if trigger.event != MESSAGE:
        yield error((*path, "event"), "is no event", f"write event: {MESSAGE}", trigger.event)
    if not trigger.command.strip():
        fix = "write the command to run, for example ai explain"
        yield error((*path, "command"), "command is a required field", fix)
    if not trigger.text.include:
        fix = "write the patterns of the messages: text: {include: [..]}"
        yield warning((*path, "text", "include"), "is empty, so no message triggers it", fix)
    for key in ("include", "exclude"):
        patterns: Sequence[str] = getattr(trigger.text, key)
        yield from (
            error((*path, "text", key), "is no regular expression", f"put it right: {why}", pattern)
            for pattern in patterns
            if (why := wrong(pattern))
        )
