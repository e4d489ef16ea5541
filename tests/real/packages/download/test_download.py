"""Downloads from a server that misbehaves in every way: all of the file or one clear error, within bounds."""

import gzip
import hashlib
import os
from collections.abc import AsyncGenerator, Iterable
from pathlib import Path

import pytest
import trio
from _pytest.mark import ParameterSet
from msgspec.structs import replace

from botkube.packages.download.download import download
from botkube.packages.download.parts import Wanted
from botkube.packages.download.web import Access, Patience, Web, open_web
from botkube.packages.errors import PackageFailed, PackageRefused
from botkube.packages.index.locator import Checksum
from tests.fakes.repository import Answer, Asked, Page, Repository, always, in_turn, served, static

pytestmark = pytest.mark.real

BODY = os.urandom(300_000)
SHA256 = hashlib.sha256(BODY).hexdigest()
SUM = (Checksum("sha256", SHA256),)
PATIENT = Patience(
    answer=30, silence=30, whole=60, attempts=2, first_pause=0.01, longest_pause=0.02
)
HASTY = {
    "says nothing": replace(PATIENT, answer=0.4),
    "stops": replace(PATIENT, silence=0.3),
    "drips": replace(PATIENT, whole=1.0, attempts=1),
}
SECRET = {"Authorization": "Bearer s3cret"}


@pytest.fixture
async def server() -> AsyncGenerator[Repository]:
    async with served() as repository:
        yield repository


@pytest.fixture
async def web(server: Repository) -> AsyncGenerator[Web]:
    async with open_web(
        Access(homes=(f"{server.url}/index.yaml",), headers=lambda: SECRET), PATIENT
    ) as web:
        yield web


def wanted(tmp_path: Path, server: Repository, *paths: str) -> Wanted:
    urls = tuple(server.url + path for path in paths or ("/f",))
    return Wanted(urls=urls, part=tmp_path / "x.part", checksums=SUM, largest=1 << 20)


def marked(cases: Iterable[str]) -> list[ParameterSet]:
    """Those that send elsewhere are of a kind of their own."""
    redirect = pytest.mark.hostile("redirect")
    return [pytest.param(case, marks=[redirect] if "moves" in case else []) for case in cases]


def silent(_done: int, _total: int) -> None:
    """Nobody listens."""


async def get(web: Web, what: Wanted) -> str:
    with trio.fail_after(100):
        return await download(web, what, silent)


async def test_a_file_is_there_whole(tmp_path: Path, server: Repository, web: Web) -> None:
    server.pages["/f"] = static(BODY)
    told: list[tuple[int, int]] = []
    what = wanted(tmp_path, server)
    assert await download(web, what, lambda *numbers: told.append(numbers)) == SHA256
    assert what.part.read_bytes() == BODY
    assert told[-1] == (len(BODY), len(BODY))
    assert [a.headers["accept-encoding"] for a in server.asked] == ["identity"]


async def test_without_a_length_and_without_a_digest(
    tmp_path: Path, server: Repository, web: Web
) -> None:
    server.pages["/f"] = always(Answer(body=BODY, chunked=True))
    what = replace(wanted(tmp_path, server), checksums=())
    assert await get(web, what) == SHA256


async def test_every_kind_of_digest_is_looked_at(
    tmp_path: Path, server: Repository, web: Web
) -> None:
    server.pages["/f"] = static(BODY)
    for kind in ("md5", "sha1", "sha256", "sha512"):
        right = Checksum(kind, hashlib.new(kind, BODY).hexdigest())
        what = replace(wanted(tmp_path, server), checksums=(right,))
        assert await get(web, what) == SHA256
        what.part.unlink()
        wrong = replace(what, checksums=(*SUM, replace(right, hex="0" * len(right.hex))))
        with pytest.raises(PackageRefused, match=f"has {kind}:{right.hex}, wanted is {kind}:000"):
            await get(web, wrong)
        assert not what.part.exists()


