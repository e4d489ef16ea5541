"""The commands the program itself knows. Each is a function of the parsed command and the channel."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Final, TypeAlias

import msgspec

from botkube.engine.commands import texts
from botkube.engine.commands.desk import Desk
from botkube.engine.commands.output import filterable
from botkube.engine.commands.parse import Parsed
from botkube.engine.commands.plugins import find_plugin, listed, reasons
from botkube.model.command import Outcome, Reply, User
from botkube.model.message import Body, ContextItem, Message, MessageType, Section
from botkube.model.replies import code, plain
from botkube.model.routes import Channel
from botkube.runtime.policy import StateName


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """One built-in command: verb, the feature's first name, and the rest of the words."""

    verb: str
    parsed: Parsed
    channel: Channel
    description: str
    user: User


Look: TypeAlias = Callable[[Request, Desk], Reply]  # answers at once, stores nothing
Change: TypeAlias = Callable[[Request, Desk], Awaitable[Reply]]


async def run_builtin(request: Request, desk: Desk) -> Reply:
    """Answer a built-in command; a wrong one is answered with how to use it."""
    words = [*request.parsed.words[1:2], ""]
    feature = words[0].lower()
    free = request.verb in texts.FREE
    names = next((n for n in texts.VERBS[request.verb] if free or feature in n), None)
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
    for item in listed(request.channel.executors, desk.plugin_status):
        name = item.binding.key.name
        rows.append(item.row(", ".join(sorted(n for n, a in aliases.items() if a.command == name))))
    header = ("EXECUTOR", "ENABLED", "ALIASES", "RESTARTS", "STATUS", "LAST_RESTART")
    return _table(request, header, rows, reasons(request.channel.executors, desk.plugin_status))


def _list_sources(request: Request, desk: Desk) -> Reply:
    rows = [item.row() for item in listed(request.channel.sources, desk.plugin_status)]
    header = ("SOURCE", "ENABLED", "RESTARTS", "STATUS", "LAST_RESTART")
    return _table(request, header, rows, reasons(request.channel.sources, desk.plugin_status))


def _restart(request: Request, desk: Desk) -> Reply:
    """Restart a plugin of this channel, or try it again at once; commands that run in it are ended."""
    found = find_plugin(request.channel, " ".join(request.parsed.words[1:]))
    if isinstance(found, str):
        return plain(found, request.description, Outcome.FAILED)
    reason = desk.plugin_status(found).reason
    before = desk.restart_plugin(found.key)
    text = texts.RESTART[before].format(name=found.key, reason=reason or "no reason is known")
    ended = desk.running.in_plugin(found.key) if before == "ready" else []
    for run in ended:
        run.cancel(request.user, restart=True)
    if ended:
        text = f"{text} {texts.ENDED.format(number=len(ended))}"
    return plain(text, request.description, _RESTARTED.get(before, Outcome.OK))


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


def _list_commands(request: Request, desk: Desk) -> Reply:
    runs = desk.running.in_channel(request.channel)
    if not runs:
        return plain(texts.NOTHING_RUNS, request.description)
    now = desk.running.now()
    rows = [
        (
            run.id,
            " ".join(run.call.command.split())[:60],
            run.call.incoming.user.name,
            str(run.call.key),
            f"{now - run.began:.0f} s",
        )
        for run in runs
    ]
    return _table(request, ("ID", "COMMAND", "USER", "PLUGIN", "FOR"), rows)


def _cancel(request: Request, desk: Desk) -> Reply:
    """End a command of this channel: the one named, else the newest of whoever asks."""
    runs = desk.running.in_channel(request.channel)
    wanted = [*request.parsed.words[1:2], ""][0]
    mine = [run for run in runs if run.call.incoming.user.name == request.user.name]
    found = [run for run in runs if run.id == wanted] if wanted else mine[-1:]
    if not found:
        ids = ", ".join(f"{run.id} ({run.call.command.split()[0]})" for run in runs)
        text = texts.NOT_RUNNING.format(
            wanted=f"No command {wanted}" if wanted else "No command of yours",
            running=ids or "nothing",
        )
        return code(text, request.description, Outcome.FAILED)
    found[0].cancel(request.user)
    shown = " ".join(found[0].call.command.split())
    return plain(texts.CANCELLING.format(command=shown), request.description)


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


_RESTARTED: Final[Mapping[StateName, Outcome]] = {"stopping": Outcome.REFUSED}
_LOOKS: Final[dict[tuple[str, str], Look]] = {
    ("ping", ""): _ping,
    ("version", ""): _version,
    ("help", ""): _help,
    ("list", "action"): _list_actions,
    ("list", "executor"): _list_executors,
    ("list", "source"): _list_sources,
    ("list", "alias"): _list_aliases,
    ("list", "command"): _list_commands,
    ("cancel", ""): _cancel,
    ("restart", ""): _restart,
    ("status", "notification"): _status,
}
_CHANGES: Final[dict[tuple[str, str], Change]] = {
    ("enable", "notification"): _switch,
    ("disable", "notification"): _switch,
}
