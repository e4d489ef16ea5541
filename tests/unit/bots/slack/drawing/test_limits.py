"""Texts are measured as Slack does, and split without losing or breaking anything."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from botkube.bots.slack.drawing.escape import escape
from botkube.bots.slack.drawing.limits import head, pieces, size, splits_between_lines


@pytest.mark.parametrize(("text", "length"), [("", 0), ("abc", 3), ("é", 1), ("🎉", 2), ("a🎉", 3)])
def test_a_length_is_in_utf16_units(text: str, length: int) -> None:
    assert size(text) == length


@pytest.mark.parametrize(
    ("text", "limit", "parts"),
    [
        ("a\nb\nc", 3, ["a\nb", "c"]),
        ("a\nb\nc", 5, ["a\nb\nc"]),
        ("abcdef", 4, ["abcd", "ef"]),
        ("a\nbcdefg\nh", 4, ["a", "bcde", "fg\nh"]),
        ("&amp;&lt;x", 6, ["&amp;", "&lt;x"]),
        ("ab<@U1> c", 6, ["ab", "<@U1> ", "c"]),
        ("🎉🎉🎉", 3, ["🎉", "🎉", "🎉"]),
        ("\n\n", 1, []),
        ("", 5, []),
    ],
)
def test_a_text_is_split_between_lines(text: str, limit: int, parts: list[str]) -> None:
    assert pieces(text, limit) == parts


@given(st.text(alphabet="ab&<>\n 🎉", max_size=200), st.integers(6, 40))
def test_nothing_is_lost_and_no_piece_is_too_long(text: str, limit: int) -> None:
    escaped = escape(text)
    parts = pieces(escaped, limit)
    assert all(0 < size(part) <= limit for part in parts)
    assert "".join("".join(parts).split()) == "".join(escaped.split())


def test_whether_lines_stay_whole() -> None:
    assert splits_between_lines("abc\nde", 3)
    assert not splits_between_lines("abc\ndefg", 3)


def test_the_begin_of_a_text() -> None:
    assert head("a\nb\nc", 3) == "a\nb"
    assert head("abc", 3) == "abc"
    assert head("abcd", 3) == "abc"
