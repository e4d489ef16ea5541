"""Checks a message before it leaves the plugin: what a host would drop in silence, or refuse, is said to the author.

Pure. Knows what every host does; what single platforms cannot show is theirs to shorten.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Final
from urllib.parse import urlsplit

import msgspec

from botkube.model.errors import BotkubeError
from botkube.model.message import (
    BOT_NAME,
    ZERO_TIME,
    Button,
    LabelInput,
    Message,
    MessageType,
    MultiSelect,
    Section,
    Select,
    encode_message,
    sent_at,
)
from botkube.model.parts import Timestamp

MOST_BYTES: Final = 60 * 2**20
"""A little less than a host takes: the wire adds to it."""

_BUTTON_STYLES: Final = ("", "primary", "danger")
_DESCRIPTION_STYLES: Final = ("", "text", "bold", "italic", "code")
_ACTIONS: Final = ("", "on_enter_pressed", "on_character_entered")


class InvalidMessage(BotkubeError, ValueError):
    """A message that no host would show as it is meant; the text says where and why."""

    reason = "message"


def check_message(message: Message) -> None:
    """Say what is wrong with a message.

    Raises:
        InvalidMessage: something is.
    """
    for problem in _problems(message):
        raise InvalidMessage(problem)


def checked_message(message: Message) -> bytes:
    """Return the JSON of a good message.

    Raises:
        InvalidMessage: it is not one, or too large.
    """
    check_message(message)
    return checked_size(encode_message(message))


def checked_size(encoded: bytes) -> bytes:
    """Return what hosts take.

    Raises:
        InvalidMessage: it is too large.
    """
    if len(encoded) > MOST_BYTES:
        raise InvalidMessage(f"it has {len(encoded)} bytes, a host takes {MOST_BYTES}")
    return encoded


def _problems(message: Message) -> Iterator[str]:
    yield from _type_problems(message)
    if message.timestamp != ZERO_TIME and not _is_time(message):
        yield f"timestamp: {message.timestamp!r} is not a time with a zone, such as 2024-05-01T12:00:00Z"
    yield from _each("", "plaintextInputs", map(_input_problem, message.plaintext_inputs))
    for at, section in enumerate(message.sections):
        yield from _section_problems(f"sections[{at}].", section)


def _type_problems(message: Message) -> Iterator[str]:
    match message.type:
        case MessageType.BASE_BODY_WITH_FILTER:
            if message.sections or message.plaintext_inputs:
                yield "type: a message that can be filtered keeps its body only, not sections or inputs"
        case MessageType.SINGLE_SECTION_EVENT:
            if len(message.sections) != 1:
                yield f"type: {message.type} has exactly one section, not {len(message.sections)}"
        case other if other and other not in set(MessageType):
            yield f"type: {other!r} is none of {', '.join(MessageType)}"
        case _:
            pass


def _section_problems(where: str, section: Section) -> Iterator[str]:
    if section.style.divider not in {"", "none"}:
        yield f"{where}style.divider: {section.style.divider!r} is neither empty nor none"
    yield from _each(where, "buttons", map(_button_problem, section.buttons))
    yield from _each(where, "selects.items", map(_select_problem, section.selects.items))
    yield from _each(where, "plaintextInputs", map(_input_problem, section.plaintext_inputs))
    if problem := _multi_select_problem(section.multi_select):
        yield f"{where}multiSelect: {problem}"


def _each(where: str, name: str, problems: Iterable[str]) -> Iterator[str]:
    for at, problem in enumerate(problems):
        if problem:
            yield f"{where}{name}[{at}]: {problem}"


def _button_problem(button: Button) -> str:
    if not button.name:
        return "a button needs a name"
    if bool(button.command) == bool(button.url):
        return f"the button {button.name!r} needs either a command or a URL"
    if button.url and not urlsplit(button.url).scheme:
        return f"{button.url!r} is not a full URL, such as https://example.com"
    return (
        (_command_problem(button.command) if button.command else "")
        or _word_problem("style", button.style, _BUTTON_STYLES)
        or _word_problem("descriptionStyle", button.description_style, _DESCRIPTION_STYLES)
    )


def _select_problem(select: Select) -> str:
    options = [option for group in select.option_groups for option in group.options]
    if select.type not in {"", "static", "external"}:
        return f"type {select.type!r} is neither static nor external"
    if select.type != "external" and not options:
        return f"the select {select.name!r} has no options"
    if select.initial_option is not None and options and select.initial_option not in options:
        return f"the initial option {select.initial_option.name!r} is not among the options"
    return _command_problem(select.command)


def _multi_select_problem(select: MultiSelect) -> str:
    if not select.options:
        return f"{select.name!r} has no options" if select.command or select.name else ""
    if not set(select.initial_options) <= set(select.options):
        return "an initial option is not among the options"
    return _command_problem(select.command)


def _input_problem(field: LabelInput) -> str:
    return _command_problem(field.command) or _word_problem(
        "dispatchedAction", field.dispatched_action, _ACTIONS
    )


def _command_problem(command: str) -> str:
    if command.startswith(BOT_NAME):
        return ""
    return f"hosts ignore the command {command!r}, as it does not begin with {BOT_NAME}"


def _word_problem(key: str, word: str, known: tuple[str, ...]) -> str:
    return "" if word in known else f"{key} {word!r} is none of {', '.join(known[1:])}"


def _is_time(message: Message) -> bool:
    value: object = message.timestamp
    if isinstance(value, datetime):  # not its type, but written all the same
        return value.utcoffset() is not None
    try:
        msgspec.convert(message.timestamp, Timestamp)
    except msgspec.ValidationError:
        return False
    return sent_at(message) is not None
