"""Where a request goes, and what it names there."""

import pytest

from botkube.runtime.dial import Place, address_of, target_of


@pytest.mark.parametrize(
    ("url", "target"),
    [
        ("https://a", "/"),
        ("https://a/b/c", "/b/c"),
        ("http://a?x=1", "/?x=1"),
        ("wss://a/b?x=1&y=%20#z", "/b?x=1&y=%20"),
    ],
)
def test_a_request_names_path_and_query(url: str, target: str) -> None:
    assert target_of(url) == target


def test_an_address_is_a_server_and_what_is_asked_of_it() -> None:
    assert address_of("https://a/b?c") == (Place("https", "a", 443), "/b?c")
    assert address_of("http://[::1]:81") == (Place("http", "::1", 81), "/")


@pytest.mark.parametrize(
    "url", ["ftp://secret/", "secret", "https:///secret", "https://a:port/secret"]
)
def test_what_is_no_address_is_not_repeated(url: str) -> None:
    with pytest.raises(ValueError, match=r"URL|Port") as caught:
        address_of(url)
    assert "secret" not in str(caught.value)
