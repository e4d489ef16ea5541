"""Durations, sizes and addresses as text."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from botkube.config.units import (
    Address,
    is_host,
    is_loopback,
    parse_address,
    parse_duration,
    parse_size,
)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("15s", 15),
        ("30m", 1800),
        ("10m0s", 600),
        ("1h1m1.5s", 3661.5),
        ("100ms", 0.1),
        ("1us", 1e-6),
        ("1\u00b5s", 1e-6),
        ("1\u03bcs", 1e-6),
        ("5ns", 5e-9),
        ("-1.5h", -5400),
        ("+1s", 1),
        (".5s", 0.5),
        ("1.s", 1),
        ("0", 0),
        ("2s1h", 3602),
    ],
)
def test_durations(text: str, seconds: float) -> None:
    assert parse_duration(text) == pytest.approx(seconds)


@pytest.mark.parametrize(
    "text",
    ["", "15", "s", "1 s", "1d", ".s", "1m-1s", "--1s", "9999999999h", "1S", "٣s", "1" * 500 + "s"],
)
def test_not_durations(text: str) -> None:
    with pytest.raises(ValueError, match="is not a duration such as"):
        parse_duration(text)


@given(st.integers(0, 10**6), st.integers(0, 59), st.integers(0, 59))
def test_durations_add_up(hours: int, minutes: int, seconds: int) -> None:
    text = f"{hours}h{minutes}m{seconds}s"
    assert parse_duration(text) == hours * 3600 + minutes * 60 + seconds


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("0", 0),
        ("4096", 4096),
        ("10B", 10),
        ("1k", 1000),
        ("1kB", 1000),
        ("4KiB", 4096),
        ("4 Ki", 4096),
        ("1.5MiB", 1_572_864),
        ("1GiB", 2**30),
        ("1G", 10**9),
        ("2TiB", 2**41),
    ],
)
def test_sizes(text: str, size: int) -> None:
    assert parse_size(text) == size


@pytest.mark.parametrize("text", ["", "GiB", "-1", "1iB", "1 GiBs", "1e3", "1g", "9" * 100])
def test_not_sizes(text: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(text)}$"):
        parse_size(text)


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("127.0.0.1:2110", Address("127.0.0.1", 2110)),
        ("localhost:0", Address("localhost", 0)),
        ("[::1]:80", Address("::1", 80)),
        ("0.0.0.0:65535", Address("0.0.0.0", 65535)),
    ],
)
def test_addresses(text: str, address: Address) -> None:
    assert parse_address(text) == address


@pytest.mark.parametrize(
    "text", ["", ":2110", "2110", "localhost", "::1:80", "a:65536", "a:b", "a: 80", "http://a:80"]
)
def test_not_addresses(text: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(text)}$"):
        parse_address(text)


@pytest.mark.parametrize(
    ("text", "valid"),
    [
        ("0.0.0.0", True),
        ("::", True),
        ("node-1", True),
        ("a:80", False),
        ("", False),
        ("a b", False),
    ],
)
def test_hosts(text: str, valid: bool) -> None:  # noqa: FBT001 - a column of the table
    assert is_host(text) is valid


@pytest.mark.parametrize(
    ("host", "answer"),
    [("127.0.0.1", True), ("127.1.2.3", True), ("::1", True), ("LocalHost", True)]
    + [(host, False) for host in ("0.0.0.0", "::", "10.0.0.1", "example.org", "")],
)
def test_loopback(host: str, *, answer: bool) -> None:
    assert is_loopback(host) is answer
