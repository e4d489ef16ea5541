"""The playground's HTTP API: everything its page, or a script, can do.

Decoding and refusing happens here; what a message or a click means is decided elsewhere.
"""

import re
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Annotated, Final, TypeVar

import msgspec
import trio

from botkube.bots.playground.elements import (
    ORIGINS,
    Interaction,
    NoSuchElement,
    command_of,
)
from botkube.bots.playground.feed import Feed
from botkube.bots.playground.platform import Playground, Said
from botkube.bots.playground.state import state_of
from botkube.bots.playground.stream import Cursor
from botkube.model.errors import StorageError
from botkube.model.frame import Frame
from botkube.model.routes import Channel
from botkube.store import frames
from botkube.store.database import Database

PREFIX: Final = "/api/v1/"
PAGE: Final = 100  # frames in one answer when nobody says
HISTORY: Final = 500  # frames in one answer at most
THREADS: Final = 50
LARGEST_SEQ: Final = 2**63 - 1
COMMENT: Final = 15.0  # seconds between comments that keep an SSE connection alive
NAME: Final = re.compile(r"[^\s@\x00-\x1f][^\x00-\x1f]{0,63}")

T = TypeVar("T")
Muted = Callable[[str], bool]


class Refused(Exception):
    """A request that cannot be carried out: an HTTP status and a sentence."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status


Name = Annotated[str, msgspec.Meta(max_length=128)]


class Post(msgspec.Struct, frozen=True, kw_only=True):
    """The body of a new message."""

    user: str
    text: str
    thread: Name | None = ""
    client_id: Name | None = ""


class PlaygroundApi:
    """The API over one playground. Answers are JSON bytes; `app` puts them on the listener."""

    def __init__(
        self,
        playground: Playground,
        database: Database,
        feed: Feed,
        channels: Mapping[str, Channel],
        muted: Muted,
    ) -> None:
        self._playground = playground
        self._database = database
        self._feed = feed
        self._channels = channels
        self._muted = muted

    async def list_channels(self) -> list[dict[str, object]]:
        """Every channel with its newest threads."""
        found = []
        for name, channel in self._channels.items():
            threads = await self._database.read(
                partial(frames.threads, channel=name, limit=THREADS)
            )
            found.append({"name": name, "threads": threads, "muted": self._muted(channel.target)})
        return found

    async def post_message(self, channel: str, body: bytes) -> Frame:
        """A user's message.

        Raises:
            Refused: bad JSON, an unknown channel, or nothing can be stored now.
        """
        post = _decode(body, Post)
        said = Said(
            channel=self._channel(channel),
            user=_user(post.user),
            text=post.text,
            thread=post.thread or "",
            client_id=post.client_id or "",
        )
        return await self._say(said)

    async def interact(self, body: bytes) -> Frame:
        """A click, a choice or an entered text; the command is read from the stored message.

        Raises:
            Refused: bad JSON, no such message or element, or nothing can be stored now.
        """
        action = _decode(body, Interaction)
        stored = await self._database.read(partial(frames.body_of, message=action.message))
        if stored is None or stored.type == "delete" or stored.to not in ("", action.user):
            raise Refused(404, f"there is no message {action.message!r}")
        body = msgspec.json.decode(stored.body)
        try:
            command = command_of(body, action)
        except NoSuchElement as error:
            raise Refused(404, str(error)) from error
        said = Said(
            channel=self._channel(stored.channel),
            user=_user(action.user),
            text=command,
            thread=stored.thread,
            client_id=action.client_id or "",
            origin=ORIGINS[action.kind],
            state=state_of(body, action.state),
            message=stored.id,
        )
        return await self._say(said)

    async def history(self, channel: str, query: Mapping[str, str]) -> bytes:
        """Older frames of a channel, ascending, as a JSON array.

        Raises:
            Refused: an unknown channel, numbers that are none, or a search that takes too long.
        """
        self._channel(channel)
        before = _or(number(query, "before"), LARGEST_SEQ)
        limit = min(_or(number(query, "limit"), PAGE), HISTORY)
        words = query.get("query", "")
        try:
            found = await self._database.read(
                lambda connection: frames.history(connection, channel, before, limit, words),
                people=True,
            )
        except StorageError as error:
            raise Refused(503, str(error)) from error
        return frames.encode(found)

    def cursor(self, after: str | None) -> Cursor:
        """A new reader of the stream.

        Raises:
            Refused: `after` is no number.
        """
        seq = None if after is None else number({"after": after}, "after")
        if seq is not None and seq > self._feed.newest_seq:
            seq = None  # of another life of the store: nothing can have been missed
        return Cursor(self._database, self._feed, seq)

    async def _say(self, said: Said) -> Frame:
        try:
            return await self._playground.say(said)
        except StorageError as error:
            raise Refused(503, f"not accepted, nothing was run: {error}") from error

    def _channel(self, name: str) -> Channel:
        channel = self._channels.get(name)
        if channel is None:
            raise Refused(404, f"there is no channel {name!r}: it has {', '.join(self._channels)}")
        return channel


async def send_events(cursor: Cursor, send: Callable[[bytes], Awaitable[None]]) -> None:
    """The stream as Server-Sent Events, with a comment now and then so that a dead client shows."""
    await send(b": connected\n\n")
    while True:
        with trio.move_on_after(COMMENT) as patience:
            items = await cursor.next()
        if patience.cancelled_caught:
            await send(b": still here\n\n")
            continue
        await send(b"".join(b"id: %d\ndata: %b\n\n" % (item.seq, item.data) for item in items))


def _or(given: int | None, default: int) -> int:
    return default if given is None else given


def number(query: Mapping[str, str], name: str) -> int | None:
    """A natural number out of the query; None when it is absent.

    Raises:
        Refused: 400 when it is something else.
    """
    text = query.get(name)
    if text is None:
        return None
    if not text.isdecimal() or len(text) > len(str(LARGEST_SEQ)):
        raise Refused(400, f"{name}={text!r} is not a number of a frame")
    return min(int(text), LARGEST_SEQ)


def _user(name: str) -> str:
    if not NAME.fullmatch(name) or name.lower() == "botkube":
        raise Refused(
            400, f"user {name!r} is not a name: 1 to 64 characters, and not the bot's own"
        )
    return name


def _decode(body: bytes, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.ValidationError as error:
        raise Refused(400, f"the request does not fit: {error}") from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Refused(400, f"the request is not JSON: {error}") from error
