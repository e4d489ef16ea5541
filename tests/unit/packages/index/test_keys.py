"""What people type, and which plugins it means."""

import pytest

from botkube.model.errors import ConfigError
from botkube.model.plugin import PluginKey, parse_plugin_key
from botkube.packages.index.entries import parse_index
from botkube.packages.index.keys import meant, offered
from tests.fakes.repository import entry, index_of


def keys(*texts: str) -> list[PluginKey]:
    pairs = (text.split(" ", 1) for text in texts)
    return [parse_plugin_key("source" if k == "source" else "executor", v) for k, v in pairs]


def names(found: tuple[PluginKey, ...]) -> list[str]:
    return [f"{key.kind} {key}" for key in found]


KNOWN = keys("executor r/p", "executor r/p@^1", "executor r/q@^1", "executor r/k", "source r/k")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("r/p", ["executor r/p"]),
        ("r/p@^1", ["executor r/p@^1"]),
        ("r/p@v2", ["executor r/p@v2"]),
        ("r/q", ["executor r/q@^1"]),
        ("r/k", ["executor r/k", "source r/k"]),
        ("source r/k", ["source r/k"]),
        ("executor  r/k@1", ["executor r/k@1"]),
        ("source r/p", []),
        ("r/nothing", []),
        ("other/p", []),
    ],
)
def test_what_is_known_is_meant(text: str, expected: list[str]) -> None:
    assert names(meant(text, KNOWN)) == expected


@pytest.mark.parametrize("text", ["", "p", "r/", "/p", "source p", "executor "])
def test_what_is_no_key(text: str) -> None:
    with pytest.raises(ConfigError, match="not of the form"):
        meant(text, KNOWN)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("r/clock@1", ["source r/clock@1"]),
        ("r/both", ["executor r/both", "source r/both"]),
        ("executor r/clock", ["executor r/clock"]),
        ("r/nothing", ["executor r/nothing"]),
    ],
)
def test_what_is_not_known_is_looked_up_in_the_index(text: str, expected: list[str]) -> None:
    both = [entry("both", "u", kind=kind) for kind in ("executor", "source")]
    content = index_of(entry("clock", "u", kind="source"), *both)
    assert names(offered(text, parse_index(content, "http://x/i"))) == expected
