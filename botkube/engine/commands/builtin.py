"""The commands the program itself knows. Each is a function of the parsed command and the channel."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Final, TypeAlias

import msgspec

from botkube.engine.commands import texts
from botkube.engine.commands.desk import Desk
from botkube.engine.commands.output import filterable
from botkube.engine.commands.parse import Parsed
from botkube.model.command import Outcome, Reply
from botkube.model.message import Body, ContextItem, Message, MessageType, Section
from botkube.model.replies import code, plain
from botkube.model.routes import Binding, Channel


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """One built-in command: verb, the feature's first name, and the rest of the words."""

    verb: str
    parsed: Parsed
    channel: Channel
    description: str


Look: TypeAlias = Callable[[Request, Desk], Reply]  # changes nothing
Change: TypeAlias = Callable[[Request, Desk], Awaitable[Reply]]


async def run_builtin(request: Request, desk: Desk) -> Reply:
    """Answer a built-in command; a wrong one is answered with how to use it."""
    words = [*request.parsed.words[1:2], ""]
    feature = words[0].lower()
    names = next((names for names in texts.VERBS[request.verb] if feature in names), None)
    if names is None:
        text = f"error: unknown option `{feature}`\nusage: {texts.usage(request.verb)}"
        return code(text, request.description, Outcome.FAILED)
    key = (request.verb, names[0])
    if key in _LOOKS:
        return _LOOKS[key](request, desk)
    if key not in _CHANGES:
        command = " ".join(request.parsed.words[:2])
        text = texts.ABSENT.format(command=command)
        return code(text, request.description, Outcome.REFUSED)
    return await _CHANGES[key](request, desk)


def _ping(request: Request, desk: Desk) -> Reply:
    return code(f"pong\n\n{desk.versions}", request.description)


def _version(request: Request, desk: Desk) -> Reply:
    return code(desk.versions, request.description)


def _help(request: Request, _desk: Desk) -> Reply:
    return Reply(message=texts.help_message(request.channel))


def _list_actions(request: Request, desk: Desk) -> Reply:
    rows = [
        (name, f"{str(action.enabled).lower()} ", action.display_name)
        for name, action in desk.routes.actions.items()
    ]
    return _table(request, ("ACTION", "ENABLED ", "DISPLAY NAME"), rows)


def _list_executors(request: Request, desk: Desk) -> Reply:
    aliases = desk.routes.aliases
    rows: list[tuple[str, ...]] = []
    for binding in _by_key(request.channel.executors):
        names = sorted(n for n, alias in aliases.items() if alias.command == binding.key.name)
        rows.append(_plugin_row(binding, desk, ", ".join(names)))
    header = ("EXECUTOR", "ENABLED", "ALIASES", "RESTARTS", "STATUS", "LAST_RESTART")
    return _table(request, header, rows, _reasons(_by_key(request.channel.executors), desk))


def _list_sources(request: Request, desk: Desk) -> Reply:
    rows = [_plugin_row(binding, desk) for binding in _by_key(request.channel.sources)]
    header = ("SOURCE", "ENABLED", "RESTARTS", "STATUS", "LAST_RESTART")
    return _table(request, header, rows, _reasons(_by_key(request.channel.sources), desk))


def _reasons(bindings: Sequence[Binding], desk: Desk) -> str:
    """Why plugins are not running, below the table."""
    states = [(binding, desk.plugin_status(binding)) for binding in bindings if binding.enabled]
    lines = [f"{b.key}: {' '.join(s.reason.split())}" for b, s in states if s.reason]
    return "\n\n" + "\n".join(lines) if lines else ""


def _by_key(bindings: tuple[Binding, ...]) -> list[Binding]:
    """One binding for each plugin: an enabled one when any group enables it."""
    found: dict[str, Binding] = {}
    for binding in bindings:
        earlier = found.get(str(binding.key))
        if earlier is None or binding.enabled:
            found[str(binding.key)] = binding
    return list(found.values())


def _plugin_row(binding: Binding, desk: Desk, *between: str) -> tuple[str, ...]:
    status = desk.plugin_status(binding)
    return (
        str(binding.key),
        str(binding.enabled).lower(),
        *between,
        f"{status.restarts}/{status.threshold}",
        status.status,
        status.last_restart,
    )


def _list_aliases(request: Request, desk: Desk) -> Reply:
    known = {item.key.name for item in request.channel.executors if item.enabled} | set(texts.VERBS)
    rows = [
        (name, alias.command, alias.display_name)
        for name, alias in desk.routes.aliases.items()
        if alias.command.split()[0] in known
    ]
    if not rows:
        return plain(texts.NO_ALIASES, request.description)
    body = Body(code_block=texts.table(("ALIAS", "COMMAND", "DISPLAY NAME"), rows))
    context = Section(context=(ContextItem(text=texts.ALIASES_CONTEXT),))
    return Reply(
        message=Message(base_body=body, sections=(context,)), description=request.description
    )


def _table(
    request: Request, header: tuple[str, ...], rows: Sequence[tuple[str, ...]], below: str = ""
) -> Reply:
    body = Body(code_block=texts.table(header, rows) + below)
    message = Message(type=MessageType.BASE_BODY_WITH_FILTER, base_body=body)
    return filterable(message, request.parsed, request.description)


async def _switch(request: Request, desk: Desk) -> Reply:
    await desk.switches.switch(request.channel, muted=request.verb == "disable")
    text = texts.NOTIFY[request.verb].format(cluster=desk.routes.cluster)
    return code(text, request.description)


def _status(request: Request, desk: Desk) -> Reply:
    state = "disabled" if desk.switches.muted(request.channel) else "enabled"
    text = texts.NOTIFY["status"].format(cluster=desk.routes.cluster, state=state)
    if len(request.parsed.words) == 1:
        text = f"{text}\n\n{texts.usage('status')}"
    return code(text, request.description)


_LOOKS: Final[dict[tuple[str, str], Look]] = {
    ("ping", ""): _ping,
    ("version", ""): _version,
    ("help", ""): _help,
    ("list", "action"): _list_actions,
    ("list", "executor"): _list_executors,
    ("list", "source"): _list_sources,
    ("list", "alias"): _list_aliases,
    ("status", "notification"): _status,
}
_CHANGES: Final[dict[tuple[str, str], Change]] = {
    ("enable", "notification"): _switch,
    ("disable", "notification"): _switch,
}
