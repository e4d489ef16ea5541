"""Turns `BOTKUBE_…` variables into a layer of the configuration.

Name to key: drop the prefix, split at `__`, lower-case the first chunk, lower-case and title-case every later one, join,
and read each `_` as one level down. Title case starts anew after a hyphen, so names written that way are looked up
among the existing keys without regard to case before a new key is made.
"""

import re
from collections.abc import Iterable, Iterator, Mapping

from botkube.config.tree.node import Leaf, Node, Origin, Table
from botkube.config.tree.parse import MAX_DEPTH

PREFIX = "BOTKUBE_"
_FILE = "environment"
_WORD = re.compile(r"\w+")
_CAPITAL = re.compile(r"(?<=.)([A-Z])")
_CASED = re.compile(r"[^\W\d_]")


def key_of(name: str) -> tuple[str, ...]:
    """Return the key path that a variable's name (with its prefix) stands for."""
    first, *later = name.removeprefix(PREFIX).split("__")
    joined = first.lower() + "".join(_title(chunk.lower()) for chunk in later)
    return tuple(re.split(r"[_.]", joined))


def variable_of(path: Iterable[str]) -> str:
    """Return the variable that sets a key: the reverse of `key_of`, for keys that it can spell."""
    return PREFIX + "_".join(_CAPITAL.sub(r"__\1", part).upper() for part in path)


def environment_layer(environ: Mapping[str, str], files: Node) -> Table:
    """Return the layer of all variables; `files` are the layers below it, for the case of existing keys."""
    tree: dict[str, object] = {}
    for name in sorted(environ):
        if name.startswith(PREFIX):
            path = tuple(_existing(files, key_of(name)))
            if len(path) <= MAX_DEPTH:  # deeper than any key: unknown, so silent
                _put(tree, path, Leaf(environ[name], Origin(f"${name}", quiet=True)))
    return _table(tree)


def _title(chunk: str) -> str:
    return _WORD.sub(lambda word: _CASED.sub(lambda c: c[0].upper(), word[0], count=1), chunk)


def _existing(node: Node | None, path: tuple[str, ...]) -> Iterator[str]:
    for part in path:
        name = _match(node, part)
        yield name
        node = node.entries.get(name) if isinstance(node, Table) else None


def _match(node: Node | None, part: str) -> str:
    if not isinstance(node, Table) or part in node.entries:
        return part
    similar = [key for key in node.entries if key.casefold() == part.casefold()]
    return similar[0] if len(similar) == 1 else part


def _put(tree: dict[str, object], path: tuple[str, ...], leaf: Leaf) -> None:
    *sections, last = path
    for part in sections:
        below = tree.get(part)
        if not isinstance(below, dict):
            below = tree[part] = {}
        tree = below
    if not isinstance(tree.get(last), dict):
        tree[last] = leaf


def _table(tree: dict[str, object]) -> Table:
    entries: dict[str, Node] = {}
    for key, child in tree.items():
        entries[key] = _table(child) if isinstance(child, dict) else child  # type: ignore[assignment]
    return Table(entries, Origin(_FILE, quiet=True))
