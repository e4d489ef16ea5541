"""Who may send: tokens and signatures."""

import hashlib
import hmac

import pytest

from botkube.config.schema.plugins import Hmac, WebhookAccess
from botkube.config.schema.values import Secret
from botkube.web.http import HttpError, Request
from botkube.web.sender import check_sender, check_signature

TOKEN = WebhookAccess(token=Secret("t0ken-ü"))
BODY = b'{"message":"hi"}'
# An example of GitHub's documentation, so that it is not only we who agree with ourselves.
GITHUB = Hmac(secret=Secret("It's a Secret to Everybody"))
GITHUB_BODY = b"Hello, World!"
GITHUB_HEX = "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"


def request(**headers: str) -> Request:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Request(method="POST", path="/sources/v1/x", query={"token": "t0ken-ü"}, headers=named)


def utf8(text: str) -> str:
    """A header's value as it is read."""
    return text.encode().decode("latin-1")


def refused(access: WebhookAccess, given: Request, body: bytes = BODY) -> int:
    """The status of the refusal; 0: it passes."""
    try:
        check_sender(access, given)
        check_signature(access, given, body)
    except HttpError as error:
        return error.status
    return 0


@pytest.mark.parametrize(
    ("authorization", "status"),
    [
        (f"Bearer {utf8('t0ken-ü')}", 0),
        (f"bearer  {utf8('t0ken-ü')} ", 0),
        ("Bearer t0ken", 401),
        (f"Bearer {utf8('t0ken-ü')}x", 401),
        (f"Basic {utf8('t0ken-ü')}", 401),
        (utf8("t0ken-ü"), 401),
        ("Bearer ", 401),
        ("Bearer \xff\xfe", 401),
        ("", 401),
    ],
)
def test_a_token(authorization: str, status: int) -> None:
    assert refused(TOKEN, request(authorization=authorization)) == status


def test_a_token_in_the_query_is_none() -> None:
    assert refused(TOKEN, request()) == 401


def test_an_open_source_asks_for_nothing() -> None:
    assert refused(WebhookAccess(), request()) == 0


@pytest.mark.parametrize("access", [WebhookAccess(), TOKEN])
@pytest.mark.parametrize("origin", ["http://127.0.0.1:2110", "https://evil.test", "null"])
def test_a_page_is_refused_whatever_it_knows(access: WebhookAccess, origin: str) -> None:
    given = request(origin=origin, authorization=f"Bearer {utf8('t0ken-ü')}")
    assert refused(access, given) == 403


@pytest.mark.parametrize(
    ("header", "status"),
    [
        (f"sha256={GITHUB_HEX}", 0),
        (GITHUB_HEX, 0),
        (f" sha256={GITHUB_HEX.upper()} ", 0),
        (f"sha1={GITHUB_HEX}", 401),
        (f"sha256={GITHUB_HEX[:-1]}", 401),
        (f"sha256={GITHUB_HEX[:-1]}\xe9", 401),
        ("sha256=", 401),
        ("", 401),
    ],
)
def test_a_signature_as_github_makes_it(header: str, status: int) -> None:
    access = WebhookAccess(hmac=GITHUB)
    assert refused(access, request(x_hub_signature_256=header), GITHUB_BODY) == status
    assert refused(access, request(x_hub_signature_256=header), GITHUB_BODY + b" ") == 401


@pytest.mark.parametrize("algorithm", ["sha1", "sha256", "sha512"])
def test_other_headers_and_algorithms(algorithm: str) -> None:
    access = WebhookAccess(
        hmac=Hmac(secret=Secret("s"), header="X-Gitea-Signature", algorithm=algorithm)
    )
    made = hmac.new(b"s", BODY, getattr(hashlib, algorithm)).hexdigest()
    assert refused(access, request(x_gitea_signature=made)) == 0
    assert refused(access, request(x_hub_signature_256=made)) == 401


def test_of_two_both_count() -> None:
    access = WebhookAccess(token=Secret("t"), hmac=GITHUB)
    signed = {"x_hub_signature_256": f"sha256={GITHUB_HEX}"}
    assert refused(access, request(authorization="Bearer t", **signed), GITHUB_BODY) == 0
    assert refused(access, request(**signed), GITHUB_BODY) == 401
    assert refused(access, request(authorization="Bearer t"), GITHUB_BODY) == 401
