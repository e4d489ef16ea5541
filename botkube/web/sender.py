"""Whether a program that sends something is the one it should be: a token, or a signature of the body. Pure."""

import hmac

from botkube.config.schema.plugins import Hmac, WebhookAccess
from botkube.web.http import HttpError, Request


def check_sender(access: WebhookAccess, request: Request) -> None:
    """Let a request pass as far as its head tells.

    Raises:
        HttpError: 403 for a page's request, 401 without the right token.
    """
    # Browsers put an Origin on what pages send, programs do not: no page may use that it runs beside us.
    if "origin" in request.headers:
        raise HttpError(403, "requests from pages are not allowed")
    if access.token is None:
        return
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not _same(given.strip(), access.token.reveal()):
        raise HttpError(401, "wrong or missing token: send Authorization: Bearer TOKEN")


def check_signature(access: WebhookAccess, request: Request, body: bytes) -> None:
    """Let a request pass whose body was signed by somebody who knows the secret.

    Raises:
        HttpError: 401.
    """
    if access.hmac is None:
        return
    given = request.headers.get(access.hmac.header.lower(), "").strip()
    wanted = signature(access.hmac, body)
    if not _same(given.removeprefix(f"{access.hmac.algorithm}=").lower(), wanted):
        raise HttpError(401, f"wrong or missing signature of the body in {access.hmac.header}")


def signature(settings: Hmac, body: bytes) -> str:
    """The signature of a body, in hexadecimal digits."""
    return hmac.new(settings.secret.reveal().encode(), body, settings.algorithm).hexdigest()


def _same(given: str, wanted: str) -> bool:
    """Compare in a time that tells nothing; headers are latin-1, secrets are written in UTF-8."""
    return hmac.compare_digest(given.encode("latin-1"), wanted.encode())
