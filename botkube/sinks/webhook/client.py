"""Posts events to one URL, several at once; one answer each. It retries nothing."""

import ssl
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Final
from urllib.parse import urlsplit

import msgspec

from botkube import __version__
from botkube.model.delivery import Delivered, Delivery, Outcome, Rejected, Retry
from botkube.runtime.dial import address_of, credentials_of
from botkube.runtime.http import HttpFailed
from botkube.runtime.poster import Posted, Poster, open_poster
from botkube.sinks.answers import (
    REFUSED,
    SETUP_WAIT,
    is_later,
    is_redirect,
    is_success,
    retry_after,
    told,
)
from botkube.sinks.webhook.body import Signing, event_body, event_headers
from botkube.sinks.webhook.redirect import Astray, redirected

REDIRECTS: Final = 5
SECRET: Final = 6  # letters: shorter ones are words
DELIVERED: Final = Delivered()


class WebhookSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Where events are posted, and how."""

    url: str
    headers: Mapping[str, str] = {}
    signing: Signing | None = None
    proxy: str = ""
    timeout: float = 30.0  # for one request
    at_once: int = 64


class Unsent(Exception):
    """No answer, or one that says nothing about the event itself. `auth`: it does not know us."""

    def __init__(self, reason: str, *, auth: bool = False, after: float = 0.0) -> None:
        super().__init__(reason)
        self.auth = auth
        self.after = after


class WebhookClient:
    """Posts events; made by `open_webhook`."""

    def __init__(
        self, poster: Poster, settings: WebhookSettings, wall: Callable[[], float]
    ) -> None:
        self._poster = poster
        self._settings = settings
        self._wall = wall
        self._headers = _fixed_headers(settings)
        self._secrets = secrets_of(settings)

    async def send(self, delivery: Delivery) -> Outcome:
        """Post one event; the caller keeps to `timeout`.

        Raises: Unsent if that is no fault of the event's.
        """
        body = event_body(delivery)
        headers = self._headers + event_headers(delivery.event_id, body, self._settings.signing)
        try:
            answer = await self._post(headers, body)
        except HttpFailed as error:
            raise Unsent(str(error)) from error
        return self._outcome(answer)

    @property
    def timeout(self) -> float:
        """The seconds that one post may take."""
        return self._settings.timeout

    async def _post(self, headers: bytes, body: bytes) -> Posted:
        url = self._settings.url
        for _ in range(REDIRECTS + 1):
            place, target = address_of(url)
            answer = await self._poster.post(place, target, headers, body)
            if not is_redirect(answer.status):
                return answer
            try:
                url = redirected(url, answer.status, answer.headers.get("location", ""))
            except Astray as error:
                raise Unsent(str(error), after=SETUP_WAIT) from error
        raise Unsent(f"it redirects more than {REDIRECTS} times", after=SETUP_WAIT)

    def _outcome(self, answer: Posted) -> Outcome:
        status = answer.status
        if is_success(status):
            return DELIVERED
        reason = told(status, answer.body, self._secrets)
        if status in REFUSED:
            raise Unsent(reason, auth=True, after=SETUP_WAIT)
        if is_later(status):
            return Retry(reason=reason, after=retry_after(answer.headers, self._wall()))
        return Rejected(reason=reason)


def secrets_of(settings: WebhookSettings) -> list[str]:
    """What of a URL and of headers an answer must not repeat into a log: longest first."""
    parts = urlsplit(settings.url)
    found = {*parts.path.split("/"), *parts.query.split("&"), *settings.headers.values()}
    found |= {pair.partition("=")[2] for pair in parts.query.split("&")}
    found |= {parts.username or "", parts.password or ""}
    return sorted((text for text in found if len(text) >= SECRET), key=len, reverse=True)


def _fixed_headers(settings: WebhookSettings) -> bytes:
    given = {
        "Accept": "*/*",
        "User-Agent": f"Botkube/{__version__}",
        "Content-Type": "application/json",
    }
    if credentials := credentials_of(settings.url):
        given["Authorization"] = credentials
    replaced = {name.lower() for name in settings.headers}
    lines = {n: v for n, v in given.items() if n.lower() not in replaced} | dict(settings.headers)
    return "".join(f"{name}: {value}\r\n" for name, value in lines.items()).encode()


@asynccontextmanager
async def open_webhook(
    settings: WebhookSettings, context: ssl.SSLContext, wall: Callable[[], float]
) -> AsyncGenerator[WebhookClient]:
    """A client while the block runs; its connections are closed at the end."""
    async with open_poster(context, proxy=settings.proxy) as poster:
        yield WebhookClient(poster, settings, wall)
