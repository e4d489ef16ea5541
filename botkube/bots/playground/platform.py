"""The playground as a platform: takes messages in, answers commands, delivers notifications.

Every visible thing is a frame in the store; what a commit made visible is published in commit order.
Accepting a command is one transaction with the user's frame, and its final reply one with closing it.
"""

import sqlite3
from collections.abc import Callable, Sequence
from typing import Final

import msgspec

from botkube.bots.playground.body import own_body, partial_body, reply_body, typed_body
from botkube.bots.playground.feed import Feed
from botkube.bots.playground.mention import command_in
from botkube.model.command import Address, Incoming, Origin, Outcome, Partial, Reply, User
from botkube.model.frame import BOT, Frame, NewFrame
from botkube.model.ids import new_id
from botkube.model.message import Message, MessageType
from botkube.model.replies import BUSY, interrupted, plain
from botkube.model.routes import Channel
from botkube.runtime.inbox import Inbox
from botkube.runtime.metrics import Metrics
from botkube.store import frames, journal, results
from botkube.store.database import Database

LEFT_OPEN: Final = (
    10_000  # open commands answered at a start: far more than are ever accepted at once
)


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """Something a user said or clicked in a channel."""

    channel: Channel
    user: str
    text: str
    thread: str = ""
    client_id: str = ""
    origin: Origin = Origin.TYPED
    state: bytes = b""
    message: str = ""


