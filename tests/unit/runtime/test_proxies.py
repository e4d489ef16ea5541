"""Which proxy a URL goes through."""

import pytest

from botkube.runtime.proxies import choose_proxy

P = "http://proxy:3128"


@pytest.mark.parametrize(
    ("url", "environ", "proxy"),
    [
        ("http://a/x", {}, ""),
        ("http://a/x", {"HTTP_PROXY": P}, P),
        ("https://a/x", {"HTTP_PROXY": P}, ""),
        ("https://a/x", {"https_proxy": P, "HTTPS_PROXY": "http://other"}, P),
        ("https://a/x", {"ALL_PROXY": P}, P),
        ("https://a/x", {"HTTPS_PROXY": "proxy:3128"}, P),
        ("http://localhost:9200", {"HTTP_PROXY": P}, ""),
        ("http://127.0.0.1/x", {"HTTP_PROXY": P}, ""),
        ("http://[::1]/x", {"HTTP_PROXY": P}, ""),
        ("http://a.svc/x", {"HTTP_PROXY": P, "NO_PROXY": "b, .svc"}, ""),
        ("http://svc/x", {"HTTP_PROXY": P, "NO_PROXY": ".svc"}, ""),
        ("http://a.svc/x", {"HTTP_PROXY": P, "NO_PROXY": "*.svc"}, ""),
        ("http://asvc/x", {"HTTP_PROXY": P, "NO_PROXY": ".svc"}, P),
        ("http://10.1.2.3/x", {"HTTP_PROXY": P, "NO_PROXY": "10.0.0.0/8"}, ""),
        ("http://11.1.2.3/x", {"HTTP_PROXY": P, "NO_PROXY": "10.0.0.0/8,svc"}, P),
        ("http://10.1.2.3:80/x", {"HTTP_PROXY": P, "NO_PROXY": "10.1.2.3:80"}, ""),
        ("http://a:81/x", {"HTTP_PROXY": P, "NO_PROXY": "a:80"}, P),
        ("http://[fd00::1]/x", {"HTTP_PROXY": P, "NO_PROXY": "fd00::/8"}, ""),
        ("http://a/x", {"HTTP_PROXY": P, "NO_PROXY": "*"}, ""),
    ],
)
def test_the_environment(url: str, environ: dict[str, str], proxy: str) -> None:
    assert choose_proxy(url, "", environ) == proxy


def test_what_is_configured_goes_before_everything() -> None:
    assert choose_proxy("http://localhost/", P, {"NO_PROXY": "*"}) == P
