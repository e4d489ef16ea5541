"""Variables that set no key: which of them are somebody's mistake, and how the key nearest to each is spelled. Pure.

Silent is what the program itself reads, and what Kubernetes puts into every container for a Service called `botkube…`
(kubernetes.io/docs/concepts/services-networking/service, "Environment variables").
"""

import re
from collections.abc import Iterator
from typing import Final

from botkube.config.decode.shape import Shape, StructShape
from botkube.config.environment import variable_of
from botkube.config.problem import Findings, Path, warning
from botkube.config.suggest import closest
from botkube.config.tree.node import Items, Leaf, Node, Table

OWN: Final = frozenset(
    {
        "BOTKUBE_CONFIG_PATHS",
        "BOTKUBE_TOKEN",
        "BOTKUBE_SIGN_PASSWORD",
        "BOTKUBE_BINARY",
        "BOTKUBE_COMMIT",
    }
)
_SERVICE: Final = re.compile(
    r"BOTKUBE_([A-Z0-9_]+_)?(SERVICE_HOST|SERVICE_PORT(_[A-Z0-9_]+)?|PORT_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)"
    r"|BOTKUBE_PORT"
)
_ADDRESS: Final = re.compile(r"(tcp|udp|sctp)://")
_UNSET: Final = "unset it, or correct its name; it has no effect"
_LETTERS: Final = re.compile(r"[\W_]+")


def report_strays(
    node: Node, unknown: str, shape: StructShape, path: Path, findings: Findings
) -> None:
    """Warn about each variable below an unknown key of a struct at a path."""
    for rest, leaf in _leaves(node, (unknown,)):
        name = leaf.origin.file.removeprefix("$")
        if not _expected(name, leaf):
            fix = "" if findings.full else _advice(rest, shape, path)
            findings.add(
                warning((*path, *rest), "the variable sets no known key", fix), leaf.origin
            )


def _leaves(node: Node, path: Path) -> Iterator[tuple[Path, Leaf]]:
    match node:
        case Leaf():
            yield path, node
        case Table(entries, _):
            for key, child in entries.items():
                yield from _leaves(child, (*path, key))
        case Items():
            return  # no variable makes one


def _expected(name: str, leaf: Leaf) -> bool:
    if name in OWN or _SERVICE.fullmatch(name):
        return True
    return name.endswith("_PORT") and _ADDRESS.match(str(leaf.value)) is not None


def _advice(rest: Path, shape: StructShape, path: Path) -> str:
    """The nearest key that holds a value, with words taken together or apart; else the nearest section."""
    keys = {_squashed(key): key for key in _keys(shape, ())}
    near = closest(_squashed(rest), keys)
    if near is not None:
        return f"did you mean {variable_of((*path, *keys[near]))}?"
    section = closest(rest[0], shape.fields)
    if section is not None:
        return f"did you mean {variable_of((*path, section, *rest[1:]))}?"
    return _UNSET


def _keys(shape: Shape, path: Path) -> Iterator[Path]:
    """Every key below a struct but those under names that are free."""
    if not isinstance(shape, StructShape):
        yield path
        return
    for name, below in shape.fields.items():
        yield from _keys(below, (*path, name))


def _squashed(path: Path) -> str:
    return _LETTERS.sub("", "".join(path)).casefold()
