"""What answers mean."""

import pytest

from botkube.sinks.answers import LONGEST_WAIT, excerpt, is_later, is_success, retry_after, told

NOW = 784111777.0  # Sun, 06 Nov 1994 08:49:37 GMT


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("2", 2),
        (" 1.5 ", 1.5),
        ("0", 0),
        ("-3", 0),
        ("", 0),
        ("soon", 0),
        ("1e9", LONGEST_WAIT),
        ("Sun, 06 Nov 1994 08:50:07 GMT", 30),
        ("Sun, 06 Nov 1994 08:00:00 GMT", 0),
        ("Sun, 99 Nov 1994", 0),
    ],
)
def test_how_long_to_wait(text: str, seconds: float) -> None:
    assert retry_after({"retry-after": text} if text else {}, NOW) == pytest.approx(seconds)


def test_kinds() -> None:
    statuses = [100, 200, 204, 299, 301, 400, 404, 408, 413, 425, 429, 500, 503, 599]
    assert [s for s in statuses if is_success(s)] == [200, 204, 299]
    assert [s for s in statuses if is_later(s)] == [408, 425, 429, 500, 503, 599]


def test_reasons_are_one_short_line() -> None:
    assert told(400, b"") == "it answered 400"
    assert told(400, b'{"error":\n "no \x1b[31m field"}') == (
        'it answered 400: {"error": "no �[31m field"}'
    )
    assert len(excerpt("x" * 5000)) == 201
    assert told(400, b"\xff\xfe") == "it answered 400: ��"


def test_secrets_are_not_repeated() -> None:
    body = b"Cannot POST /services/T0SECRET?token=abcdef"
    assert told(404, body, ["T0SECRET", "abcdef"]) == (
        "it answered 404: Cannot POST /services/***?token=***"
    )
