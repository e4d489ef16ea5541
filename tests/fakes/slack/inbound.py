"""The inbound half of Slack against the fake workspace, without the rest of the program: a link, a store, an inbox."""

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random

import trio

from botkube.app.chats import SlackPlatform, slack_platforms
from botkube.bots.slack.calling.directory import Directory
from botkube.bots.slack.calling.paced import PacedApi
from botkube.bots.slack.calling.people import People
from botkube.bots.slack.calling.rates import Rates
from botkube.bots.slack.calling.web import WebSettings, open_web
from botkube.bots.slack.hearing.attempt import Pace
from botkube.bots.slack.hearing.catchup import CatchUp
from botkube.bots.slack.hearing.intake import Intake
from botkube.bots.slack.hearing.link import Link, Means
from botkube.bots.slack.hearing.office import Office
from botkube.bots.slack.hearing.reception import Reception
from botkube.config import Config
from botkube.config.schema.channels import TriggerChannel
from botkube.config.schema.platforms import SocketSlack
from botkube.config.schema.root import Communications
from botkube.model.command import Incoming, Outcome, Reply
from botkube.model.errors import StorageError
from botkube.runtime.clock import wall
from botkube.runtime.http import no_authorities
from botkube.runtime.inbox import Inbox
from botkube.runtime.metrics import Metrics
from botkube.runtime.websocket import Door
from botkube.store import journal
from botkube.store.database import Database, open_database
from tests.fakes.slack.changing import Changing
from tests.fakes.slack.links import QUICK
from tests.fakes.slack.server import FakeSlack
from tests.fakes.slack.workspace import APP_TOKEN, BOT_TOKEN

PLATFORM = "default-socketSlack"


NAMES = ("#general", " random ")


def platform(names: Sequence[str] = NAMES) -> SlackPlatform:
    """Its channels, by name or id."""
    channels = {f"c{number}": TriggerChannel(name=name) for number, name in enumerate(names)}
    slack = SocketSlack(enabled=True, channels=channels)
    config = Config(communications={"default": Communications(socket_slack=slack)})
    return next(slack_platforms(config))


class Inbound(Changing):
    """The parts of one life of the program; commands end in `ran` and `asked`."""

    def __init__(
        self,
        slack: FakeSlack,
        database: Database,
        paced: PacedApi,
        inbox: Inbox[Incoming],
        names: Sequence[str],
    ) -> None:
        self.slack = slack
        self.database = database
        self.wall: Callable[[], float] = wall
        self.inbox = inbox
        self.ran: list[Incoming] = []
        self.asked: list[str] = []
        self.full = 0  # questions that the disk does not take
        self.health: list[tuple[str, str]] = []
        super().__init__()
        office = Office(
            platform=PLATFORM,
            rooms=platform(names).rooms,
            database=database,
            inbox=self.inbox,
            paced=paced,
            directory=Directory(paced),
            people=People(paced),
            metrics=Metrics(),
            wall=self.now,
        )
        self.reception = Reception(office)
        self.intake = Intake(self.reception)
        self.catch_up = CatchUp(database, PLATFORM, self.intake, self.reception, self._finish)

    def now(self) -> float:
        """What the clock says, which tests may set."""
        return self.wall()

    @property
    def texts(self) -> list[str]:
        """What ran."""
        return [incoming.text for incoming in self.ran]

    async def work(self) -> None:
        """Run commands: each is noted, and its journal closed."""
        async for incoming in self.inbox.receive:
            self.ran.append(incoming)
            await self._close(incoming, Outcome.OK)
            self.inbox.release()
            self.tell()

    async def _finish(self, incoming: Incoming, reply: Reply) -> None:
        if self.full:
            self.full -= 1
            raise StorageError("the disk is full")
        await self._close(incoming, reply.outcome)
        self.asked.append(reply.message.base_body.plaintext)
        self.tell()

    async def _close(self, incoming: Incoming, outcome: Outcome) -> None:
        now = wall()
        await self.database.do(
            lambda connection: journal.finish(connection, incoming.id, outcome, now)
        )

    def say(self, trouble: str, state: str = "retrying", /) -> None:
        """Take note of the platform's health."""
        self.health.append((state, trouble))
        self.tell()


@asynccontextmanager
async def hearing(
    slack: FakeSlack,
    folder: Path,
    *,
    pace: Pace = QUICK,
    room: int = 1000,
    work: bool = True,
    names: Sequence[str] = NAMES,
) -> AsyncGenerator[Inbound]:
    """One life of the inbound half; what it stores stays in the folder."""
    context = no_authorities()
    settings = WebSettings(
        url=slack.api_url, bot_token=BOT_TOKEN, app_token=APP_TOKEN, timeout=30.0
    )
    async with (
        open_database(folder / "state.db", max_bytes=2**26) as database,
        open_web(settings, context) as web,
    ):
        paced = PacedApi(web, Rates())
        inbound = Inbound(slack, database, paced, Inbox[Incoming](room), names)
        means = Means(
            web=web,
            door=Door(context=context),
            health=inbound.say,
            reconnected=lambda: None,
            random=Random(5),
            pace=pace,
        )
        async with trio.open_nursery() as nursery:
            nursery.start_soon(inbound.intake.run)
            nursery.start_soon(inbound.catch_up.run)
            if work:
                nursery.start_soon(inbound.work)
            await nursery.start(Link(PLATFORM, means, inbound.intake).run)
            yield inbound
            nursery.cancel_scope.cancel()
