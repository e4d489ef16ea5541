"""Works off what a channel is owed: in its order, again and again until Slack has it, or it is a dead letter.

A step that is done is on disk before the next one, so a crash repeats one step at most, with what Slack made
necessary in its stead.
"""

import logging
from collections.abc import Callable, Mapping
from random import Random
from typing import Final

import msgspec
import trio

from botkube.bots.slack.calling import api
from botkube.bots.slack.calling.api import Call
from botkube.bots.slack.calling.outcome import AuthFailed, Later, NoChannel, Ok, Outcome, Refused
from botkube.bots.slack.calling.paced import PacedApi
from botkube.bots.slack.calling.rates import Lane, Turn
from botkube.bots.slack.drawing.render import Outgoing
from botkube.bots.slack.saying.asked import Asked
from botkube.bots.slack.saying.carry import Carrier, Place, Way
from botkube.bots.slack.saying.lanes import ChannelLane, Entry, Showing
from botkube.bots.slack.saying.ledger import Ledger
from botkube.bots.slack.saying.order import Order
from botkube.bots.slack.saying.steps import Step, of_partial, of_reply
from botkube.bots.slack.saying.stored import decode_reply
from botkube.runtime.policy import Backoff, Health, TroubleState

log = logging.getLogger(__name__)

MAX_AGE: Final = 24 * 3600.0  # seconds after which a reply is given up
BACKOFF: Final = Backoff(first=0.25, maximum=8.0)
AUTH_PAUSE: Final = 60.0  # seconds until a token that was refused is tried again
PATIENCE: Final = 5  # attempts after which the next reply of the channel goes first
EXTRA: Final = Turn(lane=Lane.EXTRA, patience=0.0)


