"""Answers commands in Slack. A reply is stored and its command closed in one transaction; then it is sent, in the order of
its channel, until Slack has it: a crash loses no answer, and none is given twice but for the step it interrupted.
"""

import sqlite3
from collections.abc import Callable, Sequence
from typing import Final

import trio

from botkube.bots.slack.saying.asked import Asked, asked_of, trail_of
from botkube.bots.slack.saying.lanes import ChannelLane, Entry, Lanes, Showing
from botkube.bots.slack.saying.ledger import Ledger
from botkube.bots.slack.saying.order import Order
from botkube.bots.slack.saying.reactions import Reactions
from botkube.bots.slack.saying.steps import Plan, of_reply
from botkube.bots.slack.saying.stored import encode_reply
from botkube.bots.slack.saying.telling import Teller
from botkube.model.command import Address, Incoming, Outcome, Partial, Reply, User
from botkube.model.ids import new_id
from botkube.model.message import Message
from botkube.model.replies import interrupted
from botkube.store import announced, journal, kept, replies, results
from botkube.store.database import Database
from botkube.store.replies import OwedReply

PATIENCE: Final = (
    30.0  # seconds that a command waits for its reply to be sent before it makes room for another
)

_Job = Callable[[sqlite3.Connection], OwedReply | None]


