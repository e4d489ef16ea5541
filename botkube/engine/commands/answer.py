"""Decides what a command is and gets its answer: plugin, built-in, or a refusal that says why."""

import logging
import secrets
from typing import Final

import trio

from botkube.engine.commands import texts
from botkube.engine.commands.builtin import Request, run_builtin
from botkube.engine.commands.desk import Desk
from botkube.engine.commands.output import describe, filterable, present
from botkube.engine.commands.parse import Parsed, UnreadableCommand, parse_command
from botkube.model.call import Answer, Call
from botkube.model.command import Incoming, Kept, Origin, Outcome, Reply
from botkube.model.errors import Overloaded, PluginRefused, PluginUnavailable
from botkube.model.message import MessageType, encode_message
from botkube.model.replies import code, plain
from botkube.model.routes import Binding, Channel
from botkube.runtime.logs import fields

log = logging.getLogger(__name__)

HINTED: Final = {"kubectl": "Kubectl", "helm": "Helm"}


async def answer(incoming: Incoming, desk: Desk) -> tuple[str, Reply | None]:
    """The reply to a command and the name it is counted under; no reply: it is not for us.

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
    return await _dispatch(incoming, parsed, channel, description, desk)


async def _dispatch(
    incoming: Incoming, parsed: Parsed, channel: Channel, description: str, desk: Desk
) -> tuple[str, Reply]:
    word = parsed.words[0]
    matching = [item for item in channel.executors if item.enabled and item.key.name == word]
    if matching:
        return word, await _plugin(incoming, parsed, channel, description, matching, desk)
    if word in HINTED:
        text = texts.DISABLED.format(word=word, name=HINTED[word])
        return "other", code(text, description, Outcome.REFUSED)
    verb = word.lower()
    if verb in texts.VERBS:
        request = Request(verb=verb, parsed=parsed, channel=channel, description=description)
        return verb, await run_builtin(request, desk)
    disabled = next((item for item in channel.executors if item.key.name == word), None)
    if disabled is not None:
        text = f"The `{word}` executor is disabled: set `enabled: true` for {disabled.key} in executors.{disabled.group}."
        return "other", code(text, description, Outcome.REFUSED)
    return "other", code(texts.UNSUPPORTED, description, Outcome.REFUSED)


async def _plugin(
    incoming: Incoming,
    parsed: Parsed,
    channel: Channel,
    description: str,
    matching: list[Binding],
    desk: Desk,
) -> Reply:
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
        help=parsed.words[1:2] == ("help",),
    )
    return await _call(call, parsed, description, desk)


async def _call(call: Call, parsed: Parsed, description: str, desk: Desk) -> Reply:
    correlation = secrets.token_hex(4)
    try:
        with trio.fail_after(desk.command_timeout):
            result = await desk.executor.execute(call)
    except trio.TooSlowError:
        _log_failure(call, correlation, "timed out")
        text = texts.TIMEOUT.format(command=parsed.shown, limit=f"{desk.command_timeout:g} s")
        return code(text, description, Outcome.TIMEOUT)
    except PluginRefused as error:
        return code(str(error), description, Outcome.FAILED)
    except Overloaded as error:
        return code(str(error), description, Outcome.REFUSED)
    except PluginUnavailable as error:
        _log_failure(call, correlation, str(error))
        text = texts.FAILED.format(reason=error, correlation=correlation)
        return code(text, description, Outcome.FAILED)
    return _keep(result, parsed, present(result.message, result.messages, parsed, description))


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
