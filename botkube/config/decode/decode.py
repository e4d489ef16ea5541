"""Turns a merged tree with canonical keys into structs; what cannot be read is reported and takes its default."""

from typing import TypeVar

import msgspec

from botkube.config.decode.shape import (
    ListShape,
    MapShape,
    OpaqueShape,
    ScalarKind,
    ScalarShape,
    Shape,
    StructShape,
    struct_shape,
)
from botkube.config.decode.weak import Misfit, read_scalar
from botkube.config.problem import Findings, Path, error, warning
from botkube.config.tree.node import Items, Leaf, Node, Scalar, Table, kind, plain

S = TypeVar("S", bound=msgspec.Struct)

_ZERO: dict[ScalarKind, Scalar] = {
    "flag": False,
    "integer": 0,
    "number": 0,
    "seconds": 0,
    "size": 0,
}
_TINY = 1e-3  # no duration of a configuration is shorter on purpose


def decode(node: Node, cls: type[S], findings: Findings) -> tuple[S, frozenset[Path]]:
    """Build a struct; also return the paths that could not be read, so that no rule complains about them again."""
    decoder = _Decoder(findings)
    built = decoder.build(node, struct_shape(cls), ())
    return (built if isinstance(built, cls) else cls()), frozenset(decoder.broken)


class _Decoder:
    """One pass over one tree; owns the list of unreadable paths."""

    def __init__(self, findings: Findings) -> None:
        self._findings = findings
        self.broken: set[Path] = set()

    def build(self, node: Node, shape: Shape, path: Path) -> object:
        match shape:
            case ScalarShape(kind):
                return self._scalar(node, kind, path)
            case OpaqueShape():
                return plain(node)
            case ListShape(item):
                return self._list(node, item, path)
            case MapShape(value):
                return self._map(node, value, path)
            case StructShape():
                return self._struct(node, shape, path)

    def _scalar(self, node: Node, wanted: ScalarKind, path: Path) -> object:
        value = _ZERO.get(wanted, "")
        if not isinstance(node, Leaf):
            self._wrong(node, "one value", path)
        elif node.value is not None:
            value = node.value
        try:
            read = read_scalar(wanted, value)
        except Misfit as misfit:
            shown = "***" if wanted == "secret" else value
            self._error(node, path, misfit.text, misfit.fix, shown)
            return read_scalar(wanted, _ZERO.get(wanted, ""))
        if wanted == "seconds" and isinstance(value, int):
            self._warn_about_nanoseconds(node, value, path)
        return read

    def _list(self, node: Node, item: Shape, path: Path) -> tuple[object, ...]:
        match node:
            case Leaf(None | ""):
                return ()
            case Table(entries, _) if not entries:
                return ()
            case Leaf(str(text)) if isinstance(item, ScalarShape):
                parts: tuple[Node, ...] = tuple(
                    Leaf(p.strip(), node.origin) for p in text.split(",")
                )
            case Items(items):
                parts = items
            case _:
                parts = (node,)
        return tuple(self.build(part, item, (*path, f"[{i}]")) for i, part in enumerate(parts))

    def _map(self, node: Node, value: Shape, path: Path) -> dict[str, object]:
        if not isinstance(node, Table):
            self._unless_empty(node, path)
            return {}
        return {key: self.build(child, value, (*path, key)) for key, child in node.entries.items()}

    def _struct(self, node: Node, shape: StructShape, path: Path) -> msgspec.Struct:
        if not isinstance(node, Table):
            self._unless_empty(node, path)
            return shape.cls()
        given: dict[str, object] = {}
        rest: dict[str, object] = {}
        for key, child in node.entries.items():
            if key not in shape.fields:
                if shape.rest is not None:  # else an unknown key that was dealt with before
                    rest[key] = self.build(child, shape.rest.value, (*path, key))
            elif not (isinstance(child, Leaf) and child.value is None):
                given[shape.attributes[key]] = self.build(child, shape.fields[key], (*path, key))
        if shape.rest is not None:
            given[shape.rest_attribute] = rest
        return msgspec.structs.replace(shape.cls(), **given)

    def _unless_empty(self, node: Node, path: Path) -> None:
        empty = isinstance(node, Leaf) and node.value is None
        if not empty and not (isinstance(node, Items) and not node.items):
            self._wrong(node, "a map", path)

    def _wrong(self, node: Node, wanted: str, path: Path) -> None:
        fix = "put its keys below it, indented" if wanted == "a map" else "write a single value"
        if node.origin.quiet:
            fix = "unset the variable, or name a key below this section"
        self._error(node, path, f"expected {wanted}, got {kind(node)}", fix)

    def _error(self, node: Node, path: Path, text: str, fix: str, value: Scalar = None) -> None:
        self.broken.add(path)
        self._findings.add(error(path, text, fix, value), node.origin)

    def _warn_about_nanoseconds(self, node: Node, value: int, path: Path) -> None:
        if 0 < value * 1e-9 < _TINY:
            text = "is a bare number, which counts nanoseconds"
            fix = f"write a unit, for example {value}s"
            self._findings.add(warning(path, text, fix, value), node.origin)
