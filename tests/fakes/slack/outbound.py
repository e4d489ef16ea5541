"""The outbound half of Slack against the fake workspace, without the rest of the program."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random

import msgspec
import trio

from botkube.bots.slack.calling.directory import Directory
from botkube.bots.slack.calling.paced import PacedApi
from botkube.bots.slack.calling.rates import Rates
from botkube.bots.slack.calling.web import WebSettings, open_web
from botkube.bots.slack.saying.asked import Asked, trail_of
from botkube.bots.slack.saying.carry import EVENTS, Carrier
from botkube.bots.slack.saying.ledger import Ledger
from botkube.bots.slack.saying.notifier import SlackNotifier
from botkube.bots.slack.saying.reactions import Reactions
from botkube.bots.slack.saying.replier import SlackReplier
from botkube.bots.slack.saying.telling import Teller
from botkube.model.command import Address, Incoming, User
from botkube.model.delivery import Delivery
from botkube.model.message import Body, Message, encode_message
from botkube.runtime.clock import wall
from botkube.runtime.http import no_authorities
from botkube.store import journal
from botkube.store.database import Database
from tests.fakes.slack.server import FakeSlack, serving_slack
from tests.fakes.slack.workspace import APP_TOKEN, BOT, BOT_TOKEN
from tests.fakes.store import opened

PLATFORM = "main-socketSlack"
MENTION = f"<@{BOT}>"


class Outbound:
    """The parts, and the workspace that they talk to."""

    def __init__(self, slack: FakeSlack, database: Database, paced: PacedApi) -> None:
        self.slack = slack
        self.workspace = slack.workspace
        self.database = database
        self.paced = paced
        self.directory = Directory(paced)
        self.ledger = Ledger(database, PLATFORM, MENTION, wall)
        self.troubled = trio.Event()
        self.troubles: list[tuple[str, str]] = []
        self.replier = self.new_replier()

    def new_replier(self) -> SlackReplier:
        """A replier as after a restart of the program."""
        carrier = Carrier(self.paced, self.directory)
        teller = Teller(carrier, self.paced, self.ledger, self._health, Random(1))
        return SlackReplier(self.database, self.ledger, teller, Reactions(self.paced))

    def notifier(self, channel: str) -> SlackNotifier:
        """What notifies a channel."""
        carrier = Carrier(self.paced, self.directory, EVENTS)
        return SlackNotifier(carrier, self.paced, channel, MENTION, self.ledger.keep)

    def _health(self, trouble: str, state: str = "retrying") -> None:
        self.troubles.append((trouble, state))
        self.troubled.set()

    async def accepted(self, text: str = "ping", **more: object) -> Incoming:
        """A command of U1 that is journalled."""
        channel = str(more.pop("channel", "C1"))
        said = self.workspace.say(channel, f"{MENTION} {text}")
        asked = Asked(channel=channel, user="U1", ts=str(said["ts"]))
        return await self.journalled(msgspec.structs.replace(asked, **more), text)

    async def journalled(self, asked: Asked, text: str = "ping") -> Incoming:
        """A command that was given there."""
        incoming = Incoming(
            id=f"{asked.channel}-{asked.ts or asked.message}-{text}",
            text=text,
            user=User(name="U1", mention="<@U1>"),
            address=Address(platform=PLATFORM, channel=asked.channel, thread=asked.thread),
            trail=trail_of(asked),
        )
        await self.database.do(lambda connection: journal.accept(connection, incoming, wall()))
        return incoming

    async def owed(self, number: int) -> None:
        """Until so many replies are on disk."""
        while await self.rows("SELECT count(*) FROM reply") != [(number,)]:  # noqa: ASYNC110
            await trio.sleep(0.01)  # another thread writes

    async def rows(self, query: str) -> list[tuple[object, ...]]:
        """What the database says."""
        return await self.database.read(lambda connection: connection.execute(query).fetchall())


def delivery(number: int, message: Message | str) -> Delivery:
    """A notification."""
    if isinstance(message, str):
        message = Message(base_body=Body(plaintext=message))
    return Delivery(
        id=number,
        target="t",
        event_id=f"e{number}",
        source="beat",
        message=encode_message(message),
        raw=b"null",
        received_at=wall(),
    )


@asynccontextmanager
async def sending(
    folder: Path, *, seconds: float = 100, users: Mapping[str, str] | None = None
) -> AsyncGenerator[Outbound]:
    """The parts, without what runs the replier; under a deadline."""
    with trio.fail_after(seconds):
        async with serving_slack() as slack, opened(folder) as database:
            slack.workspace.users |= users or {}
            settings = WebSettings(url=slack.api_url, bot_token=BOT_TOKEN, app_token=APP_TOKEN)
            async with open_web(settings, no_authorities()) as web:
                yield Outbound(slack, database, PacedApi(web, Rates()))


@asynccontextmanager
async def replying(folder: Path, *, seconds: float = 100) -> AsyncGenerator[Outbound]:
    """The parts, with the replier running."""
    async with sending(folder, seconds=seconds) as out, trio.open_nursery() as nursery:
        await nursery.start(out.replier.run)
        yield out
        nursery.cancel_scope.cancel()
