"""The JSON Schema (draft 7) of a type, as user interfaces read it: nothing is behind a reference if it can be inline.

Descriptions come from `msgspec.Meta(description=…)` and the docstrings of classes.
"""

import inspect
from collections.abc import Iterator, Mapping
from typing import Final, TypeAlias, get_args, get_type_hints

import msgspec

from botkube.sdk.lengths import schema_of_custom, write_custom

Node: TypeAlias = "dict[str, object]"

_DIALECT: Final = "http://json-schema.org/draft-07/schema#"
_PLACE: Final = "#/definitions/"


def json_schema(kind: type) -> str:
    """Return the JSON Schema of a type, as text.

    Raises:
        TypeError: JSON has nothing like the type, or like a part of it.
    """
    return msgspec.json.encode(schema_of(kind)).decode()


def schema_of(kind: type) -> Node:
    """Return the JSON Schema of a type, as values."""
    (root,), components = msgspec.json.schema_components(
        (kind,), schema_hook=schema_of_custom, ref_template=f"{_PLACE}{{name}}"
    )
    for struct in _structs(kind, set()):
        _add_made_defaults(components.get(struct.__name__, {}), struct)
    inliner = _Inliner(components)
    body = inliner.node(root, frozenset())
    kept = {name: inliner.node(components[name], frozenset({name})) for name in inliner.kept}
    return {"$schema": _DIALECT, **body, **({"definitions": kept} if kept else {})}


def _structs(hint: object, seen: set[object]) -> Iterator[type[msgspec.Struct]]:
    """Every structure that a type is made of."""
    parts = get_args(hint)
    if isinstance(hint, type) and issubclass(hint, msgspec.Struct) and hint not in seen:
        seen.add(hint)
        yield hint
        parts = tuple(get_type_hints(hint, include_extras=True).values())
    for part in parts:
        yield from _structs(part, seen)


def _add_made_defaults(component: Node, struct: type[msgspec.Struct]) -> None:
    """Add the defaults that are made by a function: msgspec shows only those that are values."""
    properties = component.get("properties")
    for field in msgspec.structs.fields(struct):
        made = field.default_factory
        if isinstance(properties, dict) and made is not msgspec.NODEFAULT:
            value = msgspec.to_builtins(made(), str_keys=True, enc_hook=write_custom)
            properties[field.encode_name].setdefault("default", value)


class _Inliner:
    """Puts definitions where they are referred to; in draft 7, nothing else counts beside a reference."""

    def __init__(self, components: Mapping[str, Node]) -> None:
        self._components = components
        self.kept: list[str] = []  # those that contain themselves

    def node(self, node: Node, within: frozenset[str]) -> Node:
        """Return a node of a schema in draft 7."""
        rest = {key: self._value(key, item, within) for key, item in node.items() if key != "$ref"}
        if "prefixItems" in rest:
            rest["additionalItems"] = rest.pop("items", True)
            rest["items"] = rest.pop("prefixItems")
        rest.pop("discriminator", None)  # OpenAPI's, and full of references
        name = str(node.get("$ref", "")).removeprefix(_PLACE)
        if not name:
            return rest
        if name not in within:
            return {**self.node(self._components[name], within | {name}), **rest}
        if name not in self.kept:
            self.kept.append(name)
        return {"allOf": [{"$ref": f"{_PLACE}{name}"}], **rest} if rest else {"$ref": node["$ref"]}

    def _value(self, key: str, value: object, within: frozenset[str]) -> object:
        match value:
            case str() if key == "description":
                return inspect.cleandoc(value)
            case dict() if key != "default":
                return self.node(value, within)
            case list() if key in {"anyOf", "prefixItems"}:
                return [self.node(item, within) for item in value]
            case _:
                return value
