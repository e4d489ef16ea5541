"""What the structs of the configuration look like, worked out once from their annotations."""

from collections.abc import Mapping
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Literal, Union, get_args, get_origin

import msgspec

from botkube.config.schema.values import REST, Secret

ScalarKind = Literal["text", "secret", "flag", "integer", "number", "port", "seconds", "size"]


class ScalarShape(msgspec.Struct, frozen=True):
    """One value."""

    kind: ScalarKind


class OpaqueShape(msgspec.Struct, frozen=True):
    """Anything, kept as written."""


class ListShape(msgspec.Struct, frozen=True):
    """A list of one shape."""

    item: "Shape"


class MapShape(msgspec.Struct, frozen=True):
    """A mapping with free keys."""

    value: "Shape"


class StructShape(msgspec.Struct, frozen=True):
    """A mapping with known keys; `rest` is the shape under every other key, if there may be others."""

    cls: type[msgspec.Struct]
    fields: "Mapping[str, Shape]"
    attributes: Mapping[str, str]
    rest: MapShape | None = None
    rest_attribute: str = ""
    quiet: frozenset[str] = frozenset()
    by_folded: Mapping[str, str] = {}

    def canonical(self, key: str) -> str | None:
        """Return the known key that this one spells in another case, or None."""
        return self.by_folded.get(key.casefold())


Shape = ScalarShape | OpaqueShape | ListShape | MapShape | StructShape

_PLAIN: Mapping[object, Shape] = {
    str: ScalarShape("text"),
    Secret: ScalarShape("secret"),
    bool: ScalarShape("flag"),
    int: ScalarShape("integer"),
    object: OpaqueShape(),
}
_MARKED: Mapping[object, Shape] = {
    "number": ScalarShape("number"),
    "port": ScalarShape("port"),
    "seconds": ScalarShape("seconds"),
    "size": ScalarShape("size"),
}


@cache
def struct_shape(cls: type[msgspec.Struct]) -> StructShape:
    """Describe a struct class and everything below it."""
    fields: dict[str, Shape] = {}
    attributes: dict[str, str] = {}
    rest: MapShape | None = None
    rest_attribute = ""
    for field in msgspec.structs.fields(cls):
        shape = _shape(field.type)
        if _is_rest(field.type) and isinstance(shape, MapShape):
            rest, rest_attribute = shape, field.name
        else:
            fields[field.encode_name] = shape
            attributes[field.encode_name] = field.name
    return StructShape(
        cls=cls,
        fields=fields,
        attributes=attributes,
        rest=rest,
        rest_attribute=rest_attribute,
        quiet=getattr(cls, "quiet_keys", frozenset()),
        by_folded={name.casefold(): name for name in fields},
    )


def _is_rest(hint: object) -> bool:
    return get_origin(hint) is Annotated and REST in get_args(hint)[1:]


def _shape(hint: object) -> Shape:
    if hint in _PLAIN:
        return _PLAIN[hint]
    if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
        return struct_shape(hint)
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Annotated:
        return _MARKED[arguments[1]] if arguments[1] in _MARKED else _shape(arguments[0])
    if origin in {Union, UnionType}:
        return _shape(next(a for a in arguments if a is not NoneType))
    if origin is tuple:
        return ListShape(_shape(arguments[0]))
    return MapShape(_shape(arguments[1]))