async def test_what_broke_off_is_gone_on_with(tmp_path: Path, server: Repository, web: Web) -> None:
    tag = {"ETag": '"1"'}
    broken = always(Answer(body=BODY, headers=tag, cut=100_000))
    server.pages["/f"] = in_turn(broken, static(BODY, tag='"1"'))
    assert await get(web, wanted(tmp_path, server)) == SHA256
    assert server.asked[1].headers["if-range"] == '"1"'
    start = int(server.asked[1].headers["range"].removeprefix("bytes=").rstrip("-"))
    assert 0 < start <= 100_000


async def test_what_an_earlier_run_left_is_gone_on_with(
    tmp_path: Path, server: Repository, web: Web
) -> None:
    day = "Sat, 29 Oct 2026 19:43:31 GMT"
    server.pages["/f"] = always(Answer(body=BODY, headers={"Last-Modified": day}, cut=200_000))
    what = wanted(tmp_path, server)
    with pytest.raises(PackageFailed, match="broke off"):
        await get(web, what)
    server.pages["/f"] = static(BODY, tag="-", modified=day)
    server.asked.clear()
    assert await get(web, what) == SHA256
    assert server.asked[0].headers["if-range"] == day


async def test_a_file_that_is_there_already_is_not_asked_for(
    tmp_path: Path, server: Repository, web: Web
) -> None:
    server.pages["/f"] = static(BODY)
    what = wanted(tmp_path, server)
    await get(web, what)
    server.asked.clear()
    assert await get(web, what) == SHA256
    assert server.asked == []


async def test_without_a_digest_nothing_of_an_earlier_run_is_trusted(
    tmp_path: Path, server: Repository, web: Web
) -> None:
    server.pages["/f"] = static(BODY)
    what = replace(wanted(tmp_path, server), checksums=())
    await get(web, what)
    what.part.write_bytes(bytes(len(BODY)))
    assert await get(web, what) == SHA256


OTHER = os.urandom(300_000)
TAG = {"ETag": '"1"'}
HALF = always(Answer(body=OTHER, headers=TAG, cut=150_000))


def partial(start: int, tag: str = '"1"', body: bytes = BODY) -> Page:
    """A 206 that says where it begins, whatever was asked for."""
    headers = {"ETag": tag, "Content-Range": f"bytes {start}-{len(body) - 1}/{len(body)}"}

    def page(asked: Asked) -> Answer:
        assert "range" in asked.headers
        return Answer(status=206, headers=headers, body=body[start:])

    return page


@pytest.mark.hostile("server")
@pytest.mark.parametrize(
    "second",
    [
        static(BODY, tag='"2"'),  # changed: the whole file comes
        partial(0, '"2"'),  # changed, and the condition was not looked at
        partial(7),  # another part than asked for
        always(Answer(status=416)),
        always(Answer(status=206, headers=TAG, body=BODY)),  # does not say which part
        partial(
            150_000 // (16 << 10) * (16 << 10)
        ),  # the condition is a lie: the halves do not fit
    ],
    ids=["changed", "changed 206", "another part", "416", "no range", "lie"],
)
async def test_a_file_that_changed_in_between_begins_anew(
    tmp_path: Path, server: Repository, web: Web, second: Page
) -> None:
    server.pages["/f"] = in_turn(HALF, second, static(BODY, tag='"3"'))
    web.patience = replace(PATIENT, attempts=4)
    what = wanted(tmp_path, server)
    assert await get(web, what) == SHA256
    assert what.part.read_bytes() == BODY


