"""The vocabulary's few decisions: cookies, JSON, errors."""

import pytest

from botkube.web.http import HttpError, Request, as_json, failure


@pytest.mark.parametrize(
    ("header", "cookies"),
    [
        ("", {}),
        ("a=b", {"a": "b"}),
        ("a=b; c=d==; e", {"a": "b", "c": "d==", "e": ""}),
        (" a = b ;;=x; a=second", {"a ": " b", "a": "second"}),
    ],
)
def test_cookies(header: str, cookies: dict[str, str]) -> None:
    asked = Request(method="GET", path="/", query={}, headers={"cookie": header})
    assert asked.cookies() == cookies


def test_no_cookies() -> None:
    assert Request(method="GET", path="/", query={}, headers={}).cookies() == {}


def test_json_answers() -> None:
    assert as_json({"a": [1, "ü"]}, 201).body == '{"a":[1,"ü"]}'.encode()
    assert as_json(None).status == 200


def test_failures_have_a_sentence_in_any_case() -> None:
    assert failure(404, "gone fishing").body == b'{"error":"gone fishing"}'
    assert failure(503).body == b'{"error":"Service Unavailable"}'


def test_an_error_knows_its_status() -> None:
    assert (HttpError(418, "x").status, str(HttpError(418, "x"))) == (418, "x")
