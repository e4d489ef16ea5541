"""Finds commands that were said while nobody listened: in the channels' histories, after each new socket.

What is young enough runs as if it had come; of what is older the asker is asked. Needs the history scopes, and does
nothing without them. Answers in threads are in no channel's history: a command said there is not found.
"""

import logging
import math
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Final

import msgspec
import trio

from botkube.bots.slack.calling import api
from botkube.bots.slack.calling.outcome import AuthFailed, Later, Ok, Outcome
from botkube.bots.slack.calling.rates import Lane, Turn
from botkube.bots.slack.hearing.frames import Event
from botkube.bots.slack.hearing.inbound import Said, from_history
from botkube.bots.slack.hearing.intake import Intake
from botkube.bots.slack.hearing.office import Given
from botkube.bots.slack.hearing.reception import Reception
from botkube.model.command import Incoming, Reply
from botkube.model.errors import StorageError
from botkube.model.replies import missed
from botkube.store import seen
from botkube.store.database import Database

log = logging.getLogger(__name__)

YOUNG: Final = 120.0  # seconds: what was said longer ago does not run by itself
AHEAD: Final = -60.0  # what seems to be said later than now: one of the clocks is wrong
OLD: Final = 24 * 3600.0  # what is older is not asked about either
PAGE: Final = 200
PAGES: Final = 5  # the newest thousand messages of a channel
ATTEMPTS: Final = 5
PAUSE: Final = 10.0  # seconds between attempts
DISK: Final = 1.0  # seconds until what the disk did not take is tried again
NO_SCOPE: Final = 600.0  # seconds until the scopes are looked for again
_TURN: Final = Turn(lane=Lane.EVENT, patience=120.0)

Finish = Callable[[Incoming, Reply], Awaitable[object]]


class CatchUp:
    """Looks through the channels of one platform whenever there is a new socket."""

    def __init__(
        self,
        database: Database,
        platform: str,
        intake: Intake,
        reception: Reception,
        finish: Finish,
    ) -> None:
        self._database = database
        self._platform = platform
        self._intake = intake
        self._reception = reception
        self._finish = finish
        self._paced = reception.paced
        self._no_scope = -math.inf
        # Since when it is listened, while no look succeeds: what was said since then is looked for in a channel without a
        # mark too. Otherwise the newest message of such a one is its mark, whatever our clock says.
        self._began: str | None = None

    async def run(self) -> None:
        """Look after each new socket, until cancelled.

        Cancellation: what was not found yet is found next time.
        """
        while True:
            await self._intake.reconnected.wait()
            now = f"{self._reception.wall():.6f}"
            left: tuple[str, ...] = ()
            for attempt in range(ATTEMPTS):
                await self._reception.find_rooms()
                left = await self._look(left or self._reception.ids)
                failed = bool(left) or not self._reception.ids
                self._began = (self._began or now) if failed else None
                if not left:
                    break
                await trio.sleep(PAUSE * (attempt + 1))
            if left:
                log.warning("%d channels could not be looked through for commands", len(left))

    async def _look(self, channels: tuple[str, ...]) -> tuple[str, ...]:
        """Look through channels; returns those to be tried again."""
        left: list[str] = []
        for channel in channels:
            if trio.current_time() - self._no_scope < NO_SCOPE:
                break
            try:
                result = await self._channel(channel)
            except StorageError as error:
                result = Later(reason=str(error))
            if isinstance(result, AuthFailed) and result.scope:
                self._no_scope = trio.current_time()
                log.warning("commands said while disconnected are not found: %s", result.sentence)
            elif isinstance(result, Later):
                left.append(channel)
        await trio.lowlevel.checkpoint()
        return tuple(left)

    async def _channel(self, channel: str) -> Outcome:
        marks = await self._database.read(partial(seen.marks, platform=self._platform))
        mark = marks.get(channel, self._began)
        entries, result = await self._entries(channel, mark)
        if not isinstance(result, Ok):
            return result
        newest = max((entry.ts for entry in entries), default=mark or "0")
        if mark is not None:
            for entry in sorted(entries, key=_at):
                said = from_history(entry, channel, self._intake.bot)
                if isinstance(said, Said):
                    await self._found(said)
        # Only here: of what comes by the sockets the later may be written down before the earlier, and then a kill comes.
        await self._database.do(
            partial(seen.mark, platform=self._platform, channel=channel, heard=newest)
        )
        return result

    async def _entries(self, channel: str, mark: str | None) -> tuple[list[Event], Outcome]:
        """What was said since the mark; of a channel without one only the newest, which will be it."""
        found: list[Event] = []
        cursor, limit, result = "", PAGE if mark is not None else 1, Ok()
        for _ in range(PAGES):
            page = await self._paced.call(api.history(channel, mark or "", cursor, limit), _TURN)
            if not isinstance(page, Ok):
                return [], page
            found += _events(page)
            cursor = page.text("response_metadata", "next_cursor")
            if not cursor or mark is None:
                break
        return found, result

    async def _found(self, said: Said) -> None:
        given = await self._reception.read_said(said)
        age = self._reception.wall() - float(said.ts)
        if given is None or age > OLD:
            return
        if AHEAD <= age <= YOUNG:
            if await self._reception.accept(given):
                log.info("a command that was said while disconnected runs now")
            return
        await self._ask(given)

    async def _ask(self, given: Given) -> None:
        """Once: the command is journalled as any other, and its answer is the question."""
        if await self._reception.journal(given):
            for incoming in given.incomings:
                await self._asked(incoming)

    async def _asked(self, incoming: Incoming) -> None:
        """It is found no second time, so while the disk takes nothing the question waits."""
        while True:
            try:
                await self._finish(incoming, missed(incoming.text))
            except StorageError:
                await trio.sleep(DISK)
            else:
                return


def _events(page: Ok) -> list[Event]:
    messages = page.data.get("messages")
    found = []
    for item in messages if isinstance(messages, list) else ():
        try:
            event = msgspec.convert(item, Event)
            float(event.ts)
        except (msgspec.ValidationError, ValueError):
            continue  # no message that says when
        found.append(event)
    return found


def _at(event: Event) -> float:
    return float(event.ts)