FAILED: dict[str, tuple[Page, str]] = {
    "500": (always(Answer(status=500)), "answered 500"),
    "503": (always(Answer(status=503)), "answered 503"),
    "429": (always(Answer(status=429)), "answered 429"),
    "drops": (always(Answer(body=BODY, cut=100)), "broke off"),
    "drops at once": (always(Answer(raw=b"")), "cannot be reached"),
    "not HTTP": (always(Answer(raw=b"SSH-2.0-x\r\n")), "cannot be reached"),
    "headers without end": (
        always(Answer(raw=b"HTTP/1.1 200 OK\r\n" + b"a: b\r\n" * 100_000)),
        "cannot be reached",
    ),
    "length is no number": (
        always(Answer(raw=b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n")),
        "cannot be reached",
    ),
    "two lengths": (
        always(Answer(raw=b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx")),
        "cannot be reached",
    ),
    "shorter than it says": (always(Answer(body=BODY, length=400_000, cut=300_000)), "broke off"),
    "chunks break off": (always(Answer(body=BODY, chunked=True, cut=100_000)), "broke off"),
    "chunks are none": (
        always(Answer(raw=b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nxx")),
        "broke off",
    ),
    "moves to nonsense": (
        always(Answer(status=307, headers={"Location": "http://[::1/f"})),
        "Invalid URL in location header",
    ),
    "says nothing": (always(Answer(delay=60)), "did not answer within 0.4 s"),
    "stops": (always(Answer(body=BODY, stop=100_000)), "stopped for 0.3 s in the middle"),
    "drips": (always(Answer(body=BODY, rate=80_000)), "took longer than 1 s"),
}


@pytest.mark.hostile("server")
@pytest.mark.parametrize("case", marked(FAILED))
async def test_what_may_pass_is_tried_again_and_then_told(
    tmp_path: Path, server: Repository, web: Web, case: str
) -> None:
    server.pages["/f"], words = FAILED[case]
    web.patience = HASTY.get(case, PATIENT)
    with pytest.raises(PackageFailed, match=words) as caught:
        await get(web, wanted(tmp_path, server))
    assert len(server.asked) == web.patience.attempts
    assert f"{server.url}/f" in str(caught.value)
    assert "\n" not in str(caught.value)


REFUSED: dict[str, tuple[Page, str]] = {
    "401": (always(Answer(status=401)), "answered 401; check its headers"),
    "403": (always(Answer(status=403)), "answered 403; check its headers"),
    "404": (always(Answer(status=404)), "answered 404; check the URL"),
    "410": (always(Answer(status=410)), "answered 410"),
    "418": (always(Answer(status=418)), "answered 418"),
    "204": (always(Answer(status=204)), "answered 204"),
    "large by its word": (always(Answer(body=b"x", length=1 << 40)), "larger than 1 MiB"),
    "large": (always(Answer(body=bytes(1 << 21), chunked=True)), "larger than 1 MiB"),
    "endless": (always(Answer(endless=True)), "larger than 1 MiB"),
    "endless chunks": (always(Answer(endless=True, chunked=True)), "larger than 1 MiB"),
    "another file": (always(Answer(body=OTHER)), f"wanted is sha256:{SHA256}"),
    "a page for people": (always(Answer(body=b"<html>sign in</html>")), "has sha256:"),
    "compressed": (
        always(Answer(body=gzip.compress(BODY), headers={"Content-Encoding": "gzip"})),
        "has sha256:",
    ),
    "longer than it says": (always(Answer(body=BODY, length=100)), "has sha256:"),
    "nothing": (always(Answer()), "has sha256:"),
    "moves in circles": (
        always(Answer(status=302, headers={"Location": "/f"})),
        "redirected more than 5 times",
    ),
    "moves to a file": (
        always(Answer(status=302, headers={"Location": "file:///etc/passwd"})),
        "redirects to a URL that names a file",
    ),
    "moves elsewhere": (
        always(Answer(status=301, headers={"Location": "ftp://x.test/f"})),
        "redirects to a URL that ftp:// is not supported",
    ),
    "moves nowhere": (always(Answer(status=302)), "answered 302"),
}


@pytest.mark.hostile("server")
@pytest.mark.parametrize("case", marked(REFUSED))
async def test_what_no_other_try_would_mend_is_told_at_once(
    tmp_path: Path, server: Repository, web: Web, case: str
) -> None:
    server.pages["/f"], words = REFUSED[case]
    what = wanted(tmp_path, server)
    with pytest.raises(PackageRefused, match=words) as caught:
        await get(web, what)
    assert len(server.asked) == (6 if case == "moves in circles" else 1)
    assert f"{server.url}/f" in str(caught.value)
    assert "s3cret" not in str(caught.value)
    assert not what.part.exists() or what.part.stat().st_size <= 1 << 20


@pytest.mark.hostile("header")
async def test_headers_go_to_the_repositorys_own_servers_only(
    tmp_path: Path, server: Repository, web: Web
) -> None:
    async with served() as other:
        other.pages["/there"] = always(
            Answer(status=308, headers={"Location": f"{server.url}/back"})
        )
        server.pages["/f"] = always(Answer(status=302, headers={"Location": f"{other.url}/there"}))
        server.pages["/back"] = static(BODY)
        assert await get(web, wanted(tmp_path, server)) == SHA256
        assert [a.headers.get("authorization") for a in server.asked] == ["Bearer s3cret"] * 2
        assert "authorization" not in other.asked[0].headers


async def test_a_mirror_stands_in(tmp_path: Path, server: Repository, web: Web) -> None:
    server.pages["/a"] = always(Answer(status=500))
    server.pages["/b"] = always(Answer(body=OTHER))
    server.pages["/c"] = static(BODY)
    assert await get(web, wanted(tmp_path, server, "/a", "/b", "/c")) == SHA256
    assert server.paths == ["/a", "/b", "/c"]


async def test_when_no_mirror_helps_all_are_named(
    tmp_path: Path, server: Repository, web: Web
) -> None:
    server.pages["/a"] = always(Answer(status=500))
    with pytest.raises(PackageFailed, match=r"/a answered 500; .*/b answered 404"):
        await get(web, wanted(tmp_path, server, "/a", "/b"))


async def test_nobody_there(tmp_path: Path, server: Repository, web: Web) -> None:
    what = replace(wanted(tmp_path, server), urls=("http://127.0.0.1:1/f",))
    with pytest.raises(PackageFailed, match=r"http://127\.0\.0\.1:1/f cannot be reached"):
        await get(web, what)


async def test_no_room(tmp_path: Path, server: Repository, web: Web) -> None:
    server.pages["/f"] = always(Answer(body=b"x", length=1 << 50))
    what = replace(wanted(tmp_path, server), largest=1 << 60)
    with pytest.raises(PackageFailed, match="MiB are free: make room"):
        await get(web, what)
    assert not what.part.exists()


async def test_a_folder_that_cannot_be_written(
    tmp_path: Path, server: Repository, web: Web
) -> None:
    server.pages["/f"] = static(BODY)
    what = wanted(tmp_path, server)
    what.part.symlink_to(tmp_path / "elsewhere")  # planted: it is not followed
    what.part.with_suffix(".json").mkdir()
    with pytest.raises((PackageFailed, OSError)):
        await get(web, what)
    assert not (tmp_path / "elsewhere").exists()


async def test_cancelled_it_keeps_what_came(tmp_path: Path, server: Repository, web: Web) -> None:
    server.pages["/f"] = always(Answer(body=BODY, headers=TAG, stop=200_000))
    what = wanted(tmp_path, server)
    with trio.CancelScope() as scope:

        def enough(done: int, _total: int) -> None:
            if done >= 200_000:
                scope.cancel()

        await download(web, what, enough)
    assert scope.cancelled_caught
    assert what.part.read_bytes() == BODY[:200_000]


async def test_a_file_of_this_machine(tmp_path: Path, server: Repository, web: Web) -> None:
    (tmp_path / "a b").write_bytes(BODY)
    what = replace(wanted(tmp_path, server), urls=(f"file://{tmp_path}/a%20b",))
    assert await get(web, what) == SHA256
    with pytest.raises(PackageRefused, match="is no file"):
        await get(web, replace(what, urls=("file:///dev/zero",)))
    with pytest.raises(PackageFailed, match="cannot be copied"):
        await get(web, replace(what, urls=(f"file://{tmp_path}/none",)))
