"""Slack of one group as the rest of the program knows it: replies and deliveries go through it, commands come from it.

Slack being away, or not taking a token, never keeps the program from starting and never touches another house.
"""

import logging
import math
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Final

import msgspec
import trio

from botkube.app.chats import SlackPlatform
from botkube.app.delivery import deliverer
from botkube.app.foundation import Base, Stored
from botkube.app.slack.announcing import Watch
from botkube.bots.slack.calling import api
from botkube.bots.slack.calling.directory import Directory
from botkube.bots.slack.calling.outcome import Ok
from botkube.bots.slack.calling.paced import PacedApi
from botkube.bots.slack.calling.rates import Lane, Rates, Turn
from botkube.bots.slack.calling.web import SlackWeb
from botkube.bots.slack.drawing.render import Outgoing
from botkube.bots.slack.hearing.attempt import Pace, no_url
from botkube.bots.slack.hearing.mention import mention_of
from botkube.bots.slack.saying.carry import EVENTS, Carrier, Place, Way
from botkube.bots.slack.saying.ledger import Ledger
from botkube.bots.slack.saying.notifier import WINDOW, SlackNotifier
from botkube.bots.slack.saying.reactions import Reactions
from botkube.bots.slack.saying.replier import SlackReplier
from botkube.bots.slack.saying.steps import of_message
from botkube.bots.slack.saying.telling import Teller
from botkube.config import fingerprint
from botkube.model.command import Incoming
from botkube.model.errors import FatalError, StorageError
from botkube.model.message import Message
from botkube.model.routes import Channel, Routes
from botkube.runtime.childspec import ChildSpec
from botkube.runtime.inbox import Inbox
from botkube.runtime.policy import Backoff, Policy
from botkube.runtime.websocket import Door
from botkube.store.journal import OpenCommand

if TYPE_CHECKING:
    from botkube.engine.events.deliver import Deliverer

log = logging.getLogger(__name__)

WAITING: Final = 1000  # commands accepted and not answered; beyond that users are told "busy"
FAREWELL: Final = Turn(lane=Lane.REPLY, patience=2.0)
POLICY: Final = Policy(
    max_restarts=10**9, backoff=Backoff(0.25, 30.0), parked_retry=30.0, start_timeout=math.inf
)


class Means(msgspec.Struct, frozen=True, kw_only=True):
    """How Slack is reached; `rates` may be shared. `broken`: why nothing can ever work, as the configuration is."""

    web: SlackWeb
    door: Door
    rates: Rates
    broken: str = ""


