"""Tells askers that their commands do not run, beside everything else and at the pace that Slack takes. In memory only."""

import logging
from typing import Final

from botkube.bots.slack.calling.paced import PacedApi
from botkube.bots.slack.calling.rates import Lane, Turn
from botkube.bots.slack.hearing.office import refusal
from botkube.bots.slack.saying.asked import Asked
from botkube.runtime.doorbell import Doorbell

log = logging.getLogger(__name__)

MOST: Final = 64  # that wait to be told; Slack takes about two a second
TURN: Final = Turn(lane=Lane.EXTRA, patience=60.0)


class Refusals:
    """Who is still to be told, each once for the same reason; `run` tells them."""

    def __init__(self, paced: PacedApi) -> None:
        self._paced = paced
        self._waiting: dict[tuple[str, str, str], Asked] = {}
        self._bell = Doorbell()
        self._full = False

    @property
    def waiting(self) -> int:
        """How many are still to be told."""
        return len(self._waiting)

    def put(self, asked: Asked, text: str) -> None:
        """Tell an asker, who alone sees it; never waits. What is too much is left out, and the log says so once."""
        if len(self._waiting) < MOST:
            self._full = False
            self._waiting[asked.channel, asked.user, text] = asked
            self._bell.ring()
        elif not self._full:
            self._full = True
            log.warning(
                "%d askers wait to be told that their commands do not run; others are not told",
                MOST,
            )

    async def run(self) -> None:
        """Tell them until cancelled.

        Cancellation: who was not told is told by nobody, unless `tell` is called.
        """
        while True:
            await self.tell()
            await self._bell.wait()

    async def tell(self) -> None:
        """Tell those who wait now.

        Cancellation: as `run`.
        """
        while self._waiting:
            key = next(iter(self._waiting))
            await self._paced.call(refusal(self._waiting.pop(key), key[-1]), TURN)
