"""A playground on a real store, without the rest of the program."""

import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace

from botkube.bots.playground.api import PlaygroundApi
from botkube.bots.playground.feed import Feed
from botkube.bots.playground.platform import Playground, Said
from botkube.model.command import Incoming
from botkube.model.frame import Frame
from botkube.runtime.inbox import Inbox
from botkube.runtime.metrics import Metrics
from botkube.store import frames
from botkube.store.database import Database
from tests.fakes.engine import channel_with
from tests.fakes.store import opened

if TYPE_CHECKING:
    from botkube.model.routes import Channel

CHANNEL = channel_with()
OTHER = replace(
    CHANNEL,
    name="other",
    target="default-playground:other",
    address=replace(CHANNEL.address, channel="other"),
)


class Yard:
    """A playground and everything of it a test looks at."""

    def __init__(self, database: Database, newest: int, capacity: int) -> None:
        self.database = database
        self.feed = Feed(newest)
        self.inbox = Inbox[Incoming](capacity)
        self.metrics = Metrics()
        self.muted: set[str] = set()
        self.now = 1767582000.0
        self.playground = Playground(database, self.feed, self.inbox, self.metrics, self.wall)
        channels: dict[str, Channel] = {"general": CHANNEL, "other": OTHER}
        self.api = PlaygroundApi(
            self.playground, database, self.feed, channels, self.muted.__contains__
        )

    def wall(self) -> float:
        self.now += 1
        return self.now

    async def say(self, text: str, *, client_id: str = "", thread: str = "") -> Frame:
        said = Said(channel=CHANNEL, user="ann", text=text, client_id=client_id, thread=thread)
        return await self.playground.say(said)

    async def stored(self) -> list[Frame]:
        """Every frame on disk."""
        return await self.database.read(lambda connection: frames.after(connection, 0, 1000))

    def published(self) -> list[Frame]:
        """Every frame that the stream had."""
        return [msgspec.json.decode(item.data, type=Frame) for item in self.feed.since(0) or []]

    def accepted(self) -> list[Incoming]:
        """Take what was handed to the workers."""
        taken = []
        while self.inbox.receive.statistics().current_buffer_used:
            taken.append(self.inbox.receive.receive_nowait())
            self.inbox.release()
        return taken


def body_of(frame: Frame) -> dict[str, object]:
    """A frame's body."""
    return dict(json.loads(bytes(frame.body)))


@asynccontextmanager
async def playground_in(
    folder: Path, *, capacity: int = 10, max_bytes: int = 2**26
) -> AsyncGenerator[Yard]:
    """A playground on the store in this folder."""
    async with opened(folder, max_bytes=max_bytes) as database:
        yield Yard(database, await database.read(frames.newest_seq), capacity)
