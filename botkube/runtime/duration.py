"""A length of time as text: Go's way to write it (`1m30s`), which users know from configurations, and ours to show it."""

import re
from collections.abc import Mapping
from typing import Final

# Multiply by the first, divide by the second: `700ms` is then exactly 0.7.
_UNITS: Final[Mapping[str, tuple[int, int]]] = {
    "ns": (1, 10**9),
    "us": (1, 10**6),
    "\u00b5s": (1, 10**6),  # the micro sign and the Greek letter look the same; Go takes both
    "\u03bcs": (1, 10**6),
    "ms": (1, 1000),
    "s": (1, 1),
    "m": (60, 1),
    "h": (3600, 1),
}
_PART: Final = re.compile(r"([0-9]+\.?[0-9]*|\.[0-9]+)([nu\u00b5\u03bcm]?s|m|h)", re.ASCII)
_DURATION: Final = re.compile(rf"([-+]?)((?:{_PART.pattern})+)", re.ASCII)
_MOST_SECONDS: Final = 2**63 / 10**9
_LONGEST: Final = 64
_EXACT: Final = 9.95  # below it tenths are shown
_MINUTES: Final = 100  # from here on minutes are easier to read


def parse_duration(text: str) -> float:
    """Read a Go duration (`1m30s`, `-1.5h`, `0`) as seconds.

    Raises:
        ValueError: it is none, or over 292 years.
    """
    if text in {"0", "+0", "-0"}:
        return 0.0
    found = _DURATION.fullmatch(text) if len(text) <= _LONGEST else None
    total = (
        sum((_seconds(*part) for part in _PART.findall(found[2])), 0.0) if found else _MOST_SECONDS
    )
    if found is None or total >= _MOST_SECONDS:
        raise ValueError(f"{text!r} is not a duration such as 90s, 1m30s or 1.5h")
    return -total if found[1] == "-" else total


def _seconds(number: str, unit: str) -> float:
    times, parts = _UNITS[unit]
    return float(number) * times / parts


def show_duration(seconds: float) -> str:
    """Write a length of time for people: `0.4 s`, `12 s`, `4 m 50 s`, `2 h 5 m`."""
    if seconds < _EXACT:
        return f"{max(seconds, 0):.1f} s"
    whole = round(seconds)
    if whole < _MINUTES:
        return f"{whole} s"
    hours, rest = divmod(whole, 3600)
    minutes, left = divmod(rest, 60)
    parts = (f"{hours} h", f"{minutes} m") if hours else (f"{minutes} m", f"{left} s")
    return " ".join(part for part in parts if not part.startswith("0"))
