"""Durations, sizes and addresses as they are written in a configuration."""

import re
from collections.abc import Mapping

import msgspec

_MICRO = "\u00b5"  # Go takes both signs that look like a small mu
_MU = "\u03bc"
_UNITS: Mapping[str, float] = {
    "ns": 1e-9,
    "us": 1e-6,
    f"{_MICRO}s": 1e-6,
    f"{_MU}s": 1e-6,
    "ms": 1e-3,
    "s": 1.0,
    "m": 60.0,
    "h": 3600.0,
}
_PART = re.compile(rf"([0-9]+\.?[0-9]*|\.[0-9]+)(ns|us|{_MICRO}s|{_MU}s|ms|s|m|h)")
_DURATION = re.compile(rf"([-+]?)((?:(?:{_PART.pattern})+))")
_MOST_SECONDS = 2**63 / 10**9
_LONGEST = 64

_SIZE = re.compile(r"([0-9]+(?:\.[0-9]+)?) ?([kKMGT]?)(i?)(B?)")
_POWERS = {"": 0, "k": 1, "K": 1, "M": 2, "G": 3, "T": 4}

_ADDRESS = re.compile(
    r"(?:\[(?P<v6>[0-9a-fA-F:.%\w]+)\]|(?P<host>[^\s:/\[\]]+)):(?P<port>[0-9]{1,5})"
)
_HOST = re.compile(r"[^\s/\[\]]+")
MAX_PORT = 65535


class Address(msgspec.Struct, frozen=True):
    """Where to listen; port 0 is any free one."""

    host: str
    port: int


def parse_duration(text: str) -> float:
    """Read a Go duration (`1m30s`, `-1.5h`, `0`) as seconds.

    Raises: ValueError.
    """
    if text in {"0", "+0", "-0"}:
        return 0.0
    found = _DURATION.fullmatch(text) if len(text) <= _LONGEST else None
    if found is None:
        raise ValueError(text)
    parts = _PART.findall(found[2])
    total = sum(float(number) * _UNITS[unit] for number, unit in parts)
    if total >= _MOST_SECONDS:
        raise ValueError(text)
    return -total if found[1] == "-" else total


def parse_size(text: str) -> int:
    """Read a number of bytes: `4096`, `4 KiB`, `1.5GB`, `1G`.

    Raises: ValueError.
    """
    found = _SIZE.fullmatch(text) if len(text) <= _LONGEST else None
    if found is None or (found[3] and not found[2]):
        raise ValueError(text)
    base = 1024 if found[3] else 1000
    return round(float(found[1]) * float(base) ** _POWERS[found[2]])


def parse_address(text: str) -> Address:
    """Read HOST:PORT, an IPv6 host in brackets.

    Raises: ValueError.
    """
    found = _ADDRESS.fullmatch(text)
    if found is None or int(found["port"]) > MAX_PORT:
        raise ValueError(text)
    return Address(found["v6"] or found["host"], int(found["port"]))


def is_host(text: str) -> bool:
    """Tell whether a text can be a host to listen on: a name or an address, without a port."""
    without_port = text.count(":") != 1  # one colon is a port, more are IPv6
    return without_port and _HOST.fullmatch(text) is not None
