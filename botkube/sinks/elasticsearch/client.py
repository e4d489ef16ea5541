"""Asks an Elasticsearch or OpenSearch cluster, with a deadline and credentials on each request. Decides nothing."""

import ssl
from base64 import b64encode
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Final
from urllib.parse import unquote, urlsplit, urlunsplit

import msgspec
import trio

from botkube import __version__
from botkube.model.errors import PeerError
from botkube.runtime.http import AwsKeys, HttpClient, HttpFailed, Reply, open_http

LONGEST_ANSWER: Final = 32 << 20  # each of a window's documents may have a long reason

Keys = Callable[[], Awaitable[AwsKeys]]
"""The keys to sign with now.

Raises: PeerError if there are none.
"""


class ClusterSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Where the cluster is, and how it is asked. `authorization` is the value of a header ("": none)."""

    server: str
    authorization: str = ""
    proxy: str = ""
    timeout: float = 30.0  # for one request


class ElasticClient:
    """Sends requests to one cluster; made by `open_elastic`."""

    def __init__(self, client: HttpClient, settings: ClusterSettings, keys: Keys | None) -> None:
        self._client = client
        self._settings = settings
        self._keys = keys
        self._headers = {"User-Agent": f"Botkube/{__version__}", "Accept": "application/json"}
        if settings.authorization and keys is None:
            self._headers["Authorization"] = settings.authorization

    async def ask(
        self, method: str, path: str, body: bytes = b"", content_type: str = "application/json"
    ) -> Reply:
        """Send a request; any status is an answer.

        Raises: PeerError if there is none in time.
        """
        headers = {**self._headers, "Content-Type": content_type} if body else self._headers
        timeout = self._settings.timeout
        try:
            with trio.fail_after(timeout):
                return await self._send(method, path, body, headers)
        except trio.TooSlowError:
            raise PeerError(f"it did not answer within {timeout:g} s") from None
        except HttpFailed as error:
            host = urlsplit(self._settings.server).hostname
            raise PeerError(f"{host} cannot be reached: {error}") from error

    async def _send(self, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> Reply:
        sign = None if self._keys is None else await self._keys()
        return await self._client.request(
            method, path, body, headers, sign=sign, longest=LONGEST_ANSWER
        )


def basic(username: str, password: str) -> str:
    """The header of a user and a password."""
    return f"Basic {b64encode(f'{username}:{password}'.encode()).decode()}"


def without_user(url: str) -> tuple[str, str]:
    """A URL without the user in it, and the header of that user ("": there is none)."""
    parts = urlsplit(url)
    if parts.username is None:
        return url, ""
    bare = urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))
    return bare, basic(unquote(parts.username), unquote(parts.password or ""))


@asynccontextmanager
async def open_elastic(
    settings: ClusterSettings, context: ssl.SSLContext, keys: Keys | None = None
) -> AsyncGenerator[ElasticClient]:
    """A client while the block runs; its connections are closed at the end."""
    async with open_http(
        settings.server.rstrip("/"), context, proxy=settings.proxy, environment=False
    ) as client:
        yield ElasticClient(client, settings, keys)
