"""Who may use the playground: names, origins, tokens and cookies, as tables."""

import pytest

from botkube.web.guard import Guard
from botkube.web.http import HttpError, Request

TOKEN = "s3cret-token"
GUARD = Guard(token=TOKEN, hosts=("bot.example.org",))
ANY = Guard(token=TOKEN, any_address=True)


def request(
    path: str = "/api/v1/x", query: dict[str, str] | None = None, /, **headers: str
) -> Request:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Request(method="GET", path=path, query=query or {}, headers=named)


def status_of(guard: Guard, asked: Request, *, origin_only: bool = False) -> int:
    try:
        (guard.check_origin if origin_only else guard.check)(asked)
    except HttpError as error:
        return error.status if str(error) else 0
    return 200


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("localhost", 200),
        ("localhost:2110", 200),
        ("LOCALHOST:1", 200),
        ("botkube.localhost:80", 200),
        ("127.0.0.1:2110", 200),
        ("127.1.2.3", 200),
        ("[::1]:2110", 200),
        ("bot.example.org", 200),
        ("BOT.Example.org:8443", 200),
        ("10.0.0.5:2110", 403),
        ("[2001:db8::1]", 403),
        ("evil.example.org", 403),  # DNS rebinding: their name, our address
        ("127.0.0.1.evil.example.org", 403),
        ("localhost.evil.example.org", 403),
        ("xlocalhost", 403),
        ("bot.example.org.evil.com", 403),
        ("sub.bot.example.org", 403),
        ("", 403),
        ("[::1", 403),
        ("[", 403),
        ("]:80", 403),
        ("/", 403),
        ("@", 403),
        ("localhost/@evil", 200),  # the browser would have sent `localhost`
        ("2130706433", 403),
        ("0x7f.1", 403),
        ("0.0.0.0", 403),
    ],
)
def test_hosts(host: str, status: int) -> None:
    assert status_of(GUARD, request(host=host), origin_only=True) == status


@pytest.mark.parametrize(
    ("host", "status"),
    [("10.0.0.5:2110", 200), ("[2001:db8::1]:1", 200), ("evil.example.org", 403), ("", 403)],
)
def test_hosts_when_listening_on_every_address(host: str, status: int) -> None:
    assert status_of(ANY, request(host=host), origin_only=True) == status


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        ("http://localhost:2110", 200),
        ("https://localhost:2110", 200),
        ("HTTP://LOCALHOST:2110", 200),
        ("http://localhost:2111", 403),
        ("http://localhost", 403),
        ("http://127.0.0.1:2110", 403),
        ("http://evil.example.org", 403),
        ("http://localhost:2110.evil.org", 403),
        ("http://evil@localhost:2110", 403),
        ("null", 403),
        ("", 403),
        ("http://[", 403),
        ("file://", 403),
    ],
)
def test_origins(origin: str, status: int) -> None:
    asked = request(host="localhost:2110", origin=origin)
    assert status_of(GUARD, asked, origin_only=True) == status


def test_a_request_without_an_origin_is_no_page_of_another_site() -> None:
    assert status_of(GUARD, request(host="localhost"), origin_only=True) == 200


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"authorization": f"Bearer {TOKEN}"}, 200),
        ({"authorization": f"bearer {TOKEN}"}, 200),
        ({"cookie": f"{GUARD.cookie}={TOKEN}"}, 200),
        ({"cookie": f"a=b; {GUARD.cookie}={TOKEN}; c"}, 200),
        ({}, 401),
        ({"authorization": "Bearer wrong"}, 401),
        ({"authorization": f"Basic {TOKEN}"}, 401),
        ({"authorization": TOKEN}, 401),
        ({"authorization": f"Bearer  {TOKEN}"}, 401),
        ({"authorization": "Bearer "}, 401),
        ({"authorization": "Bearer ü\xff"}, 401),
        ({"cookie": f"botkube={TOKEN}"}, 401),
        ({"cookie": f"{GUARD.cookie}=wrong"}, 401),
        ({"cookie": f"{GUARD.cookie}="}, 401),
        # a wrong bearer is not rescued by a right cookie: scripts see their mistake
        ({"authorization": "Bearer x", "cookie": f"{GUARD.cookie}={TOKEN}"}, 401),
    ],
)
def test_tokens(headers: dict[str, str], status: int) -> None:
    assert status_of(GUARD, request(host="localhost", **headers)) == status


def test_a_foreign_host_is_refused_also_with_the_token() -> None:
    asked = request(host="evil.example.org", authorization=f"Bearer {TOKEN}")
    assert status_of(GUARD, asked) == 403


def test_the_cookie_is_named_after_the_instance() -> None:
    assert GUARD.cookie == Guard(token=TOKEN).cookie
    assert GUARD.cookie != Guard(token="another").cookie
    assert TOKEN not in GUARD.cookie


def test_the_token_in_the_link_becomes_a_cookie() -> None:
    answer = GUARD.exchange(request("/", {"token": TOKEN}))
    assert answer is not None
    assert answer.status == 303
    headers = dict(answer.headers)
    assert headers["location"] == "/"
    cookie = headers["set-cookie"]
    assert cookie.startswith(f"{GUARD.cookie}={TOKEN}; ")
    assert {"HttpOnly", "SameSite=Strict", "Path=/"} <= set(cookie.split("; "))


@pytest.mark.parametrize("given", ["", "wrong", TOKEN + " ", "ü"])
def test_a_wrong_token_in_the_link_is_said_so(given: str) -> None:
    with pytest.raises(HttpError, match="expired") as caught:
        GUARD.exchange(request("/", {"token": given}))
    assert caught.value.status == 401


def test_without_a_token_there_is_nothing_to_exchange() -> None:
    assert GUARD.exchange(request("/")) is None
