"""Weak typing of single values."""

import contextlib
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from botkube.config.decode.shape import ScalarKind
from botkube.config.decode.weak import Misfit, read_scalar
from botkube.config.schema.values import Secret
from botkube.config.tree.node import Scalar

KINDS: tuple[ScalarKind, ...] = (
    "text",
    "secret",
    "flag",
    "integer",
    "number",
    "port",
    "seconds",
    "size",
)


@pytest.mark.parametrize(
    ("kind", "value", "read"),
    [
        ("text", "x", "x"),
        ("text", 12, "12"),
        ("text", 1.5, "1.5"),
        ("text", True, "1"),
        ("text", False, "0"),
        ("text", 976789916447019068, "976789916447019068"),
        ("secret", 12, Secret("12")),
        *[("flag", text, True) for text in ("1", "t", "T", "TRUE", "true", "True")],
        *[("flag", text, False) for text in ("0", "f", "F", "FALSE", "false", "False", "")],
        ("flag", 1, True),
        ("flag", 0, False),
        ("integer", "12", 12),
        ("integer", "0x10", 16),
        ("integer", "", 0),
        ("integer", 1.9, 1),
        ("integer", True, 1),
        ("number", 1.5, 1.5),
        ("number", "1.5", 1.5),
        ("number", 2, 2.0),
        ("port", "2112", 2112),
        ("port", 0, 0),
        ("port", "", None),
        ("seconds", "10m0s", 600.0),
        ("seconds", 15_000_000_000, 15.0),
        ("size", 4096, 4096),
        ("size", "1GiB", 2**30),
    ],
)
def test_read(kind: ScalarKind, value: Scalar, read: object) -> None:
    result = read_scalar(kind, value)
    assert result == read
    assert type(result) is type(read)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        *[("number", value) for value in ("", "1,5", "500m", True, math.nan, math.inf, "1e999")],
        ("flag", "yes"),
        ("flag", "on"),
        ("flag", "tRUE"),
        ("integer", "ten"),
        ("integer", math.inf),
        ("integer", math.nan),
        ("port", 65536),
        ("port", -1),
        ("port", "http"),
        ("seconds", "15"),
        ("seconds", ""),
        ("seconds", 1.5),
        ("seconds", True),
        ("size", "big"),
        ("size", -1),
        ("size", True),
    ],
)
def test_misfits_say_what_to_write(kind: ScalarKind, value: Scalar) -> None:
    with pytest.raises(Misfit) as caught:
        read_scalar(kind, value)
    assert caught.value.fix.startswith("write ")


@given(
    st.sampled_from(KINDS),
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=70),
)
def test_every_value_is_read_or_a_misfit(kind: ScalarKind, value: Scalar) -> None:
    with contextlib.suppress(Misfit):
        read_scalar(kind, value)
