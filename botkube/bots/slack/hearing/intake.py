"""What a platform's sockets hear → commands, in the order of each channel. Never holds up a socket.

The queue between is bounded: what does not fit was acknowledged, so its asker is told to try again. What was said in a
channel that is not known is set aside until Slack has named it: that may take a while, and others shall not wait for it.
"""

import logging
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from functools import partial
from typing import Final

import trio

from botkube.bots.slack.drawing.choices import suggestions
from botkube.bots.slack.hearing.frames import Envelope
from botkube.bots.slack.hearing.inbound import Ignored, Renamed, Request, Said, Search, read
from botkube.bots.slack.hearing.reception import Reception
from botkube.bots.slack.hearing.socket import Answer
from botkube.bots.slack.hearing.used import Used
from botkube.bots.slack.saying.asked import Asked
from botkube.model.errors import StorageError
from botkube.model.replies import BUSY
from botkube.runtime.doorbell import Doorbell

log = logging.getLogger(__name__)

WAITING: Final = 1000  # envelopes acknowledged and not looked at: a burst, while the disk is slow
STRANGE: Final = 200  # of them in channels that are not known
LAST: Final = 2.0  # seconds at the end for what was acknowledged: Slack sends it to nobody again


class Intake:
    """Hears the sockets of one platform; `run` does what they say."""

    def __init__(self, reception: Reception) -> None:
        self._reception = reception
        self._send, self._receive = trio.open_memory_channel[Envelope](WAITING)
        self._set_aside, self._strange = trio.open_memory_channel[Said | Used](STRANGE)
        self._unnamed: Counter[str] = Counter()  # channels, with how much of each is set aside
        self._under_way: list[Request] = []
        self._known = trio.Event()
        self.bot = ""
        self.reconnected = Doorbell()  # rings with each new socket
        self.notice = ""  # what the channels are to be told about others that use the app
        self.noticed = Doorbell()

    def connected(self, bot: str) -> None:
        """There is a new socket; never waits."""
        self.bot = bot
        self._known.set()
        self.reconnected.ring()

    async def known(self) -> str:
        """The bot's user id; waits for the first socket."""
        await self._known.wait()
        return self.bot

    def contended(self, sentence: str) -> None:
        """Others take part of what is said; never waits."""
        self.notice = sentence
        self.noticed.ring()

    def hear(self, envelope: Envelope) -> None:
        """Take an envelope that was acknowledged; never waits."""
        try:
            self._send.send_nowait(envelope)
        except trio.WouldBlock:
            self._turn_away(read(envelope, self.bot))

    def answer_to(self, envelope: Envelope) -> Answer | None:
        """How to answer a search in an external select; everything else wants no answer."""
        request = read(envelope, self.bot)
        return partial(self._options, request) if isinstance(request, Search) else None

    async def run(self) -> None:
        """Take in what was heard, one by one, until cancelled.

        Cancellation: what was acknowledged is accepted within 2 s, or never happened.
        """
        await self._known.wait()
        try:
            async with trio.open_nursery() as nursery:
                nursery.start_soon(self._name_strangers)
                nursery.start_soon(self._reception.refusals.run)
                async for envelope in self._receive:
                    await self._take(envelope)
        finally:
            with trio.move_on_after(LAST, shield=True):
                await self._finish()

    async def _take(self, envelope: Envelope) -> None:
        request = read(envelope, self.bot)
        if isinstance(request, Said | Used) and self._is_strange(request.channel):
            self._put_aside(request)
        else:
            await self._handle(request)

    async def _name_strangers(self) -> None:
        async for request in self._strange:
            await self._handle(request)
            self._unnamed[request.channel] -= 1
            self._unnamed += Counter()  # without those of which nothing is left

    async def _finish(self) -> None:
        """Do what was cut off, where it is done once, and what waits behind it."""
        cut_off, self._under_way = self._under_way, []
        for request in cut_off:
            await self._handle(request)
        with suppress(trio.WouldBlock):
            while True:
                await self._take(self._receive.receive_nowait())
        with suppress(trio.WouldBlock):
            while True:
                await self._handle(self._strange.receive_nowait())
        await self._reception.refusals.tell()

    def _is_strange(self, channel: str) -> bool:
        """Also one that is known since: what was said before goes first."""
        return channel in self._unnamed or not self._reception.knows(channel)

    def _put_aside(self, request: Said | Used) -> None:
        try:
            self._set_aside.send_nowait(request)
        except trio.WouldBlock:
            self._turn_away(request)
        else:
            self._unnamed[request.channel] += 1

    async def _handle(self, request: Request) -> None:
        """Do a request; one that is cancelled stays among those under way."""
        self._under_way.append(request)
        try:
            await self._do(request)
        except Exception:
            log.exception("something that came from Slack broke its handling")
        self._under_way.remove(request)

    async def _do(self, request: Request) -> None:
        match request:
            case Said():
                await self._reception.said(request)
            case Used():
                await self._reception.used(request, self.bot)
            case Renamed(channel=channel, name=name):
                self._reception.renamed(channel, name)
            case Search():
                pass  # answered with its acknowledgement
            case Ignored(reason=reason):
                log.debug("ignored: %s", reason)

    async def _options(self, search: Search) -> Mapping[str, object]:
        """The matching options; none if there is nothing to choose from any more."""
        try:
            found = await self._reception.options(search.key)
        except StorageError:
            found = ""
        return suggestions(found, search.query) if found else {"options": []}

    def _turn_away(self, request: Request) -> None:
        """Tell its asker, in known channels only."""
        if not self._reception.refusals.waiting:
            log.warning("more comes from Slack than can be looked at; askers are told to try again")
        if isinstance(request, Said | Used) and self._reception.knows(request.channel):
            asked = Asked(channel=request.channel, user=request.user, thread=request.thread)
            self._reception.refusals.put(asked, BUSY)
