"""Takes commands in: known channels only, each once however often it comes, journalled before it runs.

A command, its other commands of the same modal, and every key it is known by are one transaction. What cannot be
accepted is told to the asker. Does not answer commands.
"""

import logging
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Final

import trio

from botkube.bots.slack.calling.outcome import Later, NoChannel
from botkube.bots.slack.calling.paced import PacedApi
from botkube.bots.slack.drawing.links import Forgotten
from botkube.bots.slack.hearing.inbound import Said
from botkube.bots.slack.hearing.office import Given, Office, store
from botkube.bots.slack.hearing.refusals import Refusals
from botkube.bots.slack.hearing.triggers import Room, triggered
from botkube.bots.slack.hearing.used import Command, Used, commands, needs, state_of
from botkube.bots.slack.saying.asked import Asked, trail_of
from botkube.model.command import Incoming, Origin, Outcome, User
from botkube.model.errors import StorageError
from botkube.model.ids import new_id
from botkube.model.replies import BUSY
from botkube.model.routes import Channel
from botkube.store import kept

log = logging.getLogger(__name__)

NOT_STORED: Final = "The command was not accepted and does not run: {reason}."
FORGOTTEN: Final = (
    "This message is too old: what its elements stand for is not kept any more. Please ask again."
)


class Reception:
    """Takes in the commands of one platform."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self.refusals = Refusals(office.paced)
        self._rooms: dict[str, Room] = {}  # by id, as they were found
        self._unfound: set[str] = set()  # names that were said to be nobody's

    @property
    def paced(self) -> PacedApi:
        """How Slack is asked here."""
        return self._office.paced

    def wall(self) -> float:
        """What time it is."""
        return self._office.wall()

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids of the configured channels that are known."""
        return tuple(self._rooms)

    def knows(self, channel: str) -> bool:
        """Whether it is the id of a configured channel, without asking anybody."""
        return channel in self._rooms

    async def find_rooms(self) -> None:
        """Find the ids of the configured channels; those that cannot be found now stay as they were.

        Cancellation: some are found.
        """
        for name, room in self._office.rooms.items():
            found = await self._office.directory.id_of(name)
            if isinstance(found, str):
                self._rooms[found] = room
                self._unfound.discard(name)
            elif isinstance(found, NoChannel) and name not in self._unfound:
                self._unfound.add(name)
                log.warning("%s: %s", self._office.platform, found.sentence)

    def renamed(self, channel: str, name: str) -> None:
        """A channel has another name: it may be another of the configured ones now, or none."""
        self._office.directory.learn(channel, name)
        self._rooms.pop(channel, None)
        room = self._configured(channel, name)
        if room is not None:
            self._rooms[channel] = room

    async def said(self, said: Said) -> None:
        """Take in what was typed, if it is a command in a known channel.

        Cancellation: it is accepted and runs, or it never happened.
        """
        given = await self.read_said(said)
        if given is not None:
            await self.accept(given)

    async def read_said(self, said: Said) -> Given | None:
        """The command that was typed; none if it is none of ours."""
        room = await self._room(said.channel, said.channel_name)
        if room is None:
            return None
        channel, command, done = room.channel, said.command, Asked(channel="").done
        if command is None:
            trigger = triggered(said, room.triggers)
            if trigger is None:
                return None
            channel, command, done = trigger.channel, trigger.command, trigger.done
        asked = Asked(
            channel=said.channel,
            user=said.user,
            ts=said.ts,
            thread=said.thread,
            response_url=said.response_url,
            trigger_id=said.trigger_id,
            triggered_at=self._office.wall() if said.trigger_id else 0.0,
            done=done,
        )
        origin = Origin.TYPED if said.command is not None else Origin.AUTOMATION
        only = [Command(text=command, origin=origin)]
        return await self._given(said.keys, only, asked, channel, said.user_name)

    async def used(self, used: Used, bot: str) -> None:
        """Take in what was clicked, chosen, entered or submitted.

        Cancellation: as `said`.
        """
        room = await self._room(used.channel, "")
        if room is None:
            return
        asked = Asked(
            channel=used.channel,
            user=used.user,
            ts="" if used.ephemeral else used.message,
            thread=used.thread,
            message=used.message,
            response_url=used.response_url,
            trigger_id=used.trigger_id,
            triggered_at=self._office.wall() if used.trigger_id else 0.0,
        )
        try:
            texts = await self._kept(needs(used))
            found, state = commands(used, texts, bot), state_of(used, texts)
        except (Forgotten, StorageError) as error:
            text = FORGOTTEN if isinstance(error, Forgotten) else NOT_STORED.format(reason=error)
            self.refusals.put(asked, text)
            return
        if found:
            given = await self._given(
                used.keys, found, asked, room.channel, used.user_name, state=state
            )
            await self.accept(given)

    async def options(self, key: str) -> str:
        """What was kept of an external select's options; empty if nothing was.

        Raises: StorageError.
        """
        return (await self._kept((key,))).get(key, "")

    async def accept(self, given: Given) -> bool:
        """Accept commands unless they came before; False: they did, or cannot be accepted, which is told.

        Cancellation: they are accepted and run, or it never happened.
        """
        office = self._office
        places = sum(office.inbox.reserve() for _ in given.incomings)
        room = places == len(given.incomings)
        try:
            new = await self._journalled(given, places, accept=room)
        except StorageError as error:
            self.refusals.put(given.asked, NOT_STORED.format(reason=error))
            return False
        if new and not room:
            office.metrics.commands.labels("other", Outcome.REFUSED.value).inc()
            self.refusals.put(given.asked, BUSY)
        return new and room

    async def journal(self, given: Given) -> bool:
        """Journal commands without handing them over: somebody else answers them; False: they came before.

        Raises: StorageError.
        Cancellation: they are journalled, or it never happened.
        """
        now = self._office.wall()
        job = partial(store, given=given, office=self._office, now=now, accept=True)
        return await self._office.database.do(job)

    async def _journalled(self, given: Given, places: int, *, accept: bool) -> bool:
        office = self._office
        job = partial(store, given=given, office=office, now=office.wall(), accept=accept)

        def release() -> None:
            for _ in range(places):
                office.inbox.release()

        def then(new: bool) -> None:  # noqa: FBT001 - the job's result
            if not new or not accept:
                release()
                return
            for incoming in given.incomings:
                office.inbox.put(incoming)

        return await office.database.do(job, then, release)

    async def _given(
        self,
        keys: tuple[str, ...],
        found: Sequence[Command],
        asked: Asked,
        channel: Channel,
        name: str,
        *,
        state: bytes = b"",
    ) -> Given:
        who = await self._office.people.name_of(asked.user, name)
        user = User(name=who, mention=f"<@{asked.user}>")
        incomings = tuple(
            Incoming(
                id=new_id(),
                text=command.text,
                user=user,
                address=channel.address_in(asked.thread),
                origin=command.origin,
                state=state,
                message=asked.message,
                trail=trail_of(asked),
            )
            for command in found
        )
        return Given(keys=keys, incomings=incomings, asked=asked)

    async def _room(self, channel: str, name: str) -> Room | None:
        """The configured channel of that id; of one that was not found so far the name is asked for."""
        await trio.lowlevel.checkpoint()
        room = self._rooms.get(channel)
        if room is not None:
            return room
        room = self._configured(channel, name)
        if room is None:  # of private channels slash commands do not say the name
            room = self._configured(channel, await self._named(channel))
        if room is not None:
            self._rooms[channel] = room
        return room

    def _configured(self, channel: str, name: str) -> Room | None:
        """A channel as the configuration has it: by its id, or by its name."""
        rooms = self._office.rooms
        return rooms.get(channel) or rooms.get(name)

    async def _named(self, channel: str) -> str:
        found = await self._office.directory.named(channel)
        if isinstance(found, str):
            return found
        why = found.reason if isinstance(found, Later) else found.sentence
        text = "%s: what was said in channel %s is left out, as Slack does not say its name: %s"
        log.warning(text, self._office.platform, channel, why)
        return ""

    async def _kept(self, keys: Iterable[str]) -> Mapping[str, str]:
        wanted = tuple(keys)
        if not wanted:
            await trio.lowlevel.checkpoint()
            return {}
        return await self._office.database.read(partial(kept.find, keys=wanted))
