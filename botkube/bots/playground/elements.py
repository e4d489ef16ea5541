"""A click on a stored message → the command it stands for. Pure; the client only says where it
clicked, the command is read from what was stored.
"""

import re
from collections.abc import Mapping
from typing import Final, Literal, TypeAlias

import msgspec

from botkube.bots.playground.mention import MENTION
from botkube.bots.playground.state import FormState
from botkube.model.command import Origin

Kind: TypeAlias = Literal["button", "select", "multiselect", "input"]

ORIGINS: Final[Mapping[Kind, Origin]] = {
    "button": Origin.BUTTON,
    "select": Origin.SELECT,
    "multiselect": Origin.MULTI_SELECT,
    "input": Origin.INPUT,
}


_PLACES: Final[Mapping[Kind, re.Pattern[str]]] = {
    "button": re.compile(r".*/buttons/\d+"),
    "select": re.compile(r".*/selects/items/\d+"),
    "multiselect": re.compile(r".*/multiSelect"),
    "input": re.compile(r".*/plaintextInputs/\d+"),
}
_INDEX: Final = re.compile(r"0|[1-9]\d{0,8}", re.ASCII)


class Interaction(msgspec.Struct, frozen=True, kw_only=True):
    """What a client says when somebody uses an element of a message."""

    user: str
    message: str
    element: str
    kind: Kind
    value: str = ""
    values: tuple[str, ...] = ()
    text: str = ""
    state: FormState | None = None
    client_id: str | None = ""


class NoSuchElement(LookupError):
    """The pointer leads nowhere, or to something that runs no command."""


def command_of(body: object, interaction: Interaction) -> str:
    """The command, mention included, that an interaction with a stored body stands for.

    Raises:
        NoSuchElement: there is no such element, or it has no command, or not of that kind.
    """
    element = _find(body, interaction.element)
    command = element.get("command")
    if not isinstance(command, str) or not command.startswith(MENTION):
        raise NoSuchElement(f"{interaction.element} runs no command")
    if not _PLACES[interaction.kind].fullmatch(interaction.element):
        raise NoSuchElement(f"{interaction.element} is no {interaction.kind}")
    match interaction.kind:
        case "button":
            return command
        case "select":
            return f"{command} {_offered(element, interaction.value)}"
        case "multiselect":
            chosen = ",".join(_offered(element, value) for value in interaction.values)
            return f"{command} {chosen}".rstrip()
        case "input":
            text = interaction.text or interaction.value
            return f"{command}{_quoted(text.strip())}"


def _find(body: object, pointer: str) -> Mapping[str, object]:
    """RFC 6901, without `-`."""
    found = body
    for part in pointer.split("/")[1:]:
        name = part.replace("~1", "/").replace("~0", "~")
        if isinstance(found, dict) and name in found:
            found = found[name]
        elif isinstance(found, list) and _INDEX.fullmatch(name) and int(name) < len(found):
            found = found[int(name)]
        else:
            raise NoSuchElement(f"the message has no {pointer}")
    if not pointer.startswith("/") or not isinstance(found, dict):
        raise NoSuchElement(f"the message has no element {pointer!r}")
    return found


def _offered(element: Mapping[str, object], value: str) -> str:
    """A value only counts if the message offered it; external selects offer none to check."""
    if element.get("type") == "external":
        return value
    if value not in _options(element):
        raise NoSuchElement(f"{value!r} is not one of the offered values")
    return value


def _options(element: Mapping[str, object]) -> set[str]:
    groups = element.get("optionGroups")
    lists: list[object] = [element.get("options")]
    if isinstance(groups, list):
        lists.extend(group.get("options") for group in groups if isinstance(group, dict))
    return {
        str(option.get("value"))
        for options in lists
        if isinstance(options, list)
        for option in options
        if isinstance(option, dict)
    }


def _quoted(text: str) -> str:
    return msgspec.json.encode(text).decode()