class Teller:
    """Tells channels what they are owed."""

    def __init__(
        self,
        carrier: Carrier,
        paced: PacedApi,
        ledger: Ledger,
        health: Health,
        random: Random,
    ) -> None:
        self._carrier = carrier
        self._paced = paced
        self._ledger = ledger
        self._health = health
        self._random = random
        self._trouble = ""

    async def work_off(
        self, lane: ChannelLane, order: Order, over: Callable[[Entry], None]
    ) -> None:
        """Tell a channel all that it is owed, until there is nothing left; `over` hears of each reply that ended.

        Cancellation: at once; what was not told is on disk.
        """
        while not lane.idle:
            await trio.lowlevel.checkpoint()
            if lane.entries:
                if not await self._waited(lane, lane.entries[0], order):
                    rest = await self._reply(lane, lane.entries[0], over)
                    await trio.sleep(rest)
            elif lane.showings:
                await self._show(lane, next(iter(lane.showings.values())))
            else:
                await lane.bell.wait()

    async def _waited(self, lane: ChannelLane, entry: Entry, order: Order) -> bool:
        """Give the answer to an earlier command a moment to pass; whether that changed anything."""
        await trio.lowlevel.checkpoint()
        if not entry.number or entry.attempts or entry.owed.done:
            return False
        asked = msgspec.json.decode(entry.owed.trail, type=Asked)
        wait = order.wait(entry.number, (asked.channel, asked.thread), trio.current_time())
        if wait <= 0:
            return False
        with trio.move_on_after(wait):
            await lane.bell.wait()
        return True

    async def _reply(self, lane: ChannelLane, entry: Entry, over: Callable[[Entry], None]) -> float:
        """Try to tell a reply; returns how long to rest."""
        try:
            result = await self._told(lane, entry)
        except Exception as error:
            log.exception("a reply broke (command %s)", entry.owed.command)
            result = Refused(code="broke", sentence=f"it could not be drawn: {error}")
        rest = self._rest(entry, result)
        if rest and self._ledger.wall() - entry.owed.at < MAX_AGE:
            entry.calm.set()
            self._let_pass(lane, entry, result)
            return rest
        if isinstance(result, Ok):
            await self._ledger.sent(entry.owed.command)
        else:
            await self._bury(entry, result)
        lane.entries.remove(entry)
        lane.aside = None
        lane.shown.pop(entry.owed.command, None)
        entry.answered = isinstance(result, Ok)
        over(entry)
        return 0.0

    async def _told(self, lane: ChannelLane, entry: Entry) -> Outcome:
        asked = msgspec.json.decode(entry.owed.trail, type=Asked)
        steps = self._steps(lane, entry, asked)
        if entry.way is None:
            place = await self._carrier.place(asked.channel, entry.owed.thread)
            if not isinstance(place, Place):
                return place
            entry.way = Way(place)
        for number in range(entry.owed.done, len(steps)):
            result = await self._carrier.carry(steps[number], entry.way)
            if not isinstance(result, Ok):
                return result
            done = {"done": number + 1, "thread": entry.way.place.said}
            entry.owed = msgspec.structs.replace(entry.owed, **done)
            if number + 1 < len(steps):
                await self._ledger.step(entry.owed)
        return Ok()

    def _steps(self, lane: ChannelLane, entry: Entry, asked: Asked) -> tuple[Step, ...]:
        shown = lane.shown.get(entry.owed.command) or entry.owed.shown
        if entry.plan is None or shown:
            reply = decode_reply(entry.owed.body)
            now = entry.owed.at
            entry.plan = of_reply(reply, asked, shown, self._ledger.bot, now)
        return entry.plan.steps

    def _rest(self, entry: Entry, result: Outcome) -> float:
        """How long until it is tried again; 0: it is not."""
        match result:
            case AuthFailed(sentence=sentence, scope=scope):
                self._say(sentence, "auth-failed")
                entry.attempts += bool(scope)  # others may need no such scope
                return AUTH_PAUSE
            case Later(reason=reason, after=after, limited=limited):
                self._say("" if limited else reason)  # one channel's rate is nobody's trouble
                entry.attempts += 1
                return max(after, BACKOFF.delay(entry.attempts - 1, self._random))
            case Ok() | NoChannel() | Refused():
                self._say("")
                return 0.0

    @staticmethod
    def _let_pass(lane: ChannelLane, entry: Entry, result: Outcome) -> None:
        """One that Slack itself fails on again and again does not hold up the others for ever.

        It stands aside for the next one; if that fails too it is not the reply's fault, and they keep their order.
        """
        if lane.aside is not None:
            lane.entries.remove(lane.aside)
            lane.entries.appendleft(lane.aside)
            lane.aside = None
            return
        general = isinstance(result, Later) and (result.limited or result.unheard)
        often = entry.attempts and entry.attempts % PATIENCE == 0
        if often and not general and len(lane.entries) > 1:
            lane.entries.remove(entry)
            lane.entries.insert(1, entry)
            lane.aside = entry

    async def _bury(self, entry: Entry, result: Outcome) -> None:
        reason = result.reason if isinstance(result, Later) else getattr(result, "sentence", "")
        command = entry.owed.command
        log.error("dead letter: the reply to command %s was not sent: %s", command, reason)
        await self._ledger.bury(command, reason)

    def _say(self, trouble: str, state: TroubleState = "retrying") -> None:
        if trouble != self._trouble:
            self._trouble = trouble
            self._health(trouble, state)
            if trouble:
                log.warning("%s takes no replies: %s", self._ledger.platform, trouble)
            else:
                log.warning("%s takes replies again", self._ledger.platform)

    async def _show(self, lane: ChannelLane, showing: Showing) -> None:
        """Show a running command if there is room for it now; else wait for room, or for something better to do."""
        command, asked = showing.incoming.id, showing.asked
        try:
            call, kept = self._showing(lane, showing)
        except Exception:
            log.exception("what is shown of a running command broke (command %s)", command)
            lane.showings.pop(command, None)
            return
        wait = self._paced.wait(call, Lane.EXTRA)
        if wait > 0:
            with trio.move_on_after(wait):
                await lane.bell.wait()
            return
        lane.showings.pop(command, None)
        await self._ledger.keep(kept)
        result = await self._paced.call(call, EXTRA)
        if isinstance(result, Ok) and command not in lane.shown:
            lane.shown[command] = result.text("ts")
            await self._ledger.show(command, asked, result.text("ts"))

    def _showing(self, lane: ChannelLane, showing: Showing) -> tuple[Call, Mapping[str, str]]:
        """The call that shows a command, and what has to be kept before it."""
        partial, asked = showing.partial, showing.asked
        outgoing = Outgoing(message=partial.message, description=partial.description)
        post, kept = of_partial(outgoing, self._ledger.bot)
        ts = lane.shown.get(showing.incoming.id, "")
        if ts:
            return api.update(asked.channel, ts, post), kept
        return api.post_message(asked.channel, post, asked.thread), kept
