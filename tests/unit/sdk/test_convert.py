"""The words about a value that does not fit."""

from enum import StrEnum
from typing import Annotated, Literal

import msgspec
import pytest
from msgspec import Meta

from botkube.sdk.convert import convert
from botkube.sdk.lengths import Duration, duration


class Size(StrEnum):
    BIG = "big"
    SMALL = "small"


class One(msgspec.Struct, tag="one"):
    x: int = 0


class Two(msgspec.Struct, tag="two"):
    y: int = 0


class Inner(msgspec.Struct, forbid_unknown_fields=True):
    a: int = 0
    needed: str = ""


class Needs(msgspec.Struct):
    it: str


class Everything(msgspec.Struct, rename="camel"):
    word: str = ""
    count: Annotated[int, Meta(ge=1, le=9)] = 1
    level: Literal["info", "error"] = "info"
    size: Size = Size.BIG
    every: Duration = duration("1s")
    inner: Inner = msgspec.field(default_factory=Inner)
    needs: Needs | None = None
    named: dict[str, Inner] = {}
    some_list: tuple[Inner, ...] = ()
    shape: One | Two | None = None
    api_token: int = 0
    pattern: Annotated[str, Meta(pattern="^a")] = "a"
    pair: tuple[int, int] = (0, 0)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ({"word": 5}, "word is 5, expected text: put it in quotes"),
        ({"word": ["x"]}, "word is a list, expected text"),
        ({"word": {"a": 1}}, "word is a mapping, expected text"),
        ({"count": 0}, "count is 0, expected a whole number >= 1"),
        ({"count": "many"}, 'count is "many", expected a whole number'),
        ({"level": "loud"}, 'level is "loud", expected one of error, info'),
        ({"size": "huge"}, 'size is "huge", expected one of big, small'),
        ({"every": "soon"}, "every: 'soon' is not a duration such as 90s, 1m30s or 1.5h"),
        ({"inner": 5}, "inner is 5, expected a mapping"),
        ({"inner": {"a": "x"}}, 'inner.a is "x", expected a whole number'),
        ({"inner": {"b": 1}}, "inner.b is not known here"),
        ({"needs": {}}, "needs.it is missing"),
        ({"needs": "x"}, 'needs is "x", expected a mapping or nothing'),
        ({"named": {"k": {"a": "x"}}}, "named.*.a is wrong, expected a whole number"),
        ({"someList": [{}, {"a": "x"}]}, 'someList[1].a is "x", expected a whole number'),
        ({"shape": {"type": "three"}}, 'shape.type is "three", expected one of one, two'),
        ({"apiToken": "abc"}, "apiToken is wrong (its value is not shown), expected a whole number"),
        ({"pattern": "b"}, "pattern is \"b\", expected text matching regex '^a'"),
        ({"pair": [1]}, "pair is a list, expected a list of length 2"),
        ({"count": "x" * 99}, f'count is "{"x" * 59}…, expected a whole number'),
        ("x", 'the whole is "x", expected a mapping'),
    ],
)  # fmt: skip
def test_key_value_and_what_is_expected_are_named(value: object, said: str) -> None:
    with pytest.raises(ValueError, match=r".") as raised:
        convert(value, Everything)
    assert str(raised.value) == said


def test_what_fits_is_converted() -> None:
    value = {"count": "3", "every": "1m", "someList": [{"a": 1}], "shape": {"type": "two", "y": 2}}
    assert convert(value, Everything) == Everything(
        count=3, every=Duration(60), some_list=(Inner(1),), shape=Two(2)
    )
