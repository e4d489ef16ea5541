"""What is chosen and typed in a message's elements, in the one form that plugins read (`slackState`). Pure.

The form is slack-go's `BlockActionStates`: block id → action id → element. A platform builds it from its callback,
or hands over its callback's JSON if it is of that form; `for_plugins` makes of either what existing plugins expect.
"""

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from botkube.model.errors import ProtocolError


class Text(msgspec.Struct, frozen=True, kw_only=True):
    """A text of Slack's."""

    type: str = ""
    text: str = ""
    emoji: bool | msgspec.UnsetType = msgspec.UNSET
    verbatim: bool | msgspec.UnsetType = msgspec.UNSET


class Option(msgspec.Struct, frozen=True, kw_only=True):
    """What can be chosen."""

    text: Text | None = None
    value: str = ""
    description: Text | msgspec.UnsetType = msgspec.UNSET
    url: str | msgspec.UnsetType = msgspec.UNSET


class Element(msgspec.Struct, frozen=True, kw_only=True):
    """slack-go's `BlockAction`: every field, in its order, since Go leaves none out."""

    action_id: str = ""
    block_id: str = ""
    type: str = ""
    text: Text = Text()
    value: str = ""
    files: None = None
    action_ts: str = ""
    selected_option: Option = Option()
    selected_options: tuple[Option, ...] | None = None
    selected_user: str = ""
    selected_users: tuple[str, ...] | None = None
    selected_channel: str = ""
    selected_channels: tuple[str, ...] | None = None
    selected_conversation: str = ""
    selected_conversations: tuple[str, ...] | None = None
    selected_date: str = ""
    selected_time: str = ""
    selected_date_time: int = 0
    initial_option: Option = Option()
    initial_user: str = ""
    initial_channel: str = ""
    initial_conversation: str = ""
    initial_date: str = ""
    initial_time: str = ""


class State(msgspec.Struct, frozen=True, kw_only=True):
    """Block id → action id → element."""

    values: Mapping[str, Mapping[str, Element]] = {}


_ENCODE: Final = msgspec.json.Encoder().encode


def option(value: str, name: str = "") -> Option:
    """A choice and the name it was shown with."""
    return Option(text=Text(type="plain_text", text=name or value), value=value)


def one_of(chosen: Option) -> Element:
    """A select."""
    return Element(type="static_select", selected_option=chosen)


def some_of(chosen: Sequence[Option]) -> Element:
    """A multi-select."""
    return Element(type="multi_static_select", selected_options=tuple(chosen))


def typed(text: str) -> Element:
    """A text input."""
    return Element(type="plain_text_input", value=text)


def encode_state(values: Mapping[str, Mapping[str, Element]]) -> bytes:
    """Return the JSON, each element with its own ids; nothing if there is no element."""
    named = {
        block: {
            action: msgspec.structs.replace(element, action_id=action, block_id=block)
            for action, element in elements.items()
        }
        for block, elements in values.items()
        if elements
    }
    return _ENCODE(State(values=named)) if named else b""


def for_plugins(state: bytes, *, bot: str, cluster: str) -> bytes:
    """Return a platform's state without what the host put into it: the mention in action ids, the cluster's flag anywhere.

    No state is none: existing plugins cannot read an empty one.

    Raises:
        ProtocolError: it is not of that form.
    """
    if not state:
        return b""
    flag = f"--cluster-name={_ENCODE(cluster).decode()} "
    try:
        found = msgspec.convert(_without_nulls(msgspec.json.decode(state)), State)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise ProtocolError(f"no block state: {error}") from error
    cleaned = {
        _cut(block, flag): {
            _cut(action, flag).removeprefix(bot).strip(): _cleaned(element, flag)
            for action, element in elements.items()
        }
        for block, elements in found.values.items()
    }
    return encode_state(cleaned)


def _cleaned(element: Element, flag: str) -> Element:
    chosen = element.selected_option
    return msgspec.structs.replace(
        element,
        value=_cut(element.value, flag),
        selected_option=msgspec.structs.replace(chosen, value=_cut(chosen.value, flag)),
    )


def _cut(text: str, flag: str) -> str:
    """Without the flag, which ends in a space that an id may have lost at its end."""
    return f"{text} ".replace(flag, "").removesuffix(" ")


def _without_nulls(value: object) -> object:
    """To Go, null is the same as nothing; what it does not know it leaves out, files among it."""
    match value:
        case dict():
            return {
                key: _without_nulls(child)
                for key, child in value.items()
                if child is not None and key != "files"
            }
        case list():
            return [_without_nulls(child) for child in value]
        case _:
            return value
