"""Names and ids of channels: asked for once, kept for an hour, bounded. One for each workspace.

A configuration names channels, Slack's events have ids, and files can be shared by id only.
"""

import math
import re
from typing import Final, TypeAlias

import trio

from botkube.bots.slack.calling import api
from botkube.bots.slack.calling.outcome import AuthFailed, Later, NoChannel, Ok, Refused
from botkube.bots.slack.calling.paced import PacedApi
from botkube.bots.slack.calling.rates import Turn
from botkube.model.slackname import slack_name

LIFE: Final = 3600.0  # seconds that an entry holds
SOONEST: Final = 60.0  # seconds between two listings because a name is not in it
PAGE: Final = 200  # channels of one page, as Slack advises
PAGES: Final = 100
MOST: Final = 20_000  # entries
PATIENCE: Final = 120.0  # seconds; what is older is asked about before it runs, see `catchup`
PAUSE: Final = 1.0
UNKNOWN: Final = (
    "There is no channel {name}, or it is private and the bot is not in it: "
    "invite the bot there with /invite."
)
_ID: Final = re.compile(r"[CGD][A-Z0-9]+")
_PAGES: Final = Turn(patience=60.0)

Failure: TypeAlias = Later | AuthFailed | NoChannel | Refused


class Directory:
    """What is known of a workspace's channels."""

    def __init__(self, paced: PacedApi) -> None:
        self._paced = paced
        self._names: dict[str, tuple[str, float]] = {}  # by id, with the time of learning
        self._ids: dict[str, str] = {}  # by name
        self._listed = -math.inf
        self._listing = trio.Lock()

    async def id_of(self, name: str) -> str | Failure:
        """The id of a channel by its name; an id is its own.

        Cancellation: nothing is lost but the asking.
        """
        await trio.lowlevel.checkpoint()
        name = slack_name(name)
        if _ID.fullmatch(name):
            return name
        if (found := self._known_id(name)) is not None:
            return found
        async with self._listing:
            if (found := self._known_id(name)) is not None:
                return found
            if trio.current_time() - self._listed >= SOONEST:
                failure = await self._list()
                if failure is not None:
                    return failure
        return self._known_id(name) or _unknown(name)

    async def name_of(self, channel: str) -> str | Failure:
        """The name of a channel by its id.

        Cancellation: as `id_of`.
        """
        await trio.lowlevel.checkpoint()
        known = self._known_name(channel)
        if known is not None:
            return known
        answer = await self._paced.call(api.channel_info(channel))
        if not isinstance(answer, Ok):
            return answer
        self.learn(channel, answer.text("channel", "name"))
        return answer.text("channel", "name")

    async def named(self, channel: str) -> str | Failure:
        """As `name_of`, but while Slack cannot say it, it is asked again for two minutes: somebody waits for an answer.

        Cancellation: as `id_of`.
        """
        deadline = trio.current_time() + PATIENCE
        while True:
            found = await self.name_of(channel)
            pause = max(found.after, PAUSE) if isinstance(found, Later) else math.inf
            if trio.current_time() + pause > deadline:
                return found
            await trio.sleep(pause)

    def learn(self, channel: str, name: str) -> None:
        """Take note of what a channel is called, now."""
        self.forget(channel)
        if len(self._names) >= MOST:
            self.forget(next(iter(self._names)))
        if channel and name:
            self._names[channel] = (name, trio.current_time())
            self._ids[name] = channel

    def forget(self, channel: str) -> None:
        """What is known of a channel, by its id, does not hold any more."""
        name, _ = self._names.pop(channel, ("", 0.0))
        if self._ids.get(name) == channel:
            del self._ids[name]

    def _known_id(self, name: str) -> str | None:
        found = self._ids.get(name)
        return found if found is not None and self._known_name(found) == name else None

    def _known_name(self, channel: str) -> str | None:
        name, at = self._names.get(channel, ("", -math.inf))
        return name if trio.current_time() - at < LIFE else None

    async def _list(self) -> Failure | None:
        cursor = ""
        for _ in range(PAGES):
            page = await self._paced.call(api.list_conversations(cursor, PAGE), _PAGES)
            if not isinstance(page, Ok):
                return page
            self._take(page)
            cursor = page.text("response_metadata", "next_cursor")
            if not cursor:
                break
        self._listed = trio.current_time()
        return None

    def _take(self, page: Ok) -> None:
        channels = page.data.get("channels")
        for item in channels if isinstance(channels, list) else ():
            if isinstance(item, dict):
                self.learn(str(item.get("id", "")), str(item.get("name", "")))


def _unknown(name: str) -> NoChannel:
    return NoChannel(code="channel_not_found", sentence=UNKNOWN.format(name=name))
