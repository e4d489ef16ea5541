"""The end of a process in words."""

import pytest

from botkube.plugins.end import describe_end


@pytest.mark.parametrize(
    ("reason", "code", "lines", "text"),
    [
        ("", 3, (), "the plugin exited with code 3"),
        ("", 0, ("bye",), "the plugin exited with code 0; its last words: bye"),
        ("", -9, (), "the plugin was killed by SIGKILL"),
        ("", -60, (), "the plugin was killed by signal 60"),
        ("", None, (), "the plugin ended"),
        ("it was late", -9, ("wait", "no"), "it was late; its last words: wait / no"),
        ("x" * 1000, 0, (), "x" * 300),
    ],
)
def test_the_end_is_one_sentence(
    reason: str, code: int | None, lines: tuple[str, ...], text: str
) -> None:
    end = describe_end(reason, code, lines)
    assert end.sentence + end.last_words == text


@pytest.mark.parametrize(
    ("reason", "text"),
    [
        ("", "it exited with code 3"),
        ("the plugin failed its health check", "it failed its health check"),
        ("cannot connect to the plugin", "cannot connect to the plugin"),
    ],
)
def test_who_has_named_the_plugin_says_it(reason: str, text: str) -> None:
    assert describe_end(reason, 3, ("bye",)).predicate == text
