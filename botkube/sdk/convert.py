"""Makes typed values of what people and programs wrote; an error names the key, its value and what is expected."""

import re
from collections.abc import Mapping, Sequence
from typing import Final, TypeAlias, TypeVar

import msgspec

from botkube.sdk.lengths import read_custom
from botkube.sdk.schema import Node, schema_of

T = TypeVar("T")
Path: TypeAlias = Sequence[str | int]
"""Keys and indexes; `*` is a key that msgspec does not tell."""

_ANY: Final = "*"
_STEP: Final = re.compile(r"\.([^.\[]+)|\[(\d+|\.\.\.)\]")
_WORDS: Final[Mapping[str, str]] = {
    "int": "a whole number",
    "float": "a number",
    "str": "text",
    "bool": "true or false",
    "object": "a mapping",
    "array": "a list",
    "null": "nothing",
}
_LONGEST: Final = 60
_SENSITIVE: Final = re.compile(
    r"pass(word|wd|phrase)|secret|token|credential|(api|access|private|signing)[-_]?key",
    re.IGNORECASE,
)
_MISSING: Final = re.compile(r"Object missing required field `(.+)`")
_UNKNOWN: Final = re.compile(r"Object contains unknown field `(.+)`")


class Unfit(ValueError):
    """A value that does not fit: where it is, and what is wrong with it."""

    def __init__(self, path: Path, wrong: str, between: str = " ") -> None:
        super().__init__(f"{_shown_path(path)}{between}{wrong}")
        self.path = tuple(path)
        self.wrong = wrong


def convert(value: object, kind: type[T]) -> T:
    """Convert plain values to a type; text that is a number counts as one.

    Raises:
        Unfit: they do not fit; the text names the key, its value unless it may be a secret, and what is expected.
    """
    try:
        return msgspec.convert(value, kind, strict=False, dec_hook=read_custom)
    except msgspec.ValidationError as error:
        raise _explained(str(error), value, kind) from error


def _explained(problem: str, value: object, kind: type) -> Unfit:
    what, _, place = problem.partition(" - at `")
    path: list[str | int] = [
        name or (int(index) if index.isdecimal() else _ANY)
        for name, index in _STEP.findall(place.rstrip("`"))
    ]
    if found := _MISSING.fullmatch(what):
        return Unfit([*path, found[1]], "is missing")
    if found := _UNKNOWN.fullmatch(what):
        return Unfit([*path, found[1]], "is not known here")
    expected = _expected(what, path, kind)
    if not expected:
        return Unfit(path, what, between=": ")
    return Unfit(path, f"is {_shown(value, path)}, expected {expected}")


def _expected(what: str, path: Path, kind: type) -> str:
    """Say what is expected; nothing if msgspec's words are all there is."""
    if words := sorted({str(word) for node in _nodes(path, kind) for word in _list(node, "enum")}):
        return f"one of {', '.join(words)}"
    wanted, _, got = what.removeprefix("Expected ").partition(", got ")
    if wanted == what:
        return ""
    text = re.sub(r"`([^`]*)`", lambda names: _in_words(names[1]), wanted)
    numeric = got in {"`int`", "`float`", "`bool`"} and wanted.startswith("`str`")
    return f"{text}: put it in quotes" if numeric else text


def _in_words(names: str) -> str:
    return " or ".join(_WORDS.get(name, name) for name in names.split(" | "))


def _nodes(path: Path, kind: type) -> list[Node]:
    """The parts of the schema that describe this place."""
    nodes = _alternatives(schema_of(kind))
    for step in path:
        nodes = [found for node in nodes for found in _below(node, step)]
    return nodes


def _alternatives(node: object) -> list[Node]:
    if not isinstance(node, dict):
        return []
    return [node, *(each for item in _list(node, "anyOf") for each in _alternatives(item))]


def _below(node: Node, step: str | int) -> list[Node]:
    if isinstance(step, int):
        return _alternatives(node.get("items"))
    properties = node.get("properties")
    named = properties.get(step) if isinstance(properties, dict) else None
    return _alternatives(named or node.get("additionalProperties"))


def _list(node: Node, key: str) -> list[object]:
    found = node.get(key)
    return found if isinstance(found, list) else []


def _shown_path(path: Path) -> str:
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return text.removeprefix(".") or "the whole"


def _shown(value: object, path: Path) -> str:
    for step in path:
        try:
            value = value[step]  # type: ignore[index]  # what is not a container raises
        except (LookupError, TypeError):
            return "wrong"
    if any(isinstance(step, str) and _SENSITIVE.search(step) for step in path):
        return "wrong (its value is not shown)"
    if isinstance(value, Mapping):
        return "a mapping"
    if isinstance(value, list | tuple):
        return "a list"
    text = msgspec.json.encode(value, enc_hook=str).decode()
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
