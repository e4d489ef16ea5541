"""Reads URLs for one repository: its headers (to its own servers only), its proxy and authority, redirects, deadlines.

Knows neither indexes nor archives.
"""

from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Final
from urllib.parse import urljoin

import msgspec
import trio

from botkube.packages.errors import NotThere, PackageFailed, PackageRefused
from botkube.packages.index.locator import BadLocation, check_url, origin_of, public_url
from botkube.runtime.http import (
    HttpClient,
    HttpFailed,
    Incoming,
    NotTrusted,
    open_http,
    trusted_authorities,
)

REDIRECTS: Final = 5
_MOVED: Final = frozenset((301, 302, 303, 307, 308))
_LATER: Final = frozenset((408, 425, 429, 500, 502, 503, 504))
_ABSENT: Final = frozenset((404, 410))
_HINTS: Final = {
    401: "; check its headers: in the configuration",
    403: "; check its headers: in the configuration",
    404: "; check the URL",
    407: "; the proxy wants credentials",
}


class Patience(msgspec.Struct, frozen=True, kw_only=True):
    """How long servers may take, and how often they are asked."""

    answer: float = 30.0  # to a request, up to the headers
    silence: float = 30.0  # between two pieces of a body
    whole: float = 1800.0  # for all of a file
    attempts: int = 4
    first_pause: float = 0.5
    longest_pause: float = 8.0
    note: float = 5.0  # then it is said what is waited for


class Access(msgspec.Struct, frozen=True, kw_only=True):
    """How the servers of one repository are reached. `homes` are the URLs whose servers get the headers.

    `headers` gives them when they are needed, or raises PackageRefused.
    """

    homes: tuple[str, ...]
    headers: Callable[[], Mapping[str, str]] = dict
    proxy: str = ""
    ca_file: str = ""


class Web:
    """Reads URLs; made by `open_web`."""

    def __init__(self, client: HttpClient, access: Access, patience: Patience) -> None:
        self._client = client
        self._headers = access.headers()
        self._homes = {origin_of(url) for url in access.homes}
        self.patience = patience

    @asynccontextmanager
    async def get(self, url: str, headers: Mapping[str, str] = {}) -> AsyncGenerator[Incoming]:
        """Ask for a URL, wherever it has moved to; the status is one of success, 304 or 416.

        Raises: PackageFailed if no answer or one for later came; PackageRefused for any other.
        Cancellation: the connection is closed.
        """
        async with AsyncExitStack() as stack:
            try:
                with trio.fail_after(self.patience.answer):
                    answer = await self._follow(url, headers, stack)
            except trio.TooSlowError:
                raise PackageFailed(
                    f"{public_url(url)} did not answer within {self.patience.answer:g} s"
                ) from None
            yield answer

    async def piece(self, answer: Incoming, url: str) -> bytes:
        """Return the next piece of an answer; b"" at its end.

        Raises: PackageFailed if it breaks off or stops coming.
        """
        silence = self.patience.silence
        try:
            with trio.fail_after(silence):
                return await answer.read()
        except trio.TooSlowError:
            text = f"{public_url(url)} stopped for {silence:g} s in the middle"
            raise PackageFailed(text) from None
        except HttpFailed as error:
            raise PackageFailed(f"{public_url(url)} broke off: {error}") from error

    async def read(self, answer: Incoming, url: str, most: int) -> bytes:
        """Return all of an answer that is not large.

        Raises: as `piece`; PackageRefused if it is larger than `most`.
        """
        body = bytearray()
        while piece := await self.piece(answer, url):
            body += piece
            if len(body) > most:
                raise PackageRefused(f"{public_url(url)} is larger than {most >> 20} MiB")
        return bytes(body)

    async def _follow(
        self, url: str, headers: Mapping[str, str], stack: AsyncExitStack
    ) -> Incoming:
        at = url
        for _ in range(REDIRECTS + 1):
            try:
                answer = await stack.enter_async_context(
                    self._client.get(
                        at, {**self._own(at), "Accept-Encoding": "identity", **headers}
                    )
                )
            except NotTrusted as error:
                raise PackageRefused(
                    f"{public_url(at)} has a certificate that is not trusted ({error}): if its "
                    "authority is your own, set caFile of the repository to its certificate"
                ) from error
            except HttpFailed as error:
                raise PackageFailed(f"{public_url(at)} cannot be reached: {error}") from error
            if answer.status not in _MOVED or "location" not in answer.headers:
                return _checked(answer, at)
            at = _redirected(at, answer.headers["location"])
            await stack.aclose()
        raise PackageRefused(f"{public_url(url)} is redirected more than {REDIRECTS} times")

    def _own(self, url: str) -> Mapping[str, str]:
        return self._headers if origin_of(url) in self._homes else {}


@asynccontextmanager
async def open_web(access: Access, patience: Patience) -> AsyncGenerator[Web]:
    """Open connections for one repository.

    Raises: PackageRefused if its headers, its proxy or its file of authorities cannot be used.
    """
    try:
        context = await trio.to_thread.run_sync(trusted_authorities, access.ca_file)
    except OSError as error:
        raise PackageRefused(f"caFile {access.ca_file} cannot be used: {error}") from error
    async with AsyncExitStack() as stack:
        try:
            client = await stack.enter_async_context(open_http("", context, proxy=access.proxy))
        except ValueError as error:
            raise PackageRefused(f"the proxy cannot be used: {error}") from error
        yield Web(client, access, patience)


def _checked(answer: Incoming, url: str) -> Incoming:
    status = answer.status
    if status in {200, 206, 304, 416}:
        return answer
    text = f"{public_url(url)} answered {status}"
    if status in _LATER:
        raise PackageFailed(text)
    refused = NotThere if status in _ABSENT else PackageRefused
    raise refused(text + _HINTS.get(status, ""))


def _redirected(old: str, location: str) -> str:
    try:
        new = check_url(urljoin(old, location), base=old)
    except (BadLocation, ValueError) as error:
        raise PackageRefused(f"{public_url(old)} redirects to a URL that {error}") from error
    if old.startswith("https:") and not new.startswith("https:"):
        raise PackageRefused(
            f"{public_url(old)} redirects to {public_url(new)}, which is not https"
        )
    return new
