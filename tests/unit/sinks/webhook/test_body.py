"""The body of a webhook's request, and what proves it."""

import hashlib
import hmac

import msgspec
import pytest

from botkube.model.delivery import Delivery
from botkube.sinks.webhook.body import Signing, event_body, event_headers

AT = 1795958463.25  # 2026-11-29T13:21:03.250Z


def delivery(raw: bytes = b'{"Kind":"Pod","Count":1}', source: str = "k8s-err") -> Delivery:
    return Delivery(
        id=1, target="t", event_id="e1", source=source, message=b"{}", raw=raw, received_at=AT
    )


def test_wh_1_the_exact_body() -> None:
    assert event_body(delivery()) == (
        b'{"source":"k8s-err","data":{"Kind":"Pod","Count":1},'
        b'"timeStamp":"2026-11-29T13:21:03.250Z"}'
    )


@pytest.mark.parametrize("raw", [b"null", b""])
def test_without_a_raw_object_there_is_no_data(raw: bytes) -> None:
    assert set(msgspec.json.decode(event_body(delivery(raw)))) == {"source", "timeStamp"}


def test_names_are_quoted_and_an_empty_one_is_left_out() -> None:
    body = event_body(delivery(source='a"b\n'))
    assert msgspec.json.decode(body)["source"] == 'a"b\n'
    assert "source" not in msgspec.json.decode(event_body(delivery(source="")))


def test_wh_12_an_action_s_result_is_passed_on_with_its_capitals() -> None:
    raw = b'{"Header":"h","Description":"d","Metadata":null,"Messages":null,"baseBody":{}}'
    data = msgspec.json.decode(event_body(delivery(raw)))["data"]
    assert (data["Header"], data["Description"]) == ("h", "d")


@pytest.mark.parametrize("algorithm", ["sha256", "sha512", "sha1"])
def test_the_signature_is_the_scheme_that_our_own_webhooks_take(algorithm: str) -> None:
    signing = Signing(secret=b"key", header="X-Hub-Signature-256", algorithm=algorithm)
    lines = event_headers("e1", b"body", signing).decode().split("\r\n")
    proof = hmac.new(b"key", b"body", getattr(hashlib, algorithm)).hexdigest()
    assert lines == ["Idempotency-Key: e1", f"X-Hub-Signature-256: {algorithm}={proof}", ""]


def test_without_a_secret_only_the_key() -> None:
    assert event_headers("e1", b"body", None) == b"Idempotency-Key: e1\r\n"
