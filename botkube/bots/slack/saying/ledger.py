"""What is on disk of one platform's replies. Every job is done at last: while the disk takes nothing it is tried again."""

import logging
import sqlite3
from collections.abc import Callable, Mapping
from functools import partial
from typing import Final

import trio

from botkube.bots.slack.saying.asked import Asked, trail_of
from botkube.model.errors import StorageError
from botkube.store import kept, replies
from botkube.store.database import Database
from botkube.store.replies import OwedReply

log = logging.getLogger(__name__)

FIRST_PAUSE: Final = 0.25
LONGEST_PAUSE: Final = 4.0


class Ledger:
    """The replies of one platform. `bot`: how it is mentioned there."""

    def __init__(
        self, database: Database, platform: str, bot: str, wall: Callable[[], float]
    ) -> None:
        self._database = database
        self.platform = platform
        self.bot = bot
        self.wall = wall

    async def owed(self) -> list[OwedReply]:
        """What is still to be sent, oldest first.

        Raises:
            StorageError: the store cannot be read.
        """
        return await self._database.read(partial(replies.owed, platform=self.platform))

    async def keep(self, texts: Mapping[str, str]) -> None:
        """Keep what elements stand for."""
        if texts:
            await self._do(partial(kept.keep, texts=texts, now=self.wall()))

    async def show(self, command: str, asked: Asked, ts: str) -> None:
        """Remember the message that shows a running command."""
        shown = OwedReply(
            command=command,
            platform=self.platform,
            trail=trail_of(asked),
            body=b"",
            shown=ts,
            at=self.wall(),
        )
        await self._do(partial(replies.show, reply=shown))

    async def step(self, owed: OwedReply) -> None:
        """Note how far a reply was sent."""
        job = partial(replies.step, command=owed.command, done=owed.done, thread=owed.thread)
        await self._do(job)

    async def sent(self, command: str) -> None:
        """Forget a reply that was sent."""
        await self._do(partial(replies.sent, command=command))

    async def bury(self, command: str, reason: str) -> None:
        """Make a dead letter of a reply."""
        await self._do(partial(replies.bury, command=command, reason=reason))

    async def _do(self, job: Callable[[sqlite3.Connection], None]) -> None:
        pause = FIRST_PAUSE
        while True:
            try:
                await self._database.do(job)
            except StorageError as error:
                log.debug("a reply's state waits for the disk: %s", error)
                await trio.sleep(pause)
                pause = min(pause * 2, LONGEST_PAUSE)
            else:
                return