class Playground:
    """The playgrounds of all groups: one stream of frames, channels known by their names."""

    def __init__(
        self,
        database: Database,
        feed: Feed,
        inbox: Inbox[Incoming],
        metrics: Metrics,
        wall: Callable[[], float],
    ) -> None:
        self._database = database
        self._feed = feed
        self._inbox = inbox
        self._metrics = metrics
        self._wall = wall

    async def say(self, said: Said) -> Frame:
        """Store what a user said and, if it is a command, hand it to the workers.

        The same `client_id` of the same user gives the frame stored first. When no worker has room
        the user's message is stored together with a visible refusal.

        Raises:
            StorageError: nothing was stored, nothing will run.
        Cancellation: it is stored and runs, or it never happened.
        """
        frame = self._typed(said)
        command = command_in(said.text)
        if command is None:
            return await self._store(frame)
        if self._inbox.reserve():
            return await self._accept(said, frame, command)
        self._metrics.commands.labels("other", Outcome.REFUSED.value).inc()
        return await self._store(frame, self._answer(frame, plain(BUSY, "", Outcome.REFUSED)))

    async def _accept(self, said: Said, frame: NewFrame, command: str) -> Frame:
        incoming = Incoming(
            id=frame.id,
            text=command,
            user=User(name=said.user, mention=f"@{said.user}"),
            address=said.channel.address_in(said.thread),
            origin=said.origin,
            state=said.state,
            message=said.message,
        )

        def job(connection: sqlite3.Connection) -> tuple[Frame, bool]:
            earlier = _earlier(connection, frame)
            if earlier is not None:
                return earlier, False
            journal.accept(connection, incoming, frame.at)
            return frames.insert(connection, frame), True

        def then(result: tuple[Frame, bool]) -> None:
            stored, new = result
            if new:
                self._feed.publish(stored)
                self._inbox.put(incoming)
            else:
                self._inbox.release()

        stored, _ = await self._database.do(job, then, self._inbox.release)
        return stored

    async def _store(self, frame: NewFrame, *more: NewFrame) -> Frame:
        def job(connection: sqlite3.Connection) -> list[Frame]:
            earlier = _earlier(connection, frame)
            if earlier is not None:
                return [earlier]
            return [frames.insert(connection, item) for item in (frame, *more)]

        def then(stored: list[Frame]) -> None:
            for item in stored:
                if item.seq > self._feed.newest_seq:
                    self._feed.publish(item)

        return (await self._database.do(job, then))[0]

    def working(self, incoming: Incoming) -> None:
        """Show that a command is being worked on: a `typing` frame, sent now or never."""
        frame = NewFrame(
            type="typing",
            channel=incoming.address.channel,
            thread=incoming.address.thread,
            id=incoming.id,
            at=self._wall(),
            body=msgspec.json.encode({"reply_to": incoming.id}),
        )
        self._feed.publish(frame.stored(self._feed.newest_seq), stored=False)

    async def progress(self, incoming: Incoming, partial: Partial) -> None:
        """Show how far a command is: one message, edited; the final reply becomes its last edit.

        Raises:
            StorageError: it was not shown.
        """
        frame = NewFrame(
            type="message",
            channel=incoming.address.channel,
            thread=incoming.address.thread,
            id=_partial_id(incoming.id),
            at=self._wall(),
            body=partial_body(partial, incoming.id),
        )

        def job(connection: sqlite3.Connection) -> Frame | None:
            if not journal.is_open(connection, incoming.id):
                return None
            return frames.insert_or_edit(connection, frame)

        await self._database.do(job, self._publish)

    async def finish(self, incoming: Incoming, reply: Reply) -> bool:
        """Store the final reply and close the command; False when it was closed already.

        Raises:
            StorageError: nothing was stored.
        """
        now = self._wall()
        frame = self._reply(incoming, reply)

        def job(connection: sqlite3.Connection) -> list[Frame]:
            if not journal.finish(connection, incoming.id, reply.outcome, now):
                return []
            if reply.kept:
                results.keep(connection, incoming.address.key, reply.kept, now)
            return _final(connection, frame, _partial_id(incoming.id))

        stored = await self._database.do(job, self._feed.publish_all)
        return bool(stored)

    async def left_open(self) -> list[journal.OpenCommand]:
        """The commands that a crash or a stop left without an answer; ask before new ones come.

        Raises:
            StorageError: the store cannot be read.
        """
        return await self._database.read(
            lambda connection: journal.open_commands(connection, LEFT_OPEN)
        )

    async def answer_interrupted(self, rows: Sequence[journal.OpenCommand]) -> None:
        """Tell the askers that their commands were cut off, unless they are answered already.

        Raises:
            StorageError: they are all still open.
        """
        now = self._wall()
        replies = [(_incoming(row), interrupted(row.text)) for row in rows]
        answers = [(item.id, reply, self._reply(item, reply)) for item, reply in replies]

        def job(connection: sqlite3.Connection) -> list[Frame]:
            return [
                stored
                for command, reply, frame in answers
                if journal.finish(connection, command, reply.outcome, now)
                for stored in _final(connection, frame, _partial_id(command))
            ]

        await self._database.do(job, self._feed.publish_all)

    async def announce(self, channel: str, message: Message) -> None:
        """Say something of our own in a channel.

        Raises:
            StorageError: it was not said.
        """
        frame = NewFrame(
            type="message", channel=channel, id=new_id(), at=self._wall(), body=own_body(message)
        )
        await self._store(frame)

    def _publish(self, frame: Frame | None) -> None:
        if frame is not None:
            self._feed.publish(frame)

    def _typed(self, said: Said) -> NewFrame:
        return NewFrame(
            type="message",
            channel=said.channel.name,
            thread=said.thread,
            id=new_id(),
            author=said.user,
            at=self._wall(),
            body=typed_body(said.text),
            client_id=said.client_id,
        )

    def _answer(self, asked: NewFrame, reply: Reply) -> NewFrame:
        return NewFrame(
            type="message",
            channel=asked.channel,
            thread=asked.thread,
            id=new_id(),
            at=asked.at,
            body=reply_body(reply, asked.id),
        )

    def _reply(self, incoming: Incoming, reply: Reply) -> NewFrame:
        message = reply.message
        thread = incoming.address.thread
        if message.type == MessageType.THREAD:
            thread = thread or incoming.message or incoming.id
        frame = NewFrame(
            type="message",
            channel=incoming.address.channel,
            thread=thread,
            id=new_id(),
            author=BOT,
            at=self._wall(),
            body=reply_body(reply, incoming.id),
        )
        if reply.silent:
            return msgspec.structs.replace(frame, type="state")
        if message.only_visible_for_you or message.type == MessageType.FORM:
            frame = msgspec.structs.replace(frame, type="ephemeral", to=incoming.user.name)
        if message.replace_original and incoming.message:
            frame = msgspec.structs.replace(frame, type="update", id=incoming.message)
        return frame


def _partial_id(command: str) -> str:
    return f"{command}-reply"


def _final(connection: sqlite3.Connection, frame: NewFrame, partial: str) -> list[Frame]:
    """Store the final frame of a command: in place of what was shown while it ran, if anything was."""
    if frames.body_of(connection, partial) is None:
        return [frames.insert(connection, frame)]
    if frame.type == "message":
        edit = msgspec.structs.replace(frame, id=partial)
        return [frames.insert_or_edit(connection, edit)]
    gone = msgspec.structs.replace(frame, type="delete", id=partial, body=b"{}", to="")
    return [frames.insert(connection, gone), frames.insert(connection, frame)]


def _incoming(row: journal.OpenCommand) -> Incoming:
    address = Address(platform=row.platform, channel=row.channel, thread=row.thread)
    user = User(name=row.user, mention=f"@{row.user}")
    return Incoming(id=row.id, text=row.text, user=user, address=address)


def _earlier(connection: sqlite3.Connection, frame: NewFrame) -> Frame | None:
    if not frame.client_id:
        return None
    return frames.by_client_id(connection, frame.author, frame.client_id)
