"""What a schema says of each kind of field."""

import json
from enum import StrEnum
from typing import Annotated, Literal

import msgspec
import pytest
from msgspec import Meta

from botkube.sdk.lengths import Duration, duration
from botkube.sdk.schema import json_schema


class Level(StrEnum):
    LOW = "low"
    HIGH = "high"


class Inner(msgspec.Struct, frozen=True):
    """Inside.

    In two paragraphs.
    """

    n: Annotated[int, Meta(ge=1, le=5)] = 1


class Tree(msgspec.Struct):
    children: tuple["Tree", ...] = ()


class Linked(msgspec.Struct):
    next: dict[str, Annotated["Linked", Meta(description="One more.")]] = {}


class Settings(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """All of it."""

    needed_word: str
    every: Annotated[Duration, Meta(description="How often.")] = duration("90s")
    level: Level = Level.LOW
    mode: Literal["a", "b"] = "b"
    inner: Annotated[Inner, Meta(description="Mine.")] = Inner()
    many: list[Inner] = msgspec.field(default_factory=lambda: [Inner(2)])
    named: dict[str, Inner] = {}
    pair: tuple[int, str] = (1, "a")
    tree: Tree = msgspec.field(default_factory=Tree)
    either: int | None = None
    description: str = "a key of this name"


INNER = {
    "title": "Inner",
    "description": "Inside.\n\nIn two paragraphs.",
    "type": "object",
    "properties": {"n": {"type": "integer", "minimum": 1, "maximum": 5, "default": 1}},
    "required": [],
}
TREE = {
    "title": "Tree",
    "type": "object",
    "properties": {
        "children": {"type": "array", "items": {"$ref": "#/definitions/Tree"}, "default": []}
    },
    "required": [],
}


def test_everything_is_at_its_place() -> None:
    properties = {
        "neededWord": {"type": "string"},
        "every": {
            "type": "string",
            "examples": ["90s", "1m30s"],
            "description": "How often.",
            "default": "1m30s",
        },
        "level": {"title": "Level", "enum": ["high", "low"], "default": "low"},
        "mode": {"enum": ["a", "b"], "default": "b"},
        "inner": {**INNER, "description": "Mine.", "default": {"n": 1}},
        "many": {"type": "array", "items": INNER, "default": [{"n": 2}]},
        "named": {"type": "object", "additionalProperties": INNER, "default": {}},
        "pair": {
            "type": "array",
            "items": [{"type": "integer"}, {"type": "string"}],
            "additionalItems": False,
            "minItems": 2,
            "maxItems": 2,
            "default": [1, "a"],
        },
        "tree": {**TREE, "default": {"children": []}},
        "either": {"anyOf": [{"type": "integer"}, {"type": "null"}], "default": None},
        "description": {"type": "string", "default": "a key of this name"},
    }
    assert json.loads(json_schema(Settings)) == {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "Settings",
        "description": "All of it.",
        "type": "object",
        "properties": properties,
        "required": ["neededWord"],
        "definitions": {"Tree": TREE},
    }


def test_nothing_counts_beside_a_reference() -> None:
    schema = json.loads(json_schema(Linked))
    assert schema["properties"]["next"]["additionalProperties"] == {
        "description": "One more.",
        "allOf": [{"$ref": "#/definitions/Linked"}],
    }


def test_a_union_of_tagged_types_needs_no_openapi() -> None:
    class One(msgspec.Struct, tag="one"):
        x: int = 0

    class Two(msgspec.Struct, tag="two"):
        y: int = 0

    text = json_schema(One | Two)  # type: ignore[arg-type]  # a union is a type to msgspec
    assert "discriminator" not in text
    assert "$defs" not in text
    assert '"enum":["one"]' in text


def test_a_type_of_anything() -> None:
    assert '"type":"object"' in json_schema(dict[str, object])
    with pytest.raises(TypeError, match="complex"):
        json_schema(complex)
