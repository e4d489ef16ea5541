"""Puts a platform's mention where a message says `{{BotName}}`. The message itself is never changed."""

from collections.abc import Mapping
from typing import Final, TypeVar

from msgspec import structs

from botkube.model.parts import (
    BOT_NAME,
    Body,
    Button,
    ContextItem,
    LabelInput,
    Message,
    MultiSelect,
    OptionGroup,
    OptionItem,
    Part,
    Section,
    Select,
    Selects,
    TextField,
)

_AT_MOST: Final = 100

# Not among them: headers, button URLs, select ids, bullet lists and the user handle.
_PLACES: Final[Mapping[type[Part], tuple[str, ...]]] = {
    Message: ("base_body", "sections", "plaintext_inputs"),
    Section: (
        "description",
        "body",
        "buttons",
        "multi_select",
        "selects",
        "plaintext_inputs",
        "text_fields",
        "context",
    ),
    Body: ("code_block", "plaintext"),
    Button: ("description", "name", "command"),
    MultiSelect: ("name", "description", "command", "options", "initial_options"),
    Selects: ("items",),
    Select: ("name", "command", "option_groups", "initial_option"),
    OptionGroup: ("name", "options"),
    OptionItem: ("name", "value"),
    LabelInput: ("command", "text", "placeholder"),
    TextField: ("key", "value"),
    ContextItem: ("text",),
}

_P = TypeVar("_P", bound=Part)


def replace_bot_name(message: Message, mention: str) -> Message:
    """Return the message with the first 100 placeholders of each text replaced by `mention`."""
    return _in_part(message, mention)


def _in_part(part: _P, mention: str) -> _P:
    changed = {name: _in_value(getattr(part, name), mention) for name in _PLACES[type(part)]}
    return structs.replace(part, **changed)


def _in_value(value: object, mention: str) -> object:
    match value:
        case str():
            return value.replace(BOT_NAME, mention, _AT_MOST)
        case tuple():
            return tuple(_in_value(item, mention) for item in value)
        case Part():
            return _in_part(value, mention)
        case _:
            return value
