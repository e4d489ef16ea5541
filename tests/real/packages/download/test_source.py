"""Indexes from servers that change, go away, lie, and sign or do not."""

import logging
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
import trio
from msgspec.structs import replace

from botkube.packages.download.source import Offer, Repository, fetch_index
from botkube.packages.download.web import Access, Patience, open_web
from botkube.packages.errors import PackageFailed, PackageRefused
from botkube.packages.index.signature import Policy
from tests.fakes import repository as fake
from tests.fakes.repository import Answer, always, entry, index_of, served, static
from tests.fakes.signing import Signer

pytestmark = pytest.mark.real

ONE = index_of(entry("one", "one"))
TWO = index_of(entry("one", "one"), entry("two", "two"))
PATIENT = Patience(
    answer=30, silence=30, whole=60, attempts=2, first_pause=0.01, longest_pause=0.02
)
SIGNER = Signer()


@pytest.fixture
async def server() -> AsyncGenerator[fake.Repository]:
    async with served() as repository:
        yield repository


def signed(policy: Policy, *urls: str) -> Repository:
    key = SIGNER.public_key if policy != "off" else ""
    return Repository(name="r", access=Access(homes=urls), public_key=key, policy=policy)


async def fetch(repository: Repository, root: Path) -> Offer:
    with trio.fail_after(100):
        async with open_web(repository.access, PATIENT) as web:
            return await fetch_index(web, repository, root)


def names(offer: Offer) -> list[str]:
    return [e.name for e in offer.index.entries]


async def test_only_what_changed_is_sent_again(tmp_path: Path, server: fake.Repository) -> None:
    url = server.put("/index.yaml", ONE)
    repository = signed("off", url)
    assert names(await fetch(repository, tmp_path)) == ["one"]
    assert (tmp_path / "r.yaml").read_bytes() == ONE
    assert names(await fetch(repository, tmp_path)) == ["one"]
    assert server.asked[1].headers["if-none-match"]
    server.put("/index.yaml", TWO)
    assert names(await fetch(repository, tmp_path)) == ["one", "two"]
    server.put("/index.yaml", ONE)  # the original kept the tail of a longer one
    assert names(await fetch(repository, tmp_path)) == ["one"]
    assert (tmp_path / "r.yaml").read_bytes() == ONE
    assert server.paths == ["/index.yaml"] * 4  # and no signature is asked for


async def test_a_date_serves_as_well_as_a_tag(tmp_path: Path, server: fake.Repository) -> None:
    day = "Sat, 29 Oct 2026 19:43:31 GMT"
    server.pages["/index.yaml"] = static(ONE, tag="-", modified=day)
    repository = signed("off", f"{server.url}/index.yaml")
    for _ in range(2):
        assert names(await fetch(repository, tmp_path)) == ["one"]
    assert server.asked[1].headers["if-modified-since"] == day


async def test_another_url_is_another_index(tmp_path: Path, server: fake.Repository) -> None:
    first, second = server.put("/a.yaml", ONE), server.put("/b.yaml", TWO)
    await fetch(signed("off", first), tmp_path)
    assert names(await fetch(signed("off", second), tmp_path)) == ["one", "two"]
    assert "if-none-match" not in server.asked[1].headers


async def test_the_index_of_another_url_is_not_the_one_of_before(
    tmp_path: Path, server: fake.Repository
) -> None:
    await fetch(signed("off", server.put("/a.yaml", ONE)), tmp_path)
    server.pages["/b.yaml"] = always(Answer(status=500))
    with pytest.raises(PackageFailed, match="answered 500"):
        await fetch(signed("off", f"{server.url}/b.yaml"), tmp_path)


async def test_an_older_copy_with_its_old_date_is_told_as_what_it_is(
    tmp_path: Path, server: fake.Repository
) -> None:
    day = "Sat, 29 Oct 2026 19:43:31 GMT"
    repository = signed("require", f"{server.url}/index.yaml")
    server.pages["/index.yaml"] = static(TWO, tag="-", modified=day)
    server.put("/index.yaml.minisig", SIGNER.sign(TWO, 9))
    await fetch(repository, tmp_path)
    server.pages["/index.yaml"] = static(ONE, tag="-", modified=day)
    server.put("/index.yaml.minisig", SIGNER.sign(ONE, 5))
    with pytest.raises(PackageRefused, match="older than the one"):
        await fetch(repository, tmp_path)


async def test_a_mirror_stands_in_and_its_urls_are_its_own(
    tmp_path: Path, server: fake.Repository
) -> None:
    server.pages["/a/index.yaml"] = always(Answer(status=503))
    mirror = server.put("/b/index.yaml", ONE)
    offer = await fetch(signed("off", f"{server.url}/a/index.yaml", mirror), tmp_path)
    [package] = offer.index.entries[0].packages.values()
    assert package.artifact.url == f"{server.url}/b/one"
    assert server.paths == ["/a/index.yaml", "/b/index.yaml"]


async def test_a_dead_repository_has_its_index_of_before(
    tmp_path: Path, server: fake.Repository, caplog: pytest.LogCaptureFixture
) -> None:
    repository = signed("off", server.put("/index.yaml", ONE))
    await fetch(repository, tmp_path)
    server.pages["/index.yaml"] = always(Answer(status=500))
    offer = await fetch(repository, tmp_path)
    assert names(offer) == ["one"]
    assert "answered 500" in offer.stale
    assert "its index of before is used" in caplog.text
    with pytest.raises(PackageFailed, match="answered 500"):
        await fetch(replace(repository, name="other"), tmp_path)


