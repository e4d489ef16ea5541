"""Socket Mode's frames: JSON text → typed values, and the acknowledgement of each. Pure.

Read leniently: what is not known is left out, null is the same as nothing. What cannot be read is a value too.
"""

from collections.abc import Mapping
from typing import Final, TypeAlias

import msgspec

from botkube.model.slackstate import Option


class Hello(msgspec.Struct, frozen=True, kw_only=True):
    """The socket works. Slack counts all sockets of the app, those of other programs too."""

    num_connections: int = 1
    app_id: str = ""


class Disconnect(msgspec.Struct, frozen=True, kw_only=True):
    """The socket will be closed; the reason tells whether to open another one first."""

    reason: str = ""


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """What happened in a channel; also an entry of a channel's history."""

    type: str = ""
    subtype: str = ""
    user: str = ""
    bot_id: str = ""
    text: str = ""
    channel: str = ""
    channel_type: str = ""
    name: str = ""  # a channel's new name
    ts: str = ""
    thread_ts: str = ""
    edited: Mapping[str, object] | None = None


class EventCallback(msgspec.Struct, frozen=True, kw_only=True):
    """An event, with the id that stays the same when Slack sends it again."""

    type: str = ""
    event_id: str = ""
    team_id: str = ""
    event: Event = Event()


class _Id(msgspec.Struct, frozen=True, kw_only=True):
    id: str = ""


class User(msgspec.Struct, frozen=True, kw_only=True):
    """Who used an element."""

    id: str = ""
    name: str = ""
    username: str = ""


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """A message, as its elements' payloads name it."""

    ts: str = ""
    thread_ts: str = ""


class Container(msgspec.Struct, frozen=True, kw_only=True):
    """Where an element stands."""

    type: str = ""
    channel_id: str = ""
    message_ts: str = ""
    thread_ts: str = ""
    is_ephemeral: bool = False


class Action(msgspec.Struct, frozen=True, kw_only=True):
    """An element that was used, or that holds something."""

    type: str = ""
    action_id: str = ""
    block_id: str = ""
    value: str = ""
    selected_option: Option | None = None
    selected_options: tuple[Option, ...] = ()


class ViewState(msgspec.Struct, frozen=True, kw_only=True):
    """Block id → action id → element."""

    values: Mapping[str, Mapping[str, Action]] = {}


class View(msgspec.Struct, frozen=True, kw_only=True):
    """A modal."""

    id: str = ""
    private_metadata: str = ""
    state: ViewState = ViewState()


class Interaction(msgspec.Struct, frozen=True, kw_only=True):
    """block_actions, view_submission, block_suggestion, or something else that a user did with the app."""

    type: str = ""
    user: User = User()
    channel: _Id = _Id()
    container: Container = Container()
    message: Place = Place()
    message_ts: str = ""
    view: View = View()
    actions: tuple[Action, ...] = ()
    action_id: str = ""
    block_id: str = ""
    value: str = ""
    trigger_id: str = ""
    response_url: str = ""
    state: Mapping[str, object] = {}


class SlashCommand(msgspec.Struct, frozen=True, kw_only=True):
    """`/botkube text`."""

    command: str = ""
    text: str = ""
    user_id: str = ""
    user_name: str = ""
    channel_id: str = ""
    channel_name: str = ""
    trigger_id: str = ""
    response_url: str = ""


Payload: TypeAlias = EventCallback | Interaction | SlashCommand | None


class Envelope(msgspec.Struct, frozen=True, kw_only=True):
    """What has to be acknowledged. No payload: of a type that is not known; `kind` names it."""

    id: str
    kind: str
    payload: Payload = None
    takes_payload: bool = False  # whether the acknowledgement may carry an answer
    retry: int = 0


class Garbage(msgspec.Struct, frozen=True, kw_only=True):
    """No frame. If it has an envelope's id it is acknowledged, or Slack would send it again."""

    reason: str
    id: str = ""


Frame: TypeAlias = Hello | Disconnect | Envelope | Garbage

_PAYLOADS: Final[Mapping[str, type[EventCallback | Interaction | SlashCommand]]] = {
    "events_api": EventCallback,
    "interactive": Interaction,
    "slash_commands": SlashCommand,
}
_HEARD: Final = ("app_mention", "message")
_BAD: Final = (msgspec.MsgspecError, ValueError, RecursionError)


def decode_frame(data: str | bytes) -> Frame:
    """Read a frame; never fails."""
    try:
        tree = without_nulls(msgspec.json.decode(data))
    except _BAD as error:
        return Garbage(reason=f"no JSON: {_why(error)}")
    if not isinstance(tree, dict) or not isinstance(tree.get("type"), str):
        return Garbage(reason="no object with a type", id=_id_of(tree))
    try:
        return _frame(tree)
    except _BAD as error:
        return Garbage(reason=f"{tree['type']}: {_why(error)}", id=_id_of(tree))


def ack(frame: Frame, answer: Mapping[str, object] | None = None) -> bytes | None:
    """The acknowledgement to send at once; none for what is not to be acknowledged.

    An answer, such as the options of a search, is left out where Slack does not take one.
    """
    if isinstance(frame, Hello | Disconnect) or not frame.id:
        return None
    body: dict[str, object] = {"envelope_id": frame.id}
    if answer is not None and isinstance(frame, Envelope) and frame.takes_payload:
        body["payload"] = answer
    return msgspec.json.encode(body)


def without_nulls(value: object) -> object:
    """The JSON without members that are null."""
    match value:
        case dict():
            return {key: without_nulls(child) for key, child in value.items() if child is not None}
        case list():
            return [without_nulls(child) for child in value if child is not None]
        case _:
            return value


def _frame(tree: dict[str, object]) -> Frame:
    kind = str(tree["type"])
    if kind == "hello":
        info = tree.get("connection_info")
        app = info.get("app_id", "") if isinstance(info, dict) else ""
        return msgspec.convert({**tree, "app_id": app}, Hello)
    if kind == "disconnect":
        return msgspec.convert(tree, Disconnect)
    found = _id_of(tree)
    if not found:
        return Garbage(reason=f"{kind} has no envelope id")
    payload = _reduced(tree.get("payload", {}))
    return Envelope(
        id=found,
        kind=kind,
        payload=msgspec.convert(payload, _PAYLOADS[kind]) if kind in _PAYLOADS else None,
        takes_payload=tree.get("accepts_response_payload") is True,
        retry=msgspec.convert(tree.get("retry_attempt", 0), int),
    )


def _reduced(payload: object) -> object:
    """Events that say nothing have members of other kinds by the same names: of a channel all but id and name goes."""
    event = payload.get("event") if isinstance(payload, dict) else None
    if not isinstance(payload, dict) or not isinstance(event, dict):
        return payload
    if event.get("type") in _HEARD:
        return payload
    channel = event.get("channel")
    of = channel if isinstance(channel, dict) else {}
    return {
        **payload,
        "event": {
            "type": event.get("type", ""),
            "channel": of.get("id", ""),
            "name": of.get("name", ""),
        },
    }


def _id_of(tree: object) -> str:
    found = tree.get("envelope_id") if isinstance(tree, dict) else None
    return found if isinstance(found, str) else ""


def _why(error: Exception) -> str:
    return "nested too deeply" if isinstance(error, RecursionError) else str(error)
