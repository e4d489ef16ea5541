"""How layers lie over each other."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from botkube.config.tree.merge import merge
from botkube.config.tree.node import Items, Leaf, Node, Origin, Table, plain

OLD, NEW = Origin("old.yaml", 1), Origin("new.yaml", 1)


def node(value: object, origin: Origin = OLD) -> Node:
    if isinstance(value, dict):
        return Table({str(k): node(v, origin) for k, v in value.items()}, origin)
    if isinstance(value, list):
        return Items(tuple(node(v, origin) for v in value), origin)
    assert value is None or isinstance(value, (str, int, float))
    return Leaf(value, origin)


@pytest.mark.parametrize(
    ("older", "newer", "result"),
    [
        ({"a": 1, "b": 2}, {"b": 3, "c": 4}, {"a": 1, "b": 3, "c": 4}),
        ({"a": {"x": 1, "y": 1}}, {"a": {"y": 2}}, {"a": {"x": 1, "y": 2}}),
        ({"a": {"x": 1}}, {"A": {"y": 2}}, {"a": {"x": 1}, "A": {"y": 2}}),
        ({"a": [1, 2]}, {"a": [3]}, {"a": [3]}),
        ({"a": {"x": 1}}, {"a": None}, {"a": None}),
        ({"a": [1]}, {"a": None}, {"a": None}),
        ({"a": {"x": 1}}, {"a": {}}, {"a": {"x": 1}}),
        ({"a": {"x": 1}}, {"a": "text"}, {"a": "text"}),
        ({"a": "text"}, {"a": {"x": 1}}, {"a": {"x": 1}}),
        ({"a": 1}, {}, {"a": 1}),
        ({"a": 1}, {"a": []}, {"a": []}),
    ],
)
def test_rules(older: object, newer: object, result: object) -> None:
    assert plain(merge(node(older), node(newer, NEW))) == result


def test_values_know_the_layer_they_come_from() -> None:
    merged = merge(node({"a": {"x": 1, "y": 1}}), node({"a": {"y": 2}}, NEW))
    assert isinstance(merged, Table)
    section = merged.entries["a"]
    assert isinstance(section, Table)
    assert section.entries["x"].origin == OLD
    assert section.entries["y"].origin == NEW


def test_a_section_stays_where_a_file_wrote_it_when_the_environment_adds_to_it() -> None:
    merged = merge(node({"a": 1}), node({"b": 2}, Origin("environment", quiet=True)))
    assert merged.origin == OLD


trees = st.recursive(
    st.none() | st.integers() | st.text(max_size=3),
    lambda below: st.lists(below, max_size=2) | st.dictionaries(st.sampled_from("abc"), below),
    max_leaves=8,
)
tables = st.dictionaries(st.sampled_from("abc"), trees)


@given(tables)
def test_a_layer_over_itself_changes_nothing(a: object) -> None:
    assert plain(merge(node(a), node(a))) == a


@given(tables)
def test_an_empty_layer_changes_nothing(a: object) -> None:
    assert plain(merge(node(a), node({}))) == a
    assert plain(merge(node({}), node(a))) == a


@given(tables, tables)
def test_the_newer_layer_can_be_read_back(a: object, b: dict[str, object]) -> None:
    merged = plain(merge(node(a), node(b)))
    assert isinstance(merged, dict)
    for key, value in b.items():
        if not isinstance(value, dict):
            assert merged[key] == value


@given(tables, tables)
def test_merging_changes_neither_side(a: object, b: object) -> None:
    older, newer = node(a), node(b)
    merge(older, newer)
    assert (plain(older), plain(newer)) == (a, b)
