"""The configuration's regular expressions are RE2's, and no text stops the program."""

import re
import time

import pytest

from botkube.model.pattern import matches, wrong


@pytest.mark.parametrize(
    ("pattern", "text", "found"),
    [
        ("error", "an error!", True),
        ("error", "an ERROR", False),
        ("(?i)error", "an ERROR", True),
        ("^$", "x", False),
        ("^$", "", True),
        (r"^\pL+\z", "später", True),  # RE2's, not Python's
        ("[[:digit:]]", "d", False),
        (r"\Qa+b\E", "a+b", True),
        ("a.b", "a\nb", False),
        ("b", "a\0b", True),
        ("b", "a\ud800b", True),
    ],
)
def test_a_pattern_is_found_anywhere(pattern: str, text: str, found: bool) -> None:  # noqa: FBT001
    assert wrong(pattern) == ""
    assert matches(pattern, text) is found


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        ("(", "missing ): ("),
        ("a(?=b)", "invalid perl operator: (?="),
        (r"(a)\1", r"invalid escape sequence: \1"),
        ("(a{1000}){1000}", "invalid repetition size: {1000}"),
        ("\ud800", "surrogates not allowed"),
    ],
)
def test_what_is_no_pattern_says_why(
    pattern: str, why: str, capfd: pytest.CaptureFixture[str]
) -> None:
    assert wrong(pattern).endswith(why)
    with pytest.raises(ValueError, match=re.escape(why)):
        matches(pattern, "a")
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize(
    ("pattern", "text"),
    [("(a+)+b", "a" * 26), ("(a|a)+b", "a" * 26), (".*a.*a.*b", "a" * 500)],
)
def test_no_text_makes_a_pattern_take_long(pattern: str, text: str) -> None:
    begun = time.process_time()
    assert not matches(pattern, text)
    assert (
        time.process_time() - begun < 1.0
    )  # with `re`: seconds, and twice as many with each letter more
