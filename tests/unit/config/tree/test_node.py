"""Nodes: content, place, and finding one by its path."""

import pytest

from botkube.config.tree.node import Items, Leaf, Node, Origin, Table, kind, locate, moved, plain

HERE = Origin("a.yaml", 1)


def line(number: int) -> Origin:
    return Origin("a.yaml", number)


TREE = Table(
    {
        "b": Leaf(1, line(2)),
        "a": Items((Leaf("x", line(4)), Table({"k.l/m": Leaf(None, line(5))}, line(5))), line(3)),
    },
    HERE,
)


def test_plain_keeps_the_order_and_the_keys() -> None:
    value = plain(TREE)
    assert value == {"b": 1, "a": ["x", {"k.l/m": None}]}
    assert isinstance(value, dict)
    assert list(value) == ["b", "a"]


@pytest.mark.parametrize(
    ("path", "where"),
    [
        ((), 1),
        (("b",), 2),
        (("a", "[0]"), 4),
        (("a", "[1]", "k.l/m"), 5),
        (("a", "[9]"), 3),
        (("a", "nothing"), 3),
        (("b", "below", "that"), 2),
        (("unknown", "key"), 1),
    ],
)
def test_the_nearest_existing_part_is_found(path: tuple[str, ...], where: int) -> None:
    assert locate(TREE, path).line == where


@pytest.mark.parametrize("node", [TREE, Leaf(1, HERE), Items((), HERE)])
def test_moving_changes_the_place_only(node: Node) -> None:
    elsewhere = Origin("b.yaml", 9)
    assert moved(node, elsewhere).origin == elsewhere
    assert plain(moved(node, elsewhere)) == plain(node)


@pytest.mark.parametrize(
    ("node", "name"),
    [
        (Table({}, HERE), "a map"),
        (Items((), HERE), "a list"),
        (Leaf(bool(1), HERE), "true or false"),
        (Leaf(1.5, HERE), "a number"),
        (Leaf(None, HERE), "nothing"),
        (Leaf("", HERE), "text"),
    ],
)
def test_kinds_have_names(node: Node, name: str) -> None:
    assert kind(node) == name
