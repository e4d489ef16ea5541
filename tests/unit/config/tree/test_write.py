"""YAML out: another parser reads what was meant."""

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from botkube.config.tree.node import plain
from botkube.config.tree.parse import parse
from botkube.config.tree.write import to_yaml


def again(value: object) -> object:
    node = parse(to_yaml(value).decode(), "f", lambda *_: None, lambda *_: None)
    assert node is not None
    return plain(node)


def test_keys_keep_their_order_and_case() -> None:
    value = {"zKey": 1, "aKey": {"B": [True, None], "a": "x"}}
    assert to_yaml(value) == b"zKey: 1\naKey:\n  B:\n  - true\n  - null\n  a: x\n"


def test_nothing_is_null() -> None:
    assert to_yaml(None) == b"null\n"


def test_shared_parts_are_written_out() -> None:
    part = {"k": "v"}
    assert b"&" not in to_yaml([part, part])


@pytest.mark.parametrize(
    "text", ["1e3", "0o17", "yes", "on", "null", "2024-01-31", "1:30", "0x1", ""]
)
def test_text_that_looks_like_something_else_stays_text_in_both_dialects(text: str) -> None:
    assert again({"k": text}) == {"k": text}
    assert yaml.load(to_yaml({"k": text}), Loader=yaml.CSafeLoader) == {"k": text}


def values() -> st.SearchStrategy[object]:
    text = st.text(st.characters(codec="utf-8"), max_size=8)
    numbers = st.integers(-(2**63), 2**64 - 1) | st.floats(allow_nan=False)
    leaves = st.none() | st.booleans() | numbers | text
    return st.recursive(
        leaves,
        lambda below: st.lists(below, max_size=3) | st.dictionaries(text, below, max_size=3),
        max_leaves=10,
    )


@given(values())
def test_what_is_written_is_read_back(value: object) -> None:
    if value is not None:
        assert again([value]) == [value]
