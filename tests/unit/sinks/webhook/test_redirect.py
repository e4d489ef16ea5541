"""Where a redirected post goes, and where not."""

import pytest

from botkube.sinks.webhook.redirect import Astray, redirected

URL = "https://hooks.example/one?secret=x"


@pytest.mark.parametrize(
    ("location", "new"),
    [
        ("/two", "https://hooks.example/two"),
        ("https://hooks.example:8443/two?a=b", "https://hooks.example:8443/two?a=b"),
        ("two", "https://hooks.example/two"),
    ],
)
def test_the_same_host_is_followed(location: str, new: str) -> None:
    for status in (307, 308):
        assert redirected(URL, status, location) == new
    assert redirected("http://a/x", 308, "https://a/x") == "https://a/x"


@pytest.mark.parametrize(
    ("status", "location", "text"),
    [
        (307, "https://evil.example/", "another host, evil.example"),
        (307, "//evil.example/", "another host"),
        (307, "http://hooks.example/", "from https to http"),
        (307, "ftp://hooks.example/", "from https to ftp"),
        (308, "", "308"),
        (301, "/two", "301, which moves a post nowhere"),
        (302, "/two", "302"),
        (304, "/two", "304"),
        (307, "https://hooks.example:port/", "no URL"),
    ],
)
def test_all_else_is_refused_without_telling_a_secret(
    status: int, location: str, text: str
) -> None:
    with pytest.raises(Astray, match=text) as caught:
        redirected(URL, status, location)
    assert "secret" not in str(caught.value)
