"""A link to the fake Slack, with what it says and hears."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from random import Random

import msgspec
import trio

from botkube.bots.slack.calling.web import WebSettings, open_web
from botkube.bots.slack.hearing.attempt import Pace
from botkube.bots.slack.hearing.frames import Envelope, EventCallback
from botkube.bots.slack.hearing.link import Link, Means
from botkube.bots.slack.hearing.socket import Answer
from botkube.runtime.http import no_authorities
from botkube.runtime.policy import TroubleState
from botkube.runtime.websocket import Door, Heartbeat
from tests.fakes.slack.changing import Changing
from tests.fakes.slack.server import FakeSlack
from tests.fakes.slack.workspace import APP_TOKEN, BOT_TOKEN

QUICK = Pace(first=0.02, most=0.1, busy=0.2, fatal=0.3, confirm=0.1, look=0.2, hello=20.0, calm=0.5)


class Heard(Changing):
    """What a link says and hears."""

    def __init__(self) -> None:
        self.health: list[tuple[str, str]] = []
        self.envelopes: list[Envelope] = []
        self.bots: list[str] = []
        self.notices: list[str] = []
        self.reconnects = 0
        self.answers: dict[str, Answer] = {}  # by the kind of interaction
        super().__init__()

    def say(self, trouble: str, state: TroubleState = "retrying", /) -> None:
        self.health.append((state, trouble) if trouble else ("ready", ""))
        self.tell()

    def count(self) -> None:
        self.reconnects += 1

    def connected(self, bot: str) -> None:
        self.bots.append(bot)

    def contended(self, sentence: str) -> None:
        self.notices.append(sentence)

    def hear(self, envelope: Envelope) -> None:
        self.envelopes.append(envelope)
        self.tell()

    def answer_to(self, envelope: Envelope) -> Answer | None:
        return self.answers.get(envelope.kind)

    @property
    def events(self) -> list[str]:
        """The ids of the events."""
        payloads = [envelope.payload for envelope in self.envelopes]
        return [item.event_id for item in payloads if isinstance(item, EventCallback)]


@asynccontextmanager
async def linked(
    slack: FakeSlack,
    pace: Pace = QUICK,
    heartbeat: Heartbeat | None = None,
    *,
    ready: bool = True,
    proxy: str = "",
    patience: float = 30.0,
) -> AsyncGenerator[Heard]:
    """A link while the block runs; when it begins the first socket works."""
    heard = Heard()
    context = no_authorities()
    settings = WebSettings(
        url=slack.api_url,
        bot_token=BOT_TOKEN,
        app_token=APP_TOKEN,
        proxy=proxy,
        timeout=patience,
    )
    async with open_web(settings, context) as web, trio.open_nursery() as nursery:
        means = Means(
            web=web,
            door=Door(context=context, proxy_of=lambda _url: proxy),
            health=heard.say,
            reconnected=heard.count,
            random=Random(3),
            pace=pace,
            heartbeat=heartbeat or Heartbeat(),
        )
        link = Link("default-socketSlack", means, heard)
        if ready:
            await nursery.start(link.run)
        else:
            nursery.start_soon(nursery.start, link.run)
        yield heard
        nursery.cancel_scope.cancel()


def paced(**changes: float) -> Pace:
    """The quick pace with something else in it."""
    return msgspec.structs.replace(QUICK, **changes)
