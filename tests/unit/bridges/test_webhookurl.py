"""The addresses that plugins are told."""

import pytest

from botkube.bridges.webhookurl import source_url, sources_url

BASE = "http://botkube.ns.svc:2115"


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("k8s-events", "/sources/v1/k8s-events"),
        ("two words", "/sources/v1/two%20words"),
        ("a/b?c#d", "/sources/v1/a/b%3Fc%23d"),
        ("über", "/sources/v1/%C3%BCber"),
    ],
)
def test_addresses(name: str, path: str) -> None:
    assert source_url(BASE, name) == BASE + path
    assert sources_url(BASE) == f"{BASE}/sources/v1"


def test_no_place_has_no_address() -> None:
    assert (sources_url(""), source_url("", "x")) == ("", "")
