import math

import pytest

from botkube.wire.errors import CallError
from botkube.wire.transport.headers import (
    STATUS_NAMES,
    answer_headers,
    check_answer,
    check_request,
    check_status,
    format_timeout,
    parse_timeout,
    request_headers,
    trailers,
)

OK = [(":status", "200"), ("content-type", "application/grpc")]


@pytest.mark.parametrize(
    ("seconds", "value"),
    [
        (-1, "0m"),
        (0, "0m"),
        (0.25, "250m"),
        (0.0001, "1m"),
        (15.9001, "15901m"),
        (30.25, "30250m"),
        (99_999.999, "99999999m"),
        (100_000.5, "100001S"),
        (1e12, "99999999S"),
    ],
)
def test_a_time_limit_is_rounded_up_and_has_at_most_eight_digits(
    seconds: float, value: str
) -> None:
    assert format_timeout(seconds) == value


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("1H", 3600), ("2M", 120), ("3S", 3), ("500m", 0.5), ("7u", 7e-6), ("9n", 9e-9)],
)
def test_a_time_limit_is_read(value: str, seconds: float) -> None:
    assert parse_timeout(value) == pytest.approx(seconds)


@pytest.mark.parametrize("value", ["", "1", "m", "-1m", "1.5S", "123456789m", "1m\n", "²m"])
def test_a_bad_time_limit_is_refused(value: str) -> None:
    with pytest.raises(CallError, match="bad grpc-timeout"):
        parse_timeout(value)


def test_a_request_has_a_time_limit_only_if_there_is_one() -> None:
    assert check_request(request_headers("/a/B", math.inf)) == ("/a/B", math.inf)
    assert check_request(request_headers("/a/B", 1.0)) == ("/a/B", 1.25)


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
    headers = dict(request_headers("/a/B", 1)) | change
    with pytest.raises(CallError, match="INTERNAL: not a gRPC request"):
        check_request(list(headers.items()))


@pytest.mark.parametrize("text", ["plain", "ü\n100% \0 \x7f~", "🎉" * 10])
def test_any_status_text_survives(text: str) -> None:
    headers = trailers("NOT_FOUND", text)
    assert all(value.isascii() and value.isprintable() for _, value in headers)
    with pytest.raises(CallError) as caught:
        check_status(headers)
    assert (caught.value.status, caught.value.message) == ("NOT_FOUND", text)


@pytest.mark.parametrize("status", STATUS_NAMES[1:])
def test_every_status_survives(status: str) -> None:
    with pytest.raises(CallError) as caught:
        check_status(trailers(status, ""))
    assert caught.value.status == status


def test_a_status_nobody_knows_is_sent_as_unknown() -> None:
    with pytest.raises(CallError, match=r"^UNKNOWN: text$"):
        check_status(trailers("FANCY", "text"))


@pytest.mark.parametrize("code", ["17", "-1", "", "x", "²", "9" * 5000])
def test_a_status_that_does_not_exist_is_unknown(code: str) -> None:
    with pytest.raises(CallError, match="UNKNOWN: Invalid grpc-status"):
        check_status([("grpc-status", code)])


def test_an_answer_with_a_status_in_its_headers_is_complete() -> None:
    assert not check_answer(answer_headers())
    assert check_answer([*OK, ("grpc-status", "0")])
    with pytest.raises(CallError, match="UNIMPLEMENTED: no"):
        check_answer([*OK, ("grpc-status", "12"), ("grpc-message", "no")])


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
    with pytest.raises(CallError) as caught:
        check_answer([(":status", http_status), ("content-type", "text/html")])
    assert caught.value.status == status


def test_an_answer_of_another_kind_is_refused() -> None:
    assert not check_answer([(":status", "200"), ("content-type", "application/grpc+proto")])
    for content_type in ("text/html", "application/grpc+json", "application/grpcweb"):
        with pytest.raises(CallError, match="content type"):
            check_answer([(":status", "200"), ("content-type", content_type)])
    with pytest.raises(CallError, match="content type ''"):
        check_answer([(":status", "200")])
