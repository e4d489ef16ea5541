"""Decides what a command is and gets its answer: plugin, built-in, or a refusal that says why."""

import logging
import secrets
from collections.abc import Awaitable, Callable
from typing import Final, NamedTuple, TypeAlias

import trio

from botkube.engine.commands import texts
from botkube.engine.commands.builtin import Request, run_builtin
from botkube.engine.commands.desk import Desk
from botkube.engine.commands.live import Live
from botkube.engine.commands.output import describe, filterable, present
from botkube.engine.commands.parse import Parsed, UnreadableCommand, parse_command
from botkube.engine.commands.running import Run
from botkube.model.call import Answer, Call
from botkube.model.command import Incoming, Kept, Origin, Outcome, Partial, Reply
from botkube.model.errors import (
    BotkubeError,
    Overloaded,
    PluginRefused,
    PluginUnavailable,
    ProtocolError,
)
from botkube.model.message import (
    Body,
    ContextItem,
    Message,
    MessageType,
    Section,
    encode_message,
)
from botkube.model.replies import code, plain
from botkube.model.routes import Binding, Channel
from botkube.model.slackstate import for_plugins
from botkube.runtime.logs import fields

log = logging.getLogger(__name__)

HINTED: Final = {"kubectl": "Kubectl", "helm": "Helm"}


Show: TypeAlias = Callable[[Partial], Awaitable[None]]


async def answer(incoming: Incoming, desk: Desk, show: Show) -> tuple[str, Reply | None]:
    """The reply to a command and the name it is counted under; no reply: it is not for us.

    `show` is called while a plugin runs it.

    Raises: nothing of a plugin's failures, they are replies; whatever else fails is a fault of ours.
    Cancellation: reaches the plugin; no reply is made.
    """
    routes = desk.routes
    aliases = {name: alias.command for name, alias in routes.aliases.items()}
    channel = routes.channel(incoming.address)
    if channel is None:
        return "other", None
    try:
        parsed = parse_command(incoming.text, aliases)
    except UnreadableCommand as error:
        log.info("unreadable command", extra=fields(error=str(error)))
        text = f"{texts.UNREADABLE}\n{error}"
        shown = f"`{' '.join(incoming.text.split())}` on `{routes.cluster}`"
        return "other", plain(text, shown, Outcome.FAILED)
    if parsed.cluster not in ("", routes.cluster):
        return "other", None
    description = describe(parsed, incoming, routes.cluster)
    if not parsed.words:
        return "help", Reply(message=texts.help_message(channel))
    return await _dispatch(Asked(incoming, parsed, channel, description, show), desk)


class Asked(NamedTuple):
    """A command that could be read, and where it was said."""

    incoming: Incoming
    parsed: Parsed
    channel: Channel
    description: str
    show: Show


async def _dispatch(asked: Asked, desk: Desk) -> tuple[str, Reply]:
    incoming, parsed, channel, description, _ = asked
    word = parsed.words[0]
    matching = [item for item in channel.executors if item.enabled and item.key.name == word]
    if matching:
        return word, await _plugin(asked, matching, desk)
    if word in HINTED:
        text = texts.DISABLED.format(word=word, name=HINTED[word])
        return "other", code(text, description, Outcome.REFUSED)
    verb = word.lower()
    if verb in texts.VERBS:
        request = Request(
            verb=verb, parsed=parsed, channel=channel, description=description, user=incoming.user
        )
        return verb, await run_builtin(request, desk)
    disabled = next((item for item in channel.executors if item.key.name == word), None)
    if disabled is not None:
        text = f"The `{word}` executor is disabled: set `enabled: true` for {disabled.key} in executors.{disabled.group}."
        return "other", code(text, description, Outcome.REFUSED)
    return "other", code(texts.UNSUPPORTED, description, Outcome.REFUSED)


