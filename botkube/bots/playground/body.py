"""Replies and notifications → the JSON body of a frame. Pure."""

from collections.abc import Mapping

import msgspec

from botkube.bots.playground.mention import MENTION
from botkube.model.command import Partial, Reply
from botkube.model.mention import replace_bot_name
from botkube.model.message import Message, decode_message, encode_message


def reply_body(reply: Reply, reply_to: str) -> bytes:
    """The final frame of a command."""
    extras: dict[str, object] = {"reply_to": reply_to, "outcome": reply.outcome.value}
    if reply.header:
        extras["header"] = reply.header
    if reply.description:
        extras["description"] = reply.description
    if reply.messages:
        extras["messages"] = [msgspec.Raw(_shown(message)) for message in reply.messages]
    return _with(_shown(reply.message), extras)


def event_body(message: bytes, event_id: str) -> bytes:
    """A notification. `message` is the JSON of a plugin's message."""
    shown = message
    if b"{{BotName}}" in message:
        shown = _shown(decode_message(message))
    return _with(shown, {"event_id": event_id})


def partial_body(partial: Partial, reply_to: str) -> bytes:
    """A command that still runs."""
    extras = {"reply_to": reply_to, "description": partial.description}
    return _with(_shown(partial.message), extras)


def own_body(message: Message) -> bytes:
    """Something the program says of its own accord."""
    return _shown(message)


def typed_body(text: str) -> bytes:
    """What a user typed."""
    return msgspec.json.encode({"baseBody": {"plaintext": text}})


def _shown(message: Message) -> bytes:
    return encode_message(replace_bot_name(message, MENTION))


def _with(message: bytes, extras: Mapping[str, object]) -> bytes:
    """A message's JSON object with more members in front; both are objects, one may be empty."""
    front = msgspec.json.encode(extras)
    return front if message == b"{}" else front[:-1] + b"," + message[1:]
