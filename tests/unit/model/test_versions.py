import random

import pytest

from botkube.model.versions import pick_version, same_version, version_order

ASCENDING = [
    "latest",
    "nightly",
    "v0.9",
    "1.0.0-alpha",
    "v1.0.0-alpha.1",
    "1.0.0-alpha.beta",
    "1.0.0-rc.2",
    "1.0.0-rc.11",
    "v1.0.0",
    "1.2",
    "1.9.9",
    "v1.10.0",
    "2.0.0-dev",
    "2.0.0+build.7",
]


def test_versions_are_ordered_as_semver_says() -> None:
    shuffled = list(ASCENDING)
    random.Random(7).shuffle(shuffled)
    assert sorted(shuffled, key=version_order) == ASCENDING


def test_the_highest_is_picked_and_none_of_none() -> None:
    assert pick_version(["v1.9.0", "v1.10.0", "v1.10.0-rc.1"]) == "v1.10.0"
    assert pick_version([]) is None


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [("v1.0.0", "1.0.0", True), ("1.0", "1.0", True), ("1.0.0", "1.0.1", False)],
)
def test_the_v_is_optional(one: str, other: str, *, same: bool) -> None:
    assert same_version(one, other) is same