class SlackHouse:
    """Slack of one group. It delivers nothing until Slack has said who the bot is."""

    def __init__(self, base: Base, stored: Stored, platform: SlackPlatform, means: Means) -> None:
        self.name = platform.name
        self.platform = platform
        self.inbox = Inbox[Incoming](WAITING)
        self.means = means
        self.paced = PacedApi(means.web, means.rates)
        self.directory = Directory(self.paced)
        self._base = base
        self._stored = stored
        self._ledger = Ledger(stored.database, platform.name, "", base.wall)
        teller = Teller(
            Carrier(self.paced, self.directory),
            self.paced,
            self._ledger,
            partial(base.board.trouble, f"deliver:{self.name}"),
            base.random,
        )
        self.replier = SlackReplier(stored.database, self._ledger, teller, Reactions(self.paced))
        self._watch = Watch(
            platform.name,
            base.plan.routes.cluster,
            platform.channels,
            base.plan.config.settings.announcements,
        )
        self._identified = trio.Event()
        self._routes: Routes | None = None
        self._deliverers: list[Deliverer] = []

    # Who the bot is.

    async def identified(self) -> str:
        """How the bot is mentioned; waits until Slack has said who it is."""
        await self._identified.wait()
        return self._ledger.bot

    def routes(self) -> Routes:
        """The routes, with the bot's mention in this house's channels."""
        if self._routes is None:
            plan = self._base.plan.routes
            channels = {
                key: msgspec.structs.replace(channel, bot=self._ledger.bot or channel.bot)
                if key[0] == self.name
                else channel
                for key, channel in plan.channels.items()
            }
            self._routes = msgspec.structs.replace(plan, channels=channels)
        return self._routes

    def identify(self, bot: str) -> None:
        """Take note of the bot's user id."""
        self._ledger.bot = mention_of(bot)
        self._routes = None
        self._identified.set()

    async def _ask_who(self) -> None:
        """Ask until Slack has said who the bot is; whichever part of the house hears it first."""
        base, pace, said = self._base, Pace(), ""
        attempt = 0
        while not self._identified.is_set():
            answer = await self.means.web.call(api.auth_test())
            trouble = no_url(answer, attempt, pace, base.random)
            if isinstance(answer, Ok):
                self.identify(answer.text("user_id"))
            if trouble is None:
                break
            attempt += 1
            base.board.trouble(f"deliver:{self.name}", trouble.reason, trouble.state)
            if trouble.reason != said:
                said = trouble.reason
                log.warning("%s delivers nothing: %s", self.name, said)
            with trio.move_on_after(trouble.wait):
                await self._identified.wait()
        if said:
            base.board.trouble(f"deliver:{self.name}", "")

    # What goes out: children of the delivery level.

    def senders(self) -> list[ChildSpec]:
        """The children that send replies and deliver to the channels."""
        print_ = fingerprint(self.platform.config)
        replies = ChildSpec(
            name=f"deliver:{self.name}", body=self._reply, fingerprint=print_, policy=POLICY
        )
        return [
            replies,
            *(
                ChildSpec(
                    name=f"deliver:{channel.target}",
                    body=partial(self._deliver, channel),
                    fingerprint=print_,
                    policy=POLICY,
                )
                for channel in self.platform.channels
            ),
        ]

    async def rested(self) -> None:
        """Until what is due was sent."""
        for item in tuple(self._deliverers):
            await item.calm()
        await self.replier.rested()

    async def leave(self) -> None:
        """See sent what is due, and say that the program stops, if that can be said now."""
        await self.rested()
        if self._identified.is_set():
            with suppress(StorageError):
                await self._watch.ended(self._stored.database, self._say_now)

    async def _say_now(self, channel: str, message: Message) -> None:
        carrier = Carrier(self.paced, self.directory, FAREWELL)
        place = await carrier.place(channel)
        if isinstance(place, Place):
            way = Way(place)
            for step in of_message(Outgoing(message=message), self._ledger.bot).steps:
                if not isinstance(await carrier.carry(step, way), Ok):
                    break

    async def _reply(self, *, task_status: trio.TaskStatus[None]) -> None:
        self.check()
        await self._ask_who()
        await self._watch.begins(self.replier)
        async with trio.open_nursery() as nursery:
            await nursery.start(self.replier.run)
            task_status.started()

    async def _deliver(self, channel: Channel, *, task_status: trio.TaskStatus[None]) -> None:
        self.check()
        bot = await self.identified()
        carrier = Carrier(self.paced, self.directory, EVENTS)
        notifier = SlackNotifier(carrier, self.paced, channel.name, bot, self._ledger.keep)
        made = deliverer(self._base, self._stored, channel, notifier, WINDOW)
        self._deliverers.append(made)
        try:
            async with trio.open_nursery() as nursery:
                await nursery.start(made.run)
                task_status.started()
        finally:
            self._deliverers.remove(made)

    def check(self) -> None:
        """Whether anything can work.

        Raises: FatalError.
        """
        if self.means.broken:
            raise FatalError(self.means.broken)

    async def announce(self, channel: str, message: Message) -> None:
        """Say something of our own, in its turn; nothing as long as Slack has not said who the bot is.

        Raises:
            StorageError: it will not be said.
        """
        if self._identified.is_set():
            await self.replier.announce(channel, message)
        await trio.lowlevel.checkpoint()

    async def answer_interrupted(self, rows: Sequence[OpenCommand]) -> None:
        """Tell the askers that their commands were cut off; those of channels that are not configured are closed only.

        Raises:
            StorageError: some may still be open; try again.
        """
        await self.identified()
        channels = self._base.plan.routes.channels
        names = {row.id: channels.get((row.platform, row.channel)) for row in rows}
        await self.replier.answer_interrupted(
            [
                msgspec.structs.replace(row, channel=channel.name)
                for row in rows
                if (channel := names[row.id]) is not None
            ]
        )
        await self.replier.close([row.id for row in rows if names[row.id] is None])
