import math

import pytest
from grpclib.const import Status
from grpclib.exceptions import GRPCError
from grpclib.metadata import decode_grpc_message, encode_timeout

from botkube.wire.transport.headers import (
    PeerDeadline,
    check_http_status,
    check_request,
    code_name,
    parse_timeout,
    refusal,
    reset_error,
    shortened,
    without_metadata,
)

REQUEST = [(":method", "POST"), (":path", "/a/B"), ("content-type", "application/grpc")]


@pytest.mark.parametrize(
    ("seconds", "value"),
    [
        (0, "250m"),
        (0.75, "1000m"),
        (9.5, "9750m"),
        (9.9, "11S"),
        (15.9001, "17S"),
        (30, "31S"),
        (100_000.5, "100001S"),
        (1e12, "99999999S"),
    ],
)
def test_the_peer_is_told_a_later_deadline_rounded_up_in_at_most_eight_digits(
    seconds: float, value: str
) -> None:
    told = PeerDeadline.from_timeout(seconds).time_remaining()
    assert encode_timeout(told) == value


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("1H", 3600), ("2M", 120), ("3S", 3), ("500m", 0.5), ("7u", 7e-6), ("9n", 9e-9)],
)
def test_a_time_limit_is_read(value: str, seconds: float) -> None:
    assert parse_timeout(value) == pytest.approx(seconds)


@pytest.mark.parametrize("value", ["", "1", "m", "-1m", "1.5S", "123456789m", "1m\n", "²m"])
def test_a_bad_time_limit_is_refused(value: str) -> None:
    with pytest.raises(GRPCError, match="bad grpc-timeout"):
        parse_timeout(value)


def test_a_request_has_a_time_limit_only_if_there_is_one() -> None:
    assert check_request(REQUEST) == ("/a/B", math.inf)
    assert check_request([*REQUEST, ("grpc-timeout", "1250m")]) == ("/a/B", 1.25)


@pytest.mark.parametrize(
    "change",
    [
        {":method": "GET"},
        {"content-type": "application/json"},
        {"content-type": "application/grpc+json"},
        {"content-type": ""},
        {"grpc-timeout": "soon"},
    ],
)
def test_what_is_not_a_grpc_request_is_refused(change: dict[str, str]) -> None:
    headers = dict(REQUEST) | change
    with pytest.raises(GRPCError, match="not a gRPC request") as caught:
        check_request(list(headers.items()))
    assert caught.value.status is Status.INTERNAL


@pytest.mark.parametrize("text", ["plain", "ü\n100% \0 \x7f~", "🎉" * 10])
def test_any_status_text_can_be_sent(text: str) -> None:
    headers = refusal(Status.NOT_FOUND, text)
    assert all(value.isascii() and value.isprintable() for _, value in headers)
    found = dict(headers)
    assert found["grpc-status"] == "5"
    assert decode_grpc_message(found["grpc-message"]) == text


def test_a_status_text_that_is_no_text_can_be_sent() -> None:
    assert shortened("a\udc80b") == "a?b"


def test_a_long_status_text_is_cut() -> None:
    assert shortened("ä" * 40_000) == "ä" * 32_768 + "... (truncated)"
    assert shortened("ä" * 32_768) == "ä" * 32_768


def test_binary_metadata_are_left_out() -> None:
    assert without_metadata([("a-bin", "\xff"), ("grpc-status", "0")]) == [("grpc-status", "0")]


@pytest.mark.parametrize(
    ("http_status", "status"),
    [
        ("400", "INTERNAL"),
        ("401", "UNAUTHENTICATED"),
        ("404", "UNIMPLEMENTED"),
        ("429", "UNAVAILABLE"),
        ("502", "UNAVAILABLE"),
        ("500", "UNKNOWN"),
        ("", "UNKNOWN"),
        ("abc", "UNKNOWN"),
        ("999", "UNKNOWN"),
    ],
)
def test_an_http_error_has_a_grpc_status(http_status: str, status: str) -> None:
    with pytest.raises(GRPCError, match="HTTP status") as caught:
        check_http_status(http_status)
    assert caught.value.status.name == status


def test_http_200_is_no_error() -> None:
    check_http_status("200")


@pytest.mark.parametrize(
    ("code", "status", "name"),
    [
        (7, Status.UNAVAILABLE, "REFUSED_STREAM"),
        (8, Status.CANCELLED, "CANCEL"),
        (11, Status.RESOURCE_EXHAUSTED, "ENHANCE_YOUR_CALM"),
        (2, Status.INTERNAL, "INTERNAL_ERROR"),
        (99, Status.INTERNAL, "code 99"),
    ],
)
def test_a_reset_has_a_grpc_status(code: int, status: Status, name: str) -> None:
    error = reset_error(code)
    assert (error.status, error.message) == (status, f"the call was broken off ({name})")
    assert code_name(code) == name
