"""What came in → what it asks for, or why it is ignored. Pure; whether the channel is known is asked elsewhere.

Each request names the keys under which it is remembered, so that it is done once however often it comes: the
event's or the envelope's id, what opened a trigger, and where and when something was said.
"""

from typing import TypeAlias

import msgspec

from botkube.bots.slack.drawing.escape import said
from botkube.bots.slack.drawing.links import options_key, place
from botkube.bots.slack.hearing.frames import (
    Envelope,
    Event,
    EventCallback,
    Interaction,
    SlashCommand,
)
from botkube.bots.slack.hearing.mention import command_in
from botkube.bots.slack.hearing.used import ORIGINS, Used


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """Something typed: to the bot (`command` is what), or a plain message (none) that may be a trigger."""

    keys: tuple[str, ...]
    channel: str
    user: str
    ts: str
    raw: str
    command: str | None = None
    thread: str = ""
    user_name: str = ""
    channel_name: str = ""
    response_url: str = ""
    trigger_id: str = ""


class Search(msgspec.Struct, frozen=True, kw_only=True):
    """A user types into an external select; the options kept under the key are the answer, in the acknowledgement."""

    key: str
    query: str


class Ignored(msgspec.Struct, frozen=True, kw_only=True):
    """Nothing to do, and why."""

    reason: str


class Renamed(msgspec.Struct, frozen=True, kw_only=True):
    """A channel has another name now."""

    channel: str
    name: str


Request: TypeAlias = Said | Used | Search | Renamed | Ignored


def read(envelope: Envelope, bot: str) -> Request:
    """What an envelope asks for; `bot` is the bot's user id."""
    match envelope.payload:
        case EventCallback() as callback:
            return _event(callback, bot)
        case Interaction() as interaction:
            return _interaction(interaction, envelope.id)
        case SlashCommand() as slash:
            return _slash(slash, envelope.id)
        case _:
            return Ignored(reason=f"envelopes of type {envelope.kind!r} are not known")


def from_history(event: Event, channel: str, bot: str) -> Said | Ignored:
    """What an entry of a channel's history asks the bot; its key is that of the mention itself, had it come."""
    entry = msgspec.structs.replace(event, channel=channel, type="app_mention")
    if event.subtype:
        return Ignored(reason=f"message of subtype {event.subtype!r}")
    return _mention(entry, bot, ())


def _event(callback: EventCallback, bot: str) -> Request:
    event = callback.event
    keys = (f"event:{callback.event_id}",) if callback.event_id else ()
    match event.type:
        case "app_mention":
            return _mention(event, bot, keys)
        case "message":
            return _message(event, bot, keys)
        case "channel_rename" | "group_rename" if event.channel and event.name:
            return Renamed(channel=event.channel, name=event.name)
        case _:
            return Ignored(reason=f"event {event.type!r}")


def _mention(event: Event, bot: str, keys: tuple[str, ...]) -> Said | Ignored:
    reason = _unheard(event, bot)
    command = command_in(event.text, bot)
    if not reason and event.channel_type in {"im", "mpim"}:
        reason = "direct message"
    if not reason and command is None:
        reason = "the mention is not at the start"
    if reason:
        return Ignored(reason=reason)
    return _said(event, (*keys, f"mention:{event.channel}:{event.ts}"), command)


def _message(event: Event, bot: str, keys: tuple[str, ...]) -> Said | Ignored:
    reason = _unheard(event, bot)
    if not reason and event.channel_type != "channel":
        reason = f"message in a conversation of type {event.channel_type!r}"
    if not reason and event.subtype:
        reason = f"message of subtype {event.subtype!r}"
    if not reason and event.thread_ts:
        reason = "message in a thread"
    if not reason and command_in(event.text, bot) is not None:
        reason = "a mention, which comes as its own event"
    if reason:
        return Ignored(reason=reason)
    return _said(event, (*keys, f"message:{event.channel}:{event.ts}"), None)


def _unheard(event: Event, bot: str) -> str:
    """Why nobody that counts said it; empty if it counts."""
    if event.bot_id or event.subtype == "bot_message":
        return "said by a bot"
    if event.user == bot:
        return "said by the bot itself"
    if event.edited is not None:
        return "edited"
    return "" if event.channel and event.user and event.ts else "no channel, user or time"


def _said(event: Event, keys: tuple[str, ...], command: str | None) -> Said:
    return Said(
        keys=keys,
        channel=event.channel,
        user=event.user,
        ts=event.ts,
        thread=event.thread_ts,
        raw=event.text,
        command=command,
    )


def _interaction(found: Interaction, envelope: str) -> Request:
    keys = (f"envelope:{envelope}", *([f"trigger:{found.trigger_id}"] if found.trigger_id else []))
    match found.type:
        case "block_actions":
            return _clicked(found, keys)
        case "view_submission":
            return _submitted(found, keys)
        case "block_suggestion":
            return Search(key=options_key(found.block_id, found.action_id), query=found.value)
        case _:
            return Ignored(reason=f"interaction {found.type!r}")


def _clicked(found: Interaction, keys: tuple[str, ...]) -> Used | Ignored:
    channel = found.channel.id or found.container.channel_id
    if not channel:
        return Ignored(reason="an element of an open modal" if found.view.id else "no channel")
    if len(found.actions) != 1:
        return Ignored(reason=f"{len(found.actions)} actions at once")
    action = found.actions[0]
    if action.action_id.startswith("url:"):
        return Ignored(reason="a link")
    if action.type not in ORIGINS:
        return Ignored(reason=f"element of type {action.type!r}")
    message = found.message.ts or found.container.message_ts or found.message_ts
    return Used(
        keys=keys,
        actions=(action,),
        channel=channel,
        user=found.user.id,
        user_name=found.user.username or found.user.name,
        message=message,
        thread=found.message.thread_ts or found.container.thread_ts or found.message_ts,
        response_url=found.response_url,
        trigger_id=found.trigger_id,
        state=found.state,
        ephemeral=found.container.is_ephemeral,
    )


def _submitted(found: Interaction, keys: tuple[str, ...]) -> Used | Ignored:
    channel, thread = place(found.view.private_metadata)
    if not channel:
        return Ignored(reason="a modal that names no channel")
    actions = (
        msgspec.structs.replace(action, block_id=block, action_id=name)
        for block, elements in found.view.state.values.items()
        for name, action in elements.items()
        if action.type in ORIGINS
    )
    return Used(
        keys=keys,
        actions=tuple(actions),
        channel=channel,
        thread=thread,
        user=found.user.id,
        user_name=found.user.username or found.user.name,
        trigger_id=found.trigger_id,
    )


def _slash(slash: SlashCommand, envelope: str) -> Said | Ignored:
    if not slash.channel_id or not slash.user_id:
        return Ignored(reason="a slash command without channel or user")
    trigger = [f"trigger:{slash.trigger_id}"] if slash.trigger_id else []
    return Said(
        keys=(f"envelope:{envelope}", *trigger),
        channel=slash.channel_id,
        channel_name=slash.channel_name,
        user=slash.user_id,
        user_name=slash.user_name,
        ts="",
        raw=slash.text,
        command=said(slash.text),
        response_url=slash.response_url,
        trigger_id=slash.trigger_id,
    )