async def _plugin(asked: Asked, matching: list[Binding], desk: Desk) -> Reply:
    incoming, parsed, channel, description, _ = asked
    if parsed.filter and incoming.origin is Origin.INPUT:
        kept = await desk.results.newest(channel, parsed.text)
        if kept is not None:
            return filterable(kept, parsed, description)
    call = Call(
        key=matching[-1].key,
        command=parsed.text,
        configs=tuple(item.config for item in matching if item.config is not None),
        incoming=incoming,
        channel=channel,
        rbac=matching[0].rbac,
        help=parsed.words[1:2] == ("help",),
        state=_state(incoming, channel, desk.routes.cluster),
    )
    return await _call(call, asked, desk)


def _state(incoming: Incoming, channel: Channel, cluster: str) -> bytes:
    if not channel.interactive:
        return b""
    try:
        return for_plugins(incoming.state, bot=channel.bot, cluster=cluster)
    except ProtocolError:
        log.warning("the state of a message's elements cannot be read, the plugin goes without")
        return b""


async def _call(call: Call, asked: Asked, desk: Desk) -> Reply:
    with desk.running.entered(call) as run:
        live = Live(run, asked.description, asked.show)
        with run.scope:
            return await _answered(call, asked, desk, live)
    return _cancelled(asked, run, live, desk.running.now() - run.began)


def _cancelled(asked: Asked, run: Run, live: Live, seconds: float) -> Reply:
    text = (texts.ENDED_BY_RESTART if run.restarted else texts.CANCELLED).format(
        command=asked.parsed.shown,
        user=run.cancelled_by,
        seconds=f"{seconds:.0f}",
        plugin=run.call.key,
    )
    if not live.text:
        return plain(text, asked.description, Outcome.CANCELLED)
    return _broken_off(live, text, asked.description, Outcome.CANCELLED)


def _broken_off(live: Live, text: str, description: str, outcome: Outcome) -> Reply:
    """The reply to a command that came to no good end: what it had said until then stays."""
    if not live.text:
        return code(text, description, outcome)
    context = Section(context=(ContextItem(text=text),))
    message = Message(base_body=Body(code_block=live.text), sections=(context,))
    return Reply(message=message, description=description, outcome=outcome)


async def _answered(call: Call, asked: Asked, desk: Desk, live: Live) -> Reply:
    _, parsed, _, description, _ = asked
    correlation = secrets.token_hex(4)
    try:
        with trio.fail_after(desk.command_timeout):
            result = await _executed(call, desk, live)
    except trio.TooSlowError:
        _log_failure(call, correlation, "timed out")
        text = texts.TIMEOUT.format(command=parsed.shown, limit=f"{desk.command_timeout:g} s")
        return _broken_off(live, text, description, Outcome.TIMEOUT)
    except PluginRefused as error:
        return _broken_off(live, str(error), description, Outcome.FAILED)
    except Overloaded as error:
        return code(str(error), description, Outcome.REFUSED)
    except PluginUnavailable as error:
        _log_failure(call, correlation, str(error))
        text = texts.FAILED.format(reason=error, correlation=correlation)
        return _broken_off(live, text, description, Outcome.FAILED)
    return _keep(result, parsed, present(result.message, result.messages, parsed, description))


async def _executed(call: Call, desk: Desk, live: Live) -> Answer:
    """Run the call beside the task that shows it; what the call raises comes out bare."""
    failure: BotkubeError | None = None
    result: Answer | None = None
    async with trio.open_nursery() as nursery:
        nursery.start_soon(live.run)
        try:
            result = await desk.executor.execute(call, live)
        except BotkubeError as error:
            failure = error
        nursery.cancel_scope.cancel(reason="the command has ended")
    if result is None:
        raise failure or AssertionError("neither an answer nor a failure")
    return result


def _keep(result: Answer, parsed: Parsed, reply: Reply) -> Reply:
    if result.message.type != MessageType.BASE_BODY_WITH_FILTER or reply.silent:
        return reply
    kept = Kept(command=parsed.text, message=encode_message(result.message))
    return Reply(
        message=reply.message,
        messages=reply.messages,
        description=reply.description,
        outcome=reply.outcome,
        kept=kept,
    )


def _log_failure(call: Call, correlation: str, error: str) -> None:
    log.error(
        "command failed",
        extra=fields(plugin=str(call.key), error=error, correlation_id=correlation),
    )
