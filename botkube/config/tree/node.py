"""The nodes of a configuration before it has types; each knows the file and line it came from."""

from collections.abc import Mapping

import msgspec

Scalar = str | int | float | bool | None


class Origin(msgspec.Struct, frozen=True):
    """Where something was written; a quiet origin (the environment) gets no warnings about the case of keys."""

    file: str
    line: int | None = None
    quiet: bool = False


class Leaf(msgspec.Struct, frozen=True):
    """A scalar."""

    value: Scalar
    origin: Origin


class Items(msgspec.Struct, frozen=True):
    """A list."""

    items: tuple["Node", ...]
    origin: Origin


class Table(msgspec.Struct, frozen=True):
    """A mapping; its keys are text whatever they were in the file."""

    entries: Mapping[str, "Node"]
    origin: Origin


Node = Leaf | Items | Table


def moved(node: Node, origin: Origin) -> Node:
    """The same content as if written at another place (the line of its key, or of an alias)."""
    match node:
        case Leaf(value, _):
            return Leaf(value, origin)
        case Items(items, _):
            return Items(items, origin)
        case Table(entries, _):
            return Table(entries, origin)


def kind(node: Node) -> str:
    """Name what a node is, for a sentence."""
    match node:
        case Table():
            return "a map"
        case Items():
            return "a list"
        case Leaf(bool()):
            return "true or false"
        case Leaf(int() | float()):
            return "a number"
        case Leaf(None):
            return "nothing"
        case _:
            return "text"


def plain(node: Node) -> object:
    """Return the content as plain values, keys in their order and case."""
    match node:
        case Leaf(value, _):
            return value
        case Items(items, _):
            return [plain(item) for item in items]
        case Table(entries, _):
            return {key: plain(child) for key, child in entries.items()}


def locate(root: Node, path: tuple[str, ...]) -> Origin:
    """Find where a key path, or the nearest part of it that exists, is written."""
    node = root
    for part in path:
        below = _child(node, part)
        if below is None:
            break
        node = below
    return node.origin


def _child(node: Node, part: str) -> Node | None:
    match node:
        case Table(entries, _):
            return entries.get(part)
        case Items(items, _) if part[1:-1].isdecimal() and int(part[1:-1]) < len(items):
            return items[int(part[1:-1])]
        case _:
            return None