@pytest.mark.hostile("server")
@pytest.mark.parametrize(
    ("page", "words"),
    [
        (always(Answer(body=b"<html>sign in</html>")), "is no index: it has no entries:"),
        (always(Answer(body=b"entries: [")), "is no index: line"),
        (always(Answer(body=b"a" * (17 << 20))), "larger than 16 MiB"),
        (always(Answer(endless=True)), "larger than 16 MiB"),
        (always(Answer(status=404)), "answered 404; check the URL"),
        (always(Answer(status=401)), "answered 401; check its headers"),
        (always(Answer(status=206, body=ONE)), "answered 206"),
        (always(Answer(status=304)), "answered 304"),
    ],
)
async def test_what_is_no_index_is_not_kept(
    tmp_path: Path, server: fake.Repository, page: fake.Page, words: str
) -> None:
    server.pages["/index.yaml"] = page
    with pytest.raises(PackageRefused, match=words) as caught:
        await fetch(signed("off", f"{server.url}/index.yaml"), tmp_path)
    assert f"{server.url}/index.yaml" in str(caught.value)
    assert list(tmp_path.iterdir()) == []


async def test_an_index_on_disk(tmp_path: Path) -> None:
    place, root = tmp_path / "place", tmp_path / "root"
    place.mkdir()
    root.mkdir()
    (place / "i.yaml").write_bytes(ONE)
    (place / "i.yaml.minisig").write_bytes(SIGNER.sign(ONE))
    repository = signed("require", f"file://{place}/i.yaml")
    offer = await fetch(repository, root)
    assert offer.signed_by == SIGNER.public_key
    (place / "i.yaml").write_bytes(TWO)
    with pytest.raises(PackageRefused, match="verification failed"):
        await fetch(repository, root)
    (place / "i.yaml").unlink()
    assert names(await fetch(repository, root)) == ["one"]
    with pytest.raises(PackageFailed, match="cannot be read"):
        await fetch(replace(repository, name="other"), root)


async def test_a_signed_index_says_by_whom(tmp_path: Path, server: fake.Repository) -> None:
    url = server.put("/index.yaml", ONE)
    server.put("/index.yaml.minisig", SIGNER.sign(ONE))
    for _ in range(2):  # the second time from what was kept
        offer = await fetch(signed("require", url), tmp_path)
        assert (names(offer), offer.signed_by) == (["one"], SIGNER.public_key)
    assert names(await fetch(signed("off", url), tmp_path)) == ["one"]


BAD: dict[str, tuple[bytes | None, str]] = {
    "absent": (None, "is not signed"),
    "of another key": (Signer().sign(ONE), "incompatible key"),
    "of another index": (SIGNER.sign(TWO), "verification failed"),
    "cut off": (SIGNER.sign(ONE)[:100], "is not signed by the key"),
    "a page for people": (b"<html>not found</html>", "is not signed by the key"),
    "replayed": (SIGNER.sign(ONE, 5), "older than the one"),
}


@pytest.mark.hostile("signature")
@pytest.mark.parametrize("case", BAD)
@pytest.mark.parametrize("policy", ["require", "warn", "off"])
async def test_a_bad_signature_under_each_policy(
    tmp_path: Path,
    server: fake.Repository,
    caplog: pytest.LogCaptureFixture,
    case: str,
    policy: Policy,
) -> None:
    caplog.set_level(logging.INFO)
    url = server.put("/index.yaml", TWO)
    server.put("/index.yaml.minisig", SIGNER.sign(TWO, 100))
    await fetch(signed("require", url), tmp_path)
    signature, words = BAD[case]
    server.put("/index.yaml", ONE)
    del server.pages["/index.yaml.minisig"]
    if signature is not None:
        server.put("/index.yaml.minisig", signature)
    if policy == "require":
        with pytest.raises(PackageRefused, match=words) as caught:
            await fetch(signed(policy, url), tmp_path)
        assert "nothing of it is installed" in str(caught.value)
        assert (tmp_path / "r.yaml").read_bytes() == TWO  # what was proven stays
        return
    offer = await fetch(signed(policy, url), tmp_path)
    assert (names(offer), offer.signed_by) == (["one"], "")
    assert (words in caplog.text) is (policy == "warn")


@pytest.mark.hostile("signature")
async def test_what_was_kept_unproven_is_proven_when_it_is_used(
    tmp_path: Path, server: fake.Repository
) -> None:
    url = server.put("/index.yaml", ONE)
    await fetch(signed("off", url), tmp_path)
    server.pages["/index.yaml"] = always(Answer(status=500))
    with pytest.raises(PackageRefused, match="is not signed"):
        await fetch(signed("require", url), tmp_path)


@pytest.mark.hostile("signature")
async def test_a_signature_that_cannot_be_had_is_no_missing_one(
    tmp_path: Path, server: fake.Repository
) -> None:
    url = server.put("/index.yaml", ONE)
    server.pages["/index.yaml.minisig"] = always(Answer(status=503))
    with pytest.raises(PackageFailed, match=r"index\.yaml\.minisig answered 503"):
        await fetch(signed("warn", url), tmp_path)


@pytest.mark.hostile("signature")
async def test_a_signed_mirror_stands_in_for_one_that_lies(
    tmp_path: Path, server: fake.Repository
) -> None:
    first, second = server.put("/a/index.yaml", TWO), server.put("/b/index.yaml", ONE)
    server.put("/a/index.yaml.minisig", SIGNER.sign(ONE))
    server.put("/b/index.yaml.minisig", SIGNER.sign(ONE))
    assert names(await fetch(signed("require", first, second), tmp_path)) == ["one"]
