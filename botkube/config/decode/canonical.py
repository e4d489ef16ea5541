"""Brings the keys of one layer into their canonical spelling, before layers meet.

Keys match without regard to case, but merging is by exact key: so `Settings` becomes `settings` here, with a warning.
Unknown keys are dropped, with a warning that guesses what was meant; in a quiet layer (the
environment) another case is usual, and what is unknown is told by its variable.
"""

from collections.abc import Mapping

from botkube.config.decode.shape import ListShape, MapShape, Shape, StructShape
from botkube.config.decode.stray import report_strays
from botkube.config.problem import Findings, Path, error, warning
from botkube.config.suggest import advice
from botkube.config.tree.merge import merge
from botkube.config.tree.node import Items, Node, Table

_REMOVE = "remove it, or correct its name; it has no effect"


def canonical(node: Node, shape: Shape, path: Path, findings: Findings) -> Node:
    """Return the node with only known keys, each in its canonical spelling."""
    match shape, node:
        case StructShape(), Table(entries, origin):
            return Table(_known(entries, shape, path, findings), origin)
        case MapShape(value), Table(entries, origin):
            children = entries.items()
            return Table(
                {k: canonical(c, value, (*path, k), findings) for k, c in children}, origin
            )
        case ListShape(item), Items(items, origin):
            numbered = enumerate(items)
            return Items(
                tuple(canonical(c, item, (*path, f"[{i}]"), findings) for i, c in numbered), origin
            )
        case ListShape(item), Table():
            return canonical(node, item, path, findings)
        case _:
            return node


def _known(
    entries: Mapping[str, Node], shape: StructShape, path: Path, findings: Findings
) -> dict[str, Node]:
    known: dict[str, Node] = {}
    for key, child in entries.items():
        name = key if key in shape.fields else shape.canonical(key)
        if name is not None:
            _spelled(key, name, child, path, findings)
            below = canonical(child, shape.fields[name], (*path, name), findings)
            if name in known:
                _twice(name, known[name], child, path, findings)
                below = merge(known[name], below)
            known[name] = below
        elif shape.rest is not None:
            known[key] = canonical(child, shape.rest.value, (*path, key), findings)
        elif key in shape.quiet:
            continue
        elif child.origin.quiet:
            report_strays(child, key, shape, path, findings)
        else:
            _unknown(key, child, shape, path, findings)
    return known


def _spelled(key: str, name: str, child: Node, path: Path, findings: Findings) -> None:
    if key == name or child.origin.quiet:
        return
    text = f'the key is spelled "{name}"'
    findings.add(warning((*path, key), text, f'write "{name}"'), child.origin)


def _twice(name: str, first: Node, second: Node, path: Path, findings: Findings) -> None:
    if second.origin.quiet:
        return
    text = f"the key is already defined in line {first.origin.line}, in another spelling"
    fix = "remove one of the two, or put the content of both under one key"
    findings.add(error((*path, name), text, fix), second.origin)


def _unknown(key: str, child: Node, shape: StructShape, path: Path, findings: Findings) -> None:
    fix = "" if findings.full else advice(key, shape.fields, _REMOVE)
    findings.add(warning((*path, key), "the key is unknown", fix), child.origin)
