"""Every text finds its way through an id of limited length, and two never share one."""

import pytest

from botkube.bots.slack.drawing.links import (
    Forgotten,
    fits,
    key_of,
    keys_in,
    options_key,
    resolved,
    short,
)


@pytest.mark.parametrize(
    ("text", "limit", "whether"),
    [
        ("get pods", 8, True),
        ("get pods", 7, False),
        ("🎉", 1, False),
        ("", 5, False),
        ("~x", 5, False),
        ("a\nb", 5, False),
        ("a\x00b", 5, False),
        ("ends blank ", 20, True),
    ],
)
def test_what_an_id_can_hold(text: str, limit: int, *, whether: bool) -> None:
    assert fits(text, limit) is whether


def test_long_texts_with_the_same_begin_have_different_keys() -> None:
    begin = "é" * 300
    assert key_of(begin + "a") != key_of(begin + "b")
    assert key_of(begin) == key_of(begin)
    assert len(key_of(begin)) == 33


def test_a_key_is_resolved() -> None:
    key = key_of("long")
    assert resolved(key, {key: "long"}) == "long"
    assert resolved("~short", {}) == "~short"
    assert resolved("get pods", {key: "long"}) == "get pods"
    with pytest.raises(Forgotten, match=key):
        resolved(key, {})


def test_the_keys_among_texts() -> None:
    key = key_of("x")
    assert keys_in(["a", key, "", key, "~b"]) == (key,)


def test_options_are_kept_by_place() -> None:
    assert options_key("b", "a") == options_key("b", "a")
    assert len({options_key("ab", ""), options_key("a", "b"), options_key("", "ab")}) == 3
    assert short("a", "b") != short("ab")
