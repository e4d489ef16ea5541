"""The value of unquoted scalars, as Go's yaml.v3 sees it."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from botkube.config.tree.node import Scalar
from botkube.config.tree.scalars import parse_integer, resolve, text_of


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", None),
        ("~", None),
        ("null", None),
        ("NULL", None),
        ("nUll", "nUll"),
        ("true", True),
        ("False", False),
        ("yes", "yes"),
        ("no", "no"),
        ("on", "on"),
        ("off", "off"),
        ("y", "y"),
        ("2024-01-31", "2024-01-31"),
        ("12:30:45", "12:30:45"),
        ("0", 0),
        ("-0", 0),
        ("+12", 12),
        ("1_000", 1000),
        ("0777", 511),
        ("0o17", 15),
        ("0x1F", 31),
        ("-0b101", -5),
        ("08", 8.0),
        ("1.10", 1.1),
        (".5", 0.5),
        ("5.", 5.0),
        ("1e3", 1000.0),
        ("1e", "1e"),
        ("-", "-"),
        (".", "."),
        ("+.inf", math.inf),
        ("-.INF", -math.inf),
        ("18446744073709551615", 2**64 - 1),
        ("-9223372036854775808", -(2**63)),
        ("18446744073709551616", 18446744073709551616.0),
        ("9" * 5000, "9" * 5000),
        ("0x" + "f" * 5000, "0x" + "f" * 5000),
        ("1e999", "1e999"),
        ("~x", "~x"),
        ("=", "="),
    ],
)
def test_resolve(text: str, value: object) -> None:
    resolved = resolve(text)
    assert resolved == value
    assert type(resolved) is type(value)


def test_not_a_number_is_one() -> None:
    number = resolve(".NaN")
    assert isinstance(number, float)
    assert math.isnan(number)


@pytest.mark.parametrize("text", ["", "x", "0x", "1 ", "12a", "0b2", "--1", "1_0", "٣"])
def test_not_an_integer(text: str) -> None:
    assert parse_integer(text) is None


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (12, "12"),
        (True, "true"),
        (None, "null"),
        (1.5, "1.5"),
        (2.0, "2"),
        (1e23, "100000000000000000000000"),
        (1.5e-7, "0.00000015"),
        (math.inf, "+Inf"),
        (math.nan, "NaN"),
        ("x", "x"),
    ],
)
def test_text_of(value: Scalar, text: str) -> None:
    assert text_of(value) == text


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_text_of_a_float_is_exact(value: float) -> None:
    assert float(text_of(value)) == value


@given(st.text())
def test_any_text_resolves(text: str) -> None:
    assert isinstance(resolve(text), (str, int, float, bool, type(None)))
