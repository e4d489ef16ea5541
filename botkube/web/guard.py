"""Who may use the playground: token or cookie, and no page of another site. Pure.

The token opens `/?token=…` once and becomes a cookie; cookies ignore ports, so the cookie's name
holds an id of the instance.
"""

import hashlib
import hmac
import ipaddress
from collections.abc import Collection
from urllib.parse import SplitResult, urlsplit

import msgspec

from botkube.web.http import HttpError, Request, Response

YEAR = 31536000


class Guard(msgspec.Struct, frozen=True, kw_only=True):
    """Checks requests against one instance's token and the names it is known by."""

    token: str
    hosts: Collection[str] = ()  # besides loopback
    any_address: bool = False  # listening on a wildcard: every IP literal is ours

    @property
    def cookie(self) -> str:
        """The cookie's name."""
        return f"botkube_{hashlib.sha256(self.token.encode()).hexdigest()[:12]}"

    def check(self, request: Request) -> None:
        """Let an API request pass.

        Raises:
            HttpError: 403 for a foreign Host or Origin, 401 without the right token.
        """
        self.check_origin(request)
        scheme, _, bearer = request.headers.get("authorization", "").partition(" ")
        given = bearer if scheme.lower() == "bearer" else request.cookies().get(self.cookie, "")
        if not self._right(given):
            raise HttpError(401, "wrong or missing token: open the URL that `botkube run` printed")

    def check_origin(self, request: Request) -> None:
        """Let a request pass that no foreign page made (DNS rebinding, cross-site WebSockets).

        Raises:
            HttpError: 403.
        """
        host = request.headers.get("host", "")
        if not self._ours(host):
            raise HttpError(
                403, f"{host!r} is not a name of this instance: add it to settings.http.hosts"
            )
        origin = request.headers.get("origin")
        if origin is not None and _split(origin).netloc.lower() != host.lower():
            raise HttpError(403, f"requests from pages of {origin!r} are not allowed")

    def exchange(self, request: Request) -> Response | None:
        """Turn `?token=` into the cookie and a redirect; None when there is no token to exchange.

        Raises:
            HttpError: 401 for a wrong token.
        """
        given = request.query.get("token")
        if given is None:
            return None
        if not self._right(given):
            raise HttpError(401, "this link has expired: open the URL that `botkube run` printed")
        cookie = f"{self.cookie}={self.token}; Path=/; Max-Age={YEAR}; HttpOnly; SameSite=Strict"
        return Response(status=303, headers=(("location", "/"), ("set-cookie", cookie)))

    def _right(self, given: str) -> bool:
        return hmac.compare_digest(given.encode(), self.token.encode())

    def _ours(self, host: str) -> bool:
        name = (_split(f"//{host}").hostname or "").lower()
        if name == "localhost" or name.endswith(".localhost") or name in self.hosts:
            return True
        try:
            address = ipaddress.ip_address(name)
        except ValueError:
            return False
        return address.is_loopback or self.any_address


def _split(url: str) -> SplitResult:
    """The parts of a URL; of one that is none, nothing."""
    try:
        return urlsplit(url)
    except ValueError:
        return urlsplit("")
