"""The page's files: complete, typed, cacheable, and with no way for another site in."""

import re

import pytest

from botkube.web.guard import Guard
from botkube.web.http import HttpError, Request, Response
from botkube.web.page import FOLDER, page

GUARD = Guard(token="s3cret")


async def get(path: str, method: str = "GET", query: str = "", **headers: str) -> Response:
    named = {"host": "localhost"} | {k.replace("_", "-"): v for k, v in headers.items()}
    asked = Request(
        method=method, path=path, query={"token": query} if query else {}, headers=named
    )
    answer = await page(GUARD)(asked)
    assert isinstance(answer, Response)
    return answer


async def test_the_page_and_everything_it_names_is_there() -> None:
    index = await get("/")
    assert index.content_type == "text/html; charset=utf-8"
    named = re.findall(r'(?:src|href)="(/assets/[^"]+)"', index.body.decode())
    assert named
    for path in named:
        assert (await get(path)).status == 200


@pytest.mark.parametrize("file", sorted(p for p in FOLDER.rglob("*") if p.is_file()), ids=str)
async def test_every_file_is_served_with_its_type(file: object) -> None:
    name = str(file).removeprefix(str(FOLDER))
    answer = await get(f"/assets{name}")
    assert answer.body
    assert answer.content_type != "application/json"


async def test_every_answer_keeps_other_sites_out() -> None:
    headers = dict((await get("/")).headers)
    assert "connect-src 'self';" in headers["content-security-policy"]
    assert "script-src 'self'" in headers["content-security-policy"]
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"


async def test_what_the_browser_has_is_not_sent_again() -> None:
    tag = dict((await get("/")).headers)["etag"]
    again = await get("/", if_none_match=tag)
    assert (again.status, again.body) == (304, b"")
    assert dict(again.headers)["etag"] == tag
    assert (await get("/", if_none_match='"other"')).status == 200


async def test_the_link_with_the_token_is_exchanged() -> None:
    assert (await get("/", query="s3cret")).status == 303


@pytest.mark.parametrize(
    ("path", "method", "headers", "status"),
    [
        ("/assets/absent.js", "GET", {}, 404),
        ("/assets/../page.py", "GET", {}, 404),
        ("/assets/", "GET", {}, 404),
        ("/index.html", "GET", {}, 404),
        ("/", "POST", {}, 405),
        ("/", "GET", {"host": "evil.example.org"}, 403),
        ("/", "GET", {"origin": "http://evil.example.org"}, 403),
    ],
)
async def test_refusals(path: str, method: str, headers: dict[str, str], status: int) -> None:
    with pytest.raises(HttpError) as caught:
        await get(path, method, **headers)
    assert caught.value.status == status