class SlackReplier:
    """The replies of one platform; `run` sends them."""

    def __init__(
        self, database: Database, ledger: Ledger, teller: Teller, reactions: Reactions
    ) -> None:
        self._database = database
        self._ledger = ledger
        self._teller = teller
        self._reactions = reactions
        self._lanes = Lanes()
        self._order = Order()
        self._entries: dict[str, Entry] = {}  # what is owed, by command
        self._running = False

    async def run(self, *, task_status: trio.TaskStatus[None]) -> None:
        """Send what is owed, from before too, until cancelled.

        Raises:
            StorageError: what is owed cannot be read.
        Cancellation: at once; what was not sent is on disk.
        """
        self._lanes.again()
        for owed in await self._ledger.owed():
            self._put(_channel_of(owed), Entry(owed))
        self._running = True
        try:
            async with trio.open_nursery() as nursery:
                nursery.start_soon(self._reactions.run)
                task_status.started()
                while True:
                    lane = await self._lanes.next()
                    nursery.start_soon(self._work_off, lane)
        finally:
            self._running = False

    async def _work_off(self, lane: ChannelLane) -> None:
        await self._teller.work_off(lane, self._order, self._over)
        self._lanes.leave(lane)

    async def rested(self) -> None:
        """Until nothing is due: what is owed now is sent, or has to be tried again later."""
        await trio.lowlevel.checkpoint()
        for entry in list(self._entries.values()) if self._running else ():
            await entry.calm.wait()

    def working(self, incoming: Incoming) -> None:
        """Put eyes under what was said, beside the work and if Slack takes them; never waits."""
        asked = asked_of(incoming)
        self._order.begin(incoming.id, (asked.channel, asked.thread), trio.current_time())
        self._reactions.begin(incoming.id, asked)

    async def progress(self, incoming: Incoming, partial: Partial) -> None:
        """Show how far a command is, as soon as there is room for it: the newest state wins, the reply takes its place."""
        await trio.lowlevel.checkpoint()
        asked = asked_of(incoming)
        self._lanes.of(asked.channel).show(Showing(incoming, asked, partial))

    async def finish(self, incoming: Incoming, reply: Reply) -> bool:
        """Store the one final reply, close the journal and see it sent; False when it was closed already.

        Raises:
            StorageError: nothing was stored or sent; try again.
        Cancellation: it is stored and will be sent, or nothing happened.
        """
        entry = await self._finished(incoming, reply)
        if entry is None:
            return False
        with trio.move_on_after(PATIENCE):
            await entry.over.wait()
        return True

    async def answer_interrupted(self, rows: Sequence[journal.OpenCommand]) -> None:
        """Tell the askers that their commands were cut off, unless they are answered already.

        Raises:
            StorageError: some may still be open; try again.
        """
        for row in rows:
            await self._finished(_incoming(row), interrupted(row.text))

    async def close(self, commands: Sequence[str]) -> None:
        """Close commands that nobody can be told about any more.

        Raises:
            StorageError: they are all still open.
        """
        now = self._ledger.wall()

        def job(connection: sqlite3.Connection) -> None:
            for command in commands:
                journal.finish(connection, command, Outcome.CANCELLED, now)

        await self._database.do(job)

    async def announce(self, channel: str, message: Message) -> None:
        """Say something of our own in a channel: an id or a name. It is on disk when this returns, and said in its turn.

        Raises:
            StorageError: it will not be said.
        """
        await self._say_all([(channel, Reply(message=message))], lambda _: True)

    async def announce_once(self, name: str, what: str, told: Sequence[tuple[str, Reply]]) -> bool:
        """Announce something in channels, unless that was announced under this name; False if it was.

        Raises:
            StorageError: it will not be said, and is not known as said.
        """
        now = self._ledger.wall()
        return await self._say_all(told, lambda db: announced.note(db, name, what, now))

    async def _say_all(
        self, told: Sequence[tuple[str, Reply]], wanted: Callable[[sqlite3.Connection], bool]
    ) -> bool:
        """Store all of it and put it into its lanes, if it is wanted: in one transaction."""
        new: list[tuple[Asked, Plan, OwedReply]] = []
        for channel, reply in told:
            asked = Asked(channel=channel)
            plan = of_reply(reply, asked, "", self._ledger.bot, self._ledger.wall())
            new.append((asked, plan, self._owed(new_id(), asked, reply)))

        def job(connection: sqlite3.Connection) -> bool:
            if not wanted(connection):
                return False
            for _, plan, owed in new:
                kept.keep(connection, plan.kept, owed.at)
                replies.owe(connection, owed)
            return True

        def then(stored: bool) -> None:  # noqa: FBT001 - as the store calls it
            for asked, plan, owed in new if stored else ():
                self._put(asked.channel, Entry(owed, plan))

        return await self._database.do(job, then)

    async def _finished(self, incoming: Incoming, reply: Reply) -> Entry | None:
        asked, now = asked_of(incoming), self._ledger.wall()
        plan = of_reply(reply, asked, "", self._ledger.bot, now)
        owed = self._owed(incoming.id, asked, reply)

        def job(connection: sqlite3.Connection) -> OwedReply | None:
            if not journal.finish(connection, incoming.id, reply.outcome, now):
                return None
            if reply.kept:
                results.keep(connection, incoming.address.key, reply.kept, now)
            kept.keep(connection, plan.kept, now)
            return replies.owe(connection, owed)

        entry = await self._stored(job, asked, plan)
        if reply.silent and reply.outcome == Outcome.REFUSED and entry is not None:
            entry.meant = False
        return entry

    async def _stored(self, job: _Job, asked: Asked, plan: Plan | None) -> Entry | None:
        """Store a reply and put it into its lane, in the order of the commits."""
        found: list[Entry] = []

        def then(owed: OwedReply | None) -> None:
            if owed is not None:
                number = self._order.end(owed.command)
                found.append(self._put(asked.channel, Entry(owed, plan, number=number)))

        await self._database.do(job, then)
        return found[0] if found else None

    def _owed(self, command: str, asked: Asked, reply: Reply) -> OwedReply:
        return OwedReply(
            command=command,
            platform=self._ledger.platform,
            trail=trail_of(asked),
            body=encode_reply(reply),
            at=self._ledger.wall(),
        )

    def _put(self, channel: str, entry: Entry) -> Entry:
        """Put a reply into its lane, unless it is there: what is read from the disk may just have been written."""
        known = self._entries.setdefault(entry.owed.command, entry)
        if known is entry:
            self._lanes.of(channel).owe(entry)
        return known

    def _over(self, entry: Entry) -> None:
        self._entries.pop(entry.owed.command, None)
        self._reactions.end(entry.owed.command, answered=entry.answered and entry.meant)
        entry.over.set()
        entry.calm.set()


def _channel_of(owed: OwedReply) -> str:
    address = Address(platform=owed.platform, channel="")
    user = User(name="")
    incoming = Incoming(id=owed.command, text="", user=user, address=address, trail=owed.trail)
    return asked_of(incoming).channel


def _incoming(row: journal.OpenCommand) -> Incoming:
    address = Address(platform=row.platform, channel=row.channel, thread=row.thread)
    return Incoming(id=row.id, text=row.text, user=User(name=row.user), address=address)
