"""The Web API at the pace that Slack takes: a call waits for its turn, obeys `Retry-After`, and is made once more.

Retries nothing else. One for each workspace; ends with its callers.
"""

from typing import Final

import trio

from botkube.bots.slack.calling.api import Call
from botkube.bots.slack.calling.outcome import Later, Outcome
from botkube.bots.slack.calling.rates import Lane, Rates, Turn
from botkube.bots.slack.calling.web import Api

AT_ONCE: Final = 32  # calls under way; each is a connection
FOR_OTHERS: Final = 12  # of them for what is no reply
AGAIN: Final = 10  # times, within its patience, that a call is made which Slack limits
REPLIES: Final = Turn()


class PacedApi:
    """Makes calls in turn."""

    def __init__(self, web: Api, rates: Rates) -> None:
        self._web = web
        self._rates = rates
        self._every = trio.CapacityLimiter(AT_ONCE)
        self._others = trio.CapacityLimiter(FOR_OTHERS)

    async def call(self, call: Call, turn: Turn = REPLIES) -> Outcome:
        """Make a call in its turn; `Later` without it if that would be past its patience.

        Cancellation: a call under way is abandoned; Slack may have done it.
        """
        deadline = trio.current_time() + turn.patience
        result: Outcome = Later(reason="ratelimited", limited=True)
        for _ in range(AGAIN):
            wait = await self._turn(call, turn.lane, deadline)
            if wait > 0:
                return Later(reason="ratelimited", after=wait, limited=True)
            result = await self._made(call, turn.lane)
            if not (isinstance(result, Later) and result.limited):
                break
            self._rates.limited(call, result.after, trio.current_time())
        return result

    async def at_once(self, call: Call) -> Outcome | None:
        """Make a call if there is room for what may be left out; none: there was not.

        Cancellation: as `call`.
        """
        if self._rates.wait(call, Lane.EXTRA, trio.current_time()) > 0:
            await trio.lowlevel.checkpoint()
            return None
        return await self.call(call, Turn(lane=Lane.EXTRA, patience=0.0))

    def wait(self, call: Call, lane: Lane) -> float:
        """The seconds until such a call may be made."""
        return self._rates.wait(call, lane, trio.current_time())

    def room(self, call: Call, lane: Lane) -> int:
        """How many such calls may be made without waiting."""
        return self._rates.room(call, lane, trio.current_time())

    async def _turn(self, call: Call, lane: Lane, deadline: float) -> float:
        """Wait for the turn and take it; returns what is still to be waited if it comes too late."""
        while True:
            now = trio.current_time()
            wait = self._rates.wait(call, lane, now)
            if wait <= 0:
                self._rates.take(call, now)
                return 0.0
            if now + wait > deadline:
                return wait
            await trio.sleep(wait)

    async def _made(self, call: Call, lane: Lane) -> Outcome:
        if lane == Lane.REPLY:
            async with self._every:
                return await self._web.call(call)
        async with self._others, self._every:
            return await self._web.call(call)
