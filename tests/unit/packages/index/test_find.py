"""Searching indexes."""

import pytest

from botkube.packages.index.choose import this_platform
from botkube.packages.index.entries import parse_index
from botkube.packages.index.find import find, versions
from tests.fakes.repository import entry, index_of

INDEXES = {
    "r": parse_index(
        index_of(
            entry("kubectl", "u", version="v1.9.0") | {"description": "Old words"},
            entry("kubectl", "u", version="v1.10.0") | {"description": "Runs kubectl\n commands"},
            entry("kubectl", "u", version="v2.0.0-rc.1"),
            entry("clock", "u", kind="source", version="v3.0.0-rc.1"),
        ),
        "http://x/i",
    ),
    "a": parse_index(index_of(entry("other", "u")), "http://x/i"),
}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ["a/other", "r/clock", "r/kubectl"]),
        ("KUBECTL", ["r/kubectl"]),
        ("commands r/", ["r/kubectl"]),
        ("old", []),
    ],
)
def test_all_the_words_in_the_newest_version(text: str, expected: list[str]) -> None:
    assert [hit.plugin for hit in find(INDEXES, text, this_platform())] == expected


def test_what_a_hit_tells() -> None:
    hit = find(INDEXES, "kubectl", "plan9/mips", {"executor r/kubectl": "v1.9.0"})[0]
    assert (hit.version, hit.installed, hit.here) == ("v1.10.0", "v1.9.0", False)
    assert hit.description == "Runs kubectl commands"


def test_versions_newest_first() -> None:
    found = [each.version for each in versions(INDEXES["r"], "executor", "kubectl")]
    assert found == ["v2.0.0-rc.1", "v1.10.0", "v1.9.0"]
