"""The Web API's client: sends a call and says what became of it. It retries nothing and waits for no rate.

Tokens go into one header and nowhere else; whatever fails is a value, since callers tell failures apart anyway.
"""

import ssl
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from typing import Final, Protocol

import msgspec
import trio

from botkube import __version__
from botkube.bots.slack.calling.api import Call
from botkube.bots.slack.calling.outcome import Later, Outcome, outcome, uploaded
from botkube.runtime.dial import address_of
from botkube.runtime.http import HttpFailed
from botkube.runtime.override import override
from botkube.runtime.poster import Limits, Posted, Poster, open_poster

CONNECT: Final = 10.0  # seconds
# Bytes of an answer: a page of a channel's history is some hundred messages of up to tens of KiB with their blocks.
LIMITS: Final = Limits(connect=CONNECT, keep=16 << 20)
_UPLOAD: Final = "upload"


class Api(Protocol):
    """Whatever takes calls: the client itself, or what keeps to the rates before it."""

    async def call(self, call: Call) -> Outcome:
        """Make a call and say what became of it."""
        ...


class Answered(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a call, and the answer's headers by their names in lower case."""

    outcome: Outcome
    headers: Mapping[str, str] = {}


class WebSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Where the API is and who asks it. `timeout`: seconds for one call, the connection included."""

    url: str = "https://slack.com/api/"
    bot_token: str = ""
    app_token: str = ""
    proxy: str = ""
    timeout: float = 30.0

    @override
    def __repr__(self) -> str:
        """Say where, never with what."""
        return f"WebSettings(url={self.url!r})"


class SlackWeb:
    """Makes calls; made by `open_web`. How many at once is the callers' bound."""

    def __init__(self, poster: Poster, settings: WebSettings) -> None:
        self._poster = poster
        self._base = settings.url.rstrip("/") + "/"
        self._timeout = settings.timeout
        self._bot = _authorization(settings.bot_token)
        self._app = _authorization(settings.app_token)

    async def call(self, call: Call) -> Outcome:
        """Make a call; without an answer it is `Later`, and may have been done all the same.

        Cancellation: the call is abandoned; Slack may have done it.
        """
        return (await self.ask(call)).outcome

    async def ask(self, call: Call) -> Answered:
        """Make a call, for who wants the answer's headers too.

        Cancellation: as of `call`.
        """
        answer = None
        with trio.move_on_after(self._timeout):
            try:
                answer = await self._sent(call)
            except (HttpFailed, ValueError) as error:
                return _unanswered(f"Slack cannot be reached: {error}")
        if answer is None:
            return _unanswered(f"Slack did not answer within {self._timeout:g} s")
        if call.method == _UPLOAD:
            return Answered(outcome=uploaded(answer.status))
        became = outcome(answer.status, answer.headers, answer.body, channel=call.channel)
        return Answered(outcome=became, headers=answer.headers)

    async def _sent(self, call: Call) -> Posted:
        place, target = address_of(call.url or self._base + call.method)
        return await self._poster.post(place, target, self._headers(call), call.body)

    def _headers(self, call: Call) -> bytes:
        """Lines of the request; a URL that Slack gave for one use is a secret in itself and gets no token."""
        token = "" if call.url else self._app if call.app else self._bot
        lines = (
            f"Content-Type: {call.content_type}\r\nUser-Agent: Botkube/{__version__}\r\n"
            f"Accept: application/json\r\n{token}"
        )
        return lines.encode("latin-1")


def _unanswered(reason: str) -> Answered:
    return Answered(outcome=Later(reason=reason, unheard=True))


def _authorization(token: str) -> str:
    """The header's line; a token that is none cannot add lines of its own."""
    return f"Authorization: Bearer {''.join(token.split())}\r\n" if token else ""


@asynccontextmanager
async def open_web(settings: WebSettings, context: ssl.SSLContext) -> AsyncGenerator[SlackWeb]:
    """A client while the block runs; its connections are closed at the end."""
    async with open_poster(context, proxy=settings.proxy, limits=LIMITS) as poster:
        yield SlackWeb(poster, settings)
