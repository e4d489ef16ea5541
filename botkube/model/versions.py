"""Orders plugin versions as semantic versioning does; pure."""

import re
from collections.abc import Iterable

_VERSION = re.compile(r"v?(\d+(?:\.\d+)*)(?:-([0-9A-Za-z.-]+))?(?:\+[0-9A-Za-z.-]+)?")

_Identifier = tuple[int, int, str]
VersionOrder = tuple[int, tuple[int, ...], int, tuple[_Identifier, ...], str]


def version_order(text: str) -> VersionOrder:
    """Give the sort key of a version: pre-releases below their release, what is no version at all lowest."""
    match = _VERSION.fullmatch(text)
    if match is None:
        return (0, (), 0, (), text)
    numbers, pre = match.groups()
    return (1, _padded(numbers), int(pre is None), _identifiers(pre or ""), text)


def same_version(one: str, other: str) -> bool:
    """Tell whether two texts name one version, with or without the "v"."""
    return one.removeprefix("v") == other.removeprefix("v")


def pick_version(versions: Iterable[str]) -> str | None:
    """Pick the highest version, None if there is none."""
    return max(versions, key=version_order, default=None)


def _padded(numbers: str) -> tuple[int, ...]:
    parts = [int(part) for part in numbers.split(".")]
    while parts and parts[-1] == 0:  # 1.2 and 1.2.0 are equal
        parts.pop()
    return tuple(parts)


def _identifiers(pre: str) -> tuple[_Identifier, ...]:
    return tuple((0, int(i), "") if i.isdecimal() else (1, 0, i) for i in pre.split(".") if i)
