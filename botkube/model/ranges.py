"""Version ranges, as in `repo/name@^1.2`: comparisons side by side all hold, `||` separates alternatives. Pure.

`^1.2` keeps the first number that is not zero, `~1.2` keeps major and minor, `1.x` and `*` leave numbers open;
`>= > <= < =` compare. Anything else is an exact version, even if it looks like half of one.
"""

import re
from collections.abc import Callable
from typing import Final

from botkube.model.versions import VersionOrder, version_order

Test = Callable[[str], bool]

LONGEST: Final = 128
_RANGE: Final = re.compile(r"[\^~<>=*|\s,]|(?:^|\.)[xX](?:\.|$)")
_NUMBER: Final = r"(?:[0-9]{1,18}|[xX*])"
_PART: Final = re.compile(
    rf"(\^|~|>=|<=|>|<|=|)v?({_NUMBER}(?:\.{_NUMBER})*)(-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?"
)
_GAP: Final = re.compile(r"(\^|~|>=|<=|>|<|=)\s+")
_TESTS: Final[dict[str, Callable[[VersionOrder, VersionOrder], bool]]] = {
    ">=": lambda one, other: one[:4] >= other[:4],
    "<=": lambda one, other: one[:4] <= other[:4],
    ">": lambda one, other: one[:4] > other[:4],
    "<": lambda one, other: one[:4] < other[:4],
    "=": lambda one, other: one[:4] == other[:4],
}


class BadRange(ValueError):
    """A text that looks like a range and is none; the text completes a sentence that begins with it."""


def is_range(text: str) -> bool:
    """Tell whether the version in a key is a range and not one version."""
    return bool(_RANGE.search(text))


def check_version(text: str) -> None:
    """Check the version in a key: anything will do, but what looks like a range has to be one.

    Raises: BadRange.
    """
    if is_range(text):
        read_range(text)


def read_range(text: str) -> Test:
    """Return the test that versions have to pass.

    Raises: BadRange.
    """
    if len(text) > LONGEST:
        raise BadRange(f"is longer than {LONGEST} characters")
    groups = [_all(part) for part in text.split("||")]

    def holds(version: str) -> bool:
        is_version = version_order(version)[0] > 0
        return is_version and any(all(test(version) for test in group) for group in groups)

    return holds


def _all(text: str) -> list[Test]:
    parts = _GAP.sub(r"\1", text.replace(",", " ")).split()
    if not parts:
        raise BadRange("is no version range: there is nothing before or after ||")
    return [test for part in parts for test in _tests(part)]


def _tests(part: str) -> list[Test]:
    found = _PART.fullmatch(part)
    if found is None:
        raise BadRange(f"is no version range: {part} is not understood")
    operator, text, pre = found.groups()
    numbers = _leading(text)
    is_open = len(numbers) < len(text.split("."))
    low = ".".join(map(str, numbers or [0])) + (pre or "")
    if not is_open and operator not in {"^", "~"}:
        return [_compare(operator or "=", low)]
    if operator not in {"", "=", "^", "~"}:
        raise BadRange(f"is no version range: {part} compares with an open version")
    return [_compare(">=", low), *_below(operator, numbers)]


def _leading(text: str) -> list[int]:
    numbers: list[int] = []
    for number in text.split("."):
        if not number.isdecimal():
            break
        numbers.append(int(number))
    return numbers


def _below(operator: str, numbers: list[int]) -> list[Test]:
    if not numbers:
        return []
    keep = len(numbers)
    if operator == "^":
        keep = next((i + 1 for i, n in enumerate(numbers) if n), keep)
    elif operator == "~":
        keep = min(2, keep)
    *kept, last = numbers[:keep]
    return [_compare("<", ".".join(map(str, [*kept, last + 1])))]


def _compare(operator: str, version: str) -> Test:
    test, bound = _TESTS[operator], version_order(version)
    if operator.startswith("<") and "-" not in version:
        # 2.0.0-rc.1 sorts below 2.0.0, but nobody who writes <2 means it.
        return lambda given: test(version_order(given.partition("+")[0].partition("-")[0]), bound)
    return lambda given: test(version_order(given), bound)
