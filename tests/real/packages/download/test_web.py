"""Proxy and authorities of a repository."""

from pathlib import Path

import pytest
import trio

from botkube.packages.download.web import Access, Patience, _redirected, open_web
from botkube.packages.errors import PackageRefused
from tests.fakes.authority import Authority
from tests.fakes.installing import Rig, offer
from tests.fakes.repository import Answer, always, served

pytestmark = pytest.mark.real


async def test_a_proxy_is_asked_in_place_of_the_server() -> None:
    async with served() as proxy:
        proxy.pages["http://plugins.invalid/i"] = always(Answer(body=b"by proxy"))
        access = Access(homes=("http://plugins.invalid/i",), proxy=proxy.url)
        with trio.fail_after(100):
            async with open_web(access, Patience()) as web, web.get(access.homes[0]) as answer:
                assert await web.read(answer, "x", 100) == b"by proxy"
        assert [a.headers["host"] for a in proxy.asked] == ["plugins.invalid"]


@pytest.mark.parametrize(
    ("access", "words"),
    [
        (Access(homes=(), ca_file="/nowhere.pem"), "caFile /nowhere.pem cannot be used"),
        (Access(homes=(), ca_file=__file__), "cannot be used"),
        (Access(homes=(), proxy="ftp://x"), "the proxy cannot be used"),
    ],
)
async def test_what_cannot_be_used_is_named(access: Access, words: str) -> None:
    with pytest.raises(PackageRefused, match=words):
        async with open_web(access, Patience()):
            pytest.fail("it opened")


@pytest.mark.hostile("redirect")
def test_a_secure_address_is_not_left_by_a_redirect() -> None:
    assert _redirected("https://a.test/x", "/y") == "https://a.test/y"
    with pytest.raises(PackageRefused, match="which is not https"):
        _redirected("https://a.test/x", "http://a.test/y")


@pytest.mark.hostile("server")
async def test_an_authority_of_ones_own_is_trusted_if_it_is_named(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    async with served(context=authority.server()) as server:
        assert server.url.startswith("https:")
        server.put_index(offer(server))
        rig = Rig(tmp_path, server)
        with trio.fail_after(100):
            with pytest.raises(PackageRefused, match=r"not trusted \(.*issuer.*set caFile of the"):
                await rig.install()
            assert server.asked == []
            (tmp_path / "other").mkdir()
            other = Authority(tmp_path / "other")  # of the same name, with another key
            rig.change(access=Access(homes=(rig.home,), ca_file=str(other.ca_file)))
            with pytest.raises(PackageRefused, match="is not trusted"):
                await rig.install()
            rig.change(access=Access(homes=(rig.home,), ca_file=str(authority.ca_file)))
            assert (await rig.install()).path.read_text() == "plugin p v1.0.0\n"
    async with served(context=authority.server("127.0.0.2")) as server:
        (tmp_path / "second").mkdir()
        rig = Rig(tmp_path / "second", server)
        rig.change(access=Access(homes=(rig.home,), ca_file=str(authority.ca_file)))
        with trio.fail_after(100), pytest.raises(PackageRefused, match=r"not trusted.*127"):
            await rig.install()
