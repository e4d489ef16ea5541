"""Emojis under what was said: one while it is worked on, another one when it is answered.

Beside the work, never before it: where Slack takes no more of them they are left out. In memory only.
"""

import logging
from collections import deque
from typing import Final

import trio

from botkube.bots.slack.calling import api
from botkube.bots.slack.calling.api import Call
from botkube.bots.slack.calling.outcome import AuthFailed, Ok
from botkube.bots.slack.calling.paced import PacedApi
from botkube.bots.slack.calling.rates import Lane, Turn
from botkube.bots.slack.saying.asked import Asked
from botkube.runtime.doorbell import Doorbell

log = logging.getLogger(__name__)

WORKING: Final = "eyes"
MOST: Final = 1000  # at once
LONGEST: Final = 3600.0  # seconds that a command is waited for
PATIENCE: Final = Turn(lane=Lane.EXTRA, patience=90.0)


class _Mark:
    """What is under one message."""

    def __init__(self, asked: Asked) -> None:
        self.asked = asked
        self.answered = False
        self.ended = trio.Event()


class Reactions:
    """The emojis of one workspace; `run` puts them."""

    def __init__(self, paced: PacedApi) -> None:
        self._paced = paced
        self._marks: dict[str, _Mark] = {}
        self._new: deque[_Mark] = deque()
        self._bell = Doorbell()
        self._under_way = 0
        self._allowed = True

    def begin(self, command: str, asked: Asked) -> None:
        """A command is being worked on; never waits."""
        if self._allowed and asked.ts and self._under_way < MOST:
            self._under_way += 1
            self._marks[command] = mark = _Mark(asked)
            self._new.append(mark)
            self._bell.ring()

    def end(self, command: str, *, answered: bool) -> None:
        """Nothing more is done for a command; `answered`: its asker has been told something."""
        mark = self._marks.pop(command, None)
        if mark is not None:
            mark.answered = answered
            mark.ended.set()

    async def run(self) -> None:
        """Put and take emojis until cancelled.

        Cancellation: at once; those that are there stay.
        """
        async with trio.open_nursery() as nursery:
            while True:
                while self._new:
                    nursery.start_soon(self._react, self._new.popleft())
                await self._bell.wait()

    async def _react(self, mark: _Mark) -> None:
        try:
            await self._begin_and_end(mark)
        finally:
            self._under_way -= 1

    async def _begin_and_end(self, mark: _Mark) -> None:
        asked = mark.asked
        seen = await self._paced.at_once(api.add_reaction(asked.channel, asked.ts, WORKING))
        if isinstance(seen, AuthFailed):
            self._refused(seen)
            return
        with trio.move_on_after(LONGEST):
            await mark.ended.wait()
        if isinstance(seen, Ok):
            await self._do(api.remove_reaction(asked.channel, asked.ts, WORKING))
        if mark.answered and asked.done:
            await self._do(api.add_reaction(asked.channel, asked.ts, asked.done))

    async def _do(self, call: Call) -> None:
        result = await self._paced.call(call, PATIENCE)
        if isinstance(result, AuthFailed):
            self._refused(result)

    def _refused(self, failure: AuthFailed) -> None:
        """Without the scope there are no emojis; everything else works."""
        if failure.scope and self._allowed:
            self._allowed = False
            log.warning("no emojis are put under commands: %s", failure.sentence)
