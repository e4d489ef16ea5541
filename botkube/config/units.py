"""Durations, sizes and addresses as they are written in a configuration."""

import ipaddress
import re

import msgspec

from botkube.runtime.duration import parse_duration

__all__ = ["MAX_PORT", "Address", "parse_address", "parse_duration", "parse_size"]

_SIZE = re.compile(r"([0-9]+(?:\.[0-9]+)?) ?([kKMGT]?)(i?)(B?)")
_LONGEST = 64
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


def is_loopback(host: str) -> bool:
    """Tell whether only this machine reaches what listens on a host."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"
