"""Elements that a user used → their commands and the state around them. Pure.

Ids and values may be keys of texts that were kept when the message was sent: `needs` tells which are wanted, the
other functions take what was found.
"""

from collections.abc import Iterator, Mapping
from typing import Final

import msgspec

from botkube.bots.slack.drawing.links import keys_in, resolved
from botkube.bots.slack.hearing.frames import Action
from botkube.bots.slack.hearing.mention import behind_mention
from botkube.model.command import Origin
from botkube.model.slackstate import Option

_BUTTON: Final = "button"
_SELECTS: Final = frozenset({"static_select", "external_select"})
_MULTI: Final = frozenset({"multi_static_select", "multi_external_select"})
_INPUT: Final = "plain_text_input"
ORIGINS: Final[Mapping[str, Origin]] = {
    _BUTTON: Origin.BUTTON,
    _INPUT: Origin.INPUT,
    **dict.fromkeys(_SELECTS, Origin.SELECT),
    **dict.fromkeys(_MULTI, Origin.MULTI_SELECT),
}


class Used(msgspec.Struct, frozen=True, kw_only=True):
    """Elements that were used: one of a message, or all of a modal."""

    keys: tuple[str, ...]
    actions: tuple[Action, ...]
    channel: str
    user: str
    user_name: str = ""
    message: str = ""  # ts of the message it stands in
    thread: str = ""
    response_url: str = ""
    trigger_id: str = ""
    state: Mapping[str, object] = {}
    ephemeral: bool = False  # nobody else sees that message; no reaction can be put on it


class Command(msgspec.Struct, frozen=True, kw_only=True):
    """One command of an element."""

    text: str
    origin: Origin


def needs(used: Used) -> tuple[str, ...]:
    """The keys of texts that must be at hand for its commands and its state."""
    texts = [text for action in used.actions for text in _texts(action)]
    return keys_in([*texts, *_state_texts(used.state)])


def commands(used: Used, kept: Mapping[str, str], bot: str) -> tuple[Command, ...]:
    """The commands of what was used, without the mention; an element that is none of the bot's has no command.

    Raises:
        Forgotten: a text that is needed is not kept any more.
    """
    found = ((action, _command(action, kept)) for action in used.actions)
    spoken = ((action, behind_mention(text, bot)) for action, text in found)
    return tuple(
        Command(text=text, origin=ORIGINS[action.type])
        for action, text in spoken
        if text is not None
    )


def state_of(used: Used, kept: Mapping[str, str]) -> bytes:
    """The state of the message's elements, in the form that plugins read; nothing if none holds anything.

    Raises:
        Forgotten: a text that is needed is not kept any more.
    """
    values = used.state.get("values")
    if not isinstance(values, Mapping) or not values:
        return b""
    return msgspec.json.encode(_restored(used.state, kept))


def _texts(action: Action) -> Iterator[str]:
    yield from (action.action_id, action.block_id, action.value)
    yield from (option.value for option in _chosen(action))


def _chosen(action: Action) -> tuple[Option, ...]:
    if action.selected_option is not None:
        return (action.selected_option,)
    return action.selected_options


def _command(action: Action, kept: Mapping[str, str]) -> str:
    """Mention and all; the form depends on the element."""
    if action.type == _BUTTON:
        return resolved(action.value, kept)
    name = resolved(action.action_id, kept)
    values = [resolved(option.value, kept) for option in _chosen(action)]
    if action.type == _INPUT:
        # What the original sent has its command in the block's id only, ours in both.
        command = name if _is_command(name) else resolved(action.block_id, kept)
        return command + msgspec.json.encode(action.value.strip()).decode()
    return (
        f"{name} {','.join(values)}".rstrip()
        if action.type in _MULTI
        else f"{name} {''.join(values)}"
    )


def _is_command(text: str) -> bool:
    return text.lstrip().startswith("<@")


def _state_texts(value: object) -> Iterator[str]:
    """Every text of the state, names included: keys may stand anywhere."""
    match value:
        case Mapping():
            for key, child in value.items():
                yield str(key)
                yield from _state_texts(child)
        case list():
            for child in value:
                yield from _state_texts(child)
        case str():
            yield value
        case _:
            return


def _restored(value: object, kept: Mapping[str, str]) -> object:
    match value:
        case Mapping():
            return {
                resolved(str(key), kept): _restored(child, kept) for key, child in value.items()
            }
        case list():
            return [_restored(child, kept) for child in value]
        case str():
            return resolved(value, kept)
        case _:
            return value
