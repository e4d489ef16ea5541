"""A payload against a plugin's schema: what does not fit is said; what could cost time is left alone."""

import json
import time
from collections.abc import Iterator

import pytest

from botkube.bridges.payload import LARGEST, SHOWN, SPENT, UNIQUE, BadSchema, PayloadSchema

PATIENT = 10.0  # seconds of a processor that nothing here may take, on the slowest machine
MESSAGE = '{"type":"object","required":["message"],"properties":{"message":{"type":"string"}}}'
DRAFTS = [
    "http://json-schema.org/draft-06/schema#",
    "http://json-schema.org/draft-07/schema#",
    "https://json-schema.org/draft/2019-09/schema",
    "https://json-schema.org/draft/2020-12/schema",
    "http://json-schema.org/draft-04/schema#",
    "https://example.test/of-our-own",
]


@pytest.fixture(autouse=True)
def in_time() -> Iterator[None]:
    began = time.process_time()
    yield
    assert time.process_time() - began < PATIENT


def problem(schema: object, payload: object) -> str:
    text = schema if isinstance(schema, str) else json.dumps(schema)
    data = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    return PayloadSchema(text, time.perf_counter).problem(data)


@pytest.mark.parametrize(
    ("payload", "wanted"),
    [
        ({"message": "x", "more": 5}, ""),
        ({"message": 5}, "$.message: 5 is not of type 'string'"),
        ({}, "$: 'message' is a required property"),
        ([], "$: [] is not of type 'object'"),
        (b"{", "it is not JSON: Input data was truncated"),
        (b'{"message":"\xff"}', "it is not JSON: "),
        (b"", "it is not JSON: Input data was truncated"),
    ],
)
def test_a_payload(payload: object, wanted: str) -> None:
    found = problem(MESSAGE, payload)
    assert found.startswith(wanted)
    assert bool(found) is bool(wanted)


@pytest.mark.parametrize("draft", DRAFTS)
def test_drafts(draft: str) -> None:
    schema = {"$schema": draft, **json.loads(MESSAGE)}
    assert problem(schema, {"message": "x"}) == ""
    assert "is not of type 'string'" in problem(schema, {"message": 5})


def test_the_draft_that_a_schema_names_counts() -> None:
    schema = {"prefixItems": [{"type": "string"}]}
    assert problem(schema, [5]) == ""
    assert "string" in problem({"$schema": DRAFTS[3], **schema}, [5])


@pytest.mark.parametrize(
    ("schema", "why"),
    [
        ("{", "it is not JSON"),
        ("[" * 10_000, "it is not JSON"),
        ("[]", "is not of type 'object'"),
        ('{"type":"text"}', "'text'"),
        ('{"properties":[]}', "is not of type 'object'"),
        ('{"$ref":"https://example.test/x.json"}', "it refers to https://example.test/x.json"),
        ('{"properties":{"a":{"$ref":"other.json#/x"}}}', "nothing is fetched"),
        (f'{{"title":"{"x" * LARGEST}"}}', "it is longer"),
    ],
)
def test_what_is_no_schema(schema: str, why: str) -> None:
    with pytest.raises(BadSchema) as caught:
        PayloadSchema(schema, time.perf_counter)
    assert why in str(caught.value)


@pytest.mark.parametrize("schema", [{"$ref": "#/nowhere"}, {"items": {"$ref": "#no-anchor"}}])
def test_what_turns_out_to_be_no_schema(schema: object) -> None:
    with pytest.raises(BadSchema):
        problem(schema, [1])


@pytest.mark.parametrize(
    "schema",
    [
        {"$ref": "#/definitions/m", "definitions": {"m": json.loads(MESSAGE)}},
        {"$id": "https://example.test/a", "allOf": [{"$ref": "#/definitions/m"}]}
        | {"definitions": {"m": json.loads(MESSAGE)}},
    ],
)
def test_references_within_a_schema(schema: object) -> None:
    assert problem(schema, {"message": "x"}) == ""
    assert "5" in problem(schema, {"message": 5})


def test_a_long_reason_is_cut() -> None:
    found = problem({"type": "string"}, list(range(10_000)))
    assert len(found) == SHOWN
    assert found.startswith("$: [0, 1, 2")
    assert found.endswith("9999] is not of type 'string'")


EVIL = "(a+)+$"
LONG = "a" * 60 + "!"


@pytest.mark.parametrize(
    ("schema", "payload"),
    [
        ({"pattern": EVIL}, LONG),
        ({"patternProperties": {EVIL: False}}, {LONG: 1}),
        ({"patternProperties": {EVIL: {}}, "additionalProperties": False}, {LONG: 1}),
        ({"propertyNames": {"pattern": EVIL}}, {LONG: 1}),
        ({"uniqueItems": True}, [{"n": n} for n in range(50_000)]),
        # A part that gives itself the name of a draft would be checked by the library's own rules for that draft.
        ({"allOf": [{"$schema": DRAFTS[1], "pattern": EVIL}]}, LONG),
        ({"allOf": [{"$id": DRAFTS[1], "$ref": "#"}]}, {"pattern": EVIL}),
        ({"$ref": "#"}, 1),
        ({"items": {"$ref": "#"}}, json.loads("[" * 400 + "]" * 400)),
        ({"type": "object"}, b"[" * 100_000 + b"]" * 100_000),
    ],
)
def test_what_has_no_bound_is_left_alone(schema: object, payload: object) -> None:
    assert problem(schema, payload) == ""


def test_a_few_items_are_compared() -> None:
    assert "non-unique" in problem({"uniqueItems": True}, [1] * UNIQUE)


def doubling(depth: int) -> object:
    parts = {str(n): {"allOf": [{"$ref": f"#/definitions/{n + 1}"}] * 2} for n in range(depth)}
    return {"$ref": "#/definitions/0", "definitions": {**parts, str(depth): {"type": "object"}}}


def test_what_is_not_found_out_in_time_passes() -> None:
    now = iter(n * SPENT / 1000 for n in range(1_000_000))
    schema = PayloadSchema(json.dumps(doubling(20)), lambda: next(now))
    assert schema.problem(b"5") == "$: 5 is not of type 'object'", "the first fault is soon found"
    assert schema.problem(b"{}") == ""
    assert next(now) < 10, "it has looked a million times"
    assert schema.problem(b"5") != "", "each payload has its own time"
