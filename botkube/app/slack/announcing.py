"""Announces in the channels of a platform that the program is there, and that it goes.

Help once for each platform; that the watch begins once for each version, until it has ended in order: a crash loop says
nothing again. What is said, and that it was, is one transaction. Nothing here keeps the program from starting.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Final, Protocol

import trio

from botkube import __version__
from botkube.config.schema.settings import Announcements
from botkube.engine.announcements import first_help, watch_begins, watch_ended
from botkube.model.command import Reply
from botkube.model.message import Message
from botkube.model.routes import Channel
from botkube.store import announced
from botkube.store.database import Database

SAID: Final = "said"

Say = Callable[[str, Message], Awaitable[None]]


class Announcer(Protocol):
    """A platform that can say things once."""

    async def announce_once(
        self, name: str, what: str, told: Sequence[tuple[str, Reply]], /
    ) -> bool:
        """Announce something in channels, unless that was announced under this name; False if it was."""
        ...


class Watch:
    """The announcements of one platform, in all of its channels: also in those that take no notifications."""

    def __init__(
        self, platform: str, cluster: str, channels: Sequence[Channel], wanted: Announcements
    ) -> None:
        self._platform = platform
        self._cluster = cluster
        self._channels = channels
        self._wanted = wanted

    async def begins(self, announcer: Announcer) -> None:
        """Say help and that the watch begins, each if it was not said.

        Raises:
            StorageError: what was not said may be said later.
        """
        if self._wanted.help:
            told = [(item.name, first_help(item, self._cluster)) for item in self._channels]
            await announcer.announce_once(f"help:{self._platform}", SAID, told)
        if self._wanted.start:
            told = [(item.name, watch_begins(self._cluster)) for item in self._channels]
            await announcer.announce_once(self._name, __version__, told)

    async def ended(self, database: Database, say: Say) -> None:
        """Say that the watch has ended, in all channels at once, now or never; the next start announces itself again.

        Raises:
            StorageError: the next start does not announce itself.
        Cancellation: what was not said is not said.
        """
        await database.do(lambda connection: announced.forget(connection, self._name))
        async with trio.open_nursery() as nursery:
            for channel in self._channels if self._wanted.stop else ():
                nursery.start_soon(say, channel.name, watch_ended(self._cluster))

    @property
    def _name(self) -> str:
        return f"watch:{self._platform}"
