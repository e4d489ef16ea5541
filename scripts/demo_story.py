"""The two shows: what happens, and the account at the end of it."""

import argparse
import re
from typing import Final

import trio
from demo_watch import Watch

from tests.fakes.program import Api
from tests.fakes.slack.server import FakeSlack

CONNECT: Final = 30.0  # seconds
SETTLE: Final = 60.0  # seconds in which what is left must come
_TICK: Final = re.compile(r"tick (\d+)\.")


class Story:
    """A show, told while it happens."""

    WAVES: Final = 5

    def __init__(
        self, options: argparse.Namespace, slack: FakeSlack, api: Api, watch: Watch
    ) -> None:
        self._options = options
        self._slack = slack
        self._api = api
        self._watch = watch
        self._asked = 0

    async def run(self) -> bool:
        """Let it happen; whether nothing was lost."""
        with trio.move_on_after(CONNECT) as scope:
            await self._slack.sockets.until(lambda: self._slack.sockets.opened)
        if scope.cancelled_caught:
            await self._watch.tell(f"the program did not connect to Slack within {CONNECT:g} s")
            return False
        return await (self._storm() if self._options.show == "storm" else self._outage())

    async def _storm(self) -> bool:
        self._slack.workspace.limits = True
        events = self._options.events // self.WAVES * self.WAVES
        await self._watch.tell(
            f"{events} events come in {self.WAVES} waves; Slack takes one a second"
        )
        with trio.move_on_after(self._options.seconds + SETTLE):
            while await self._delivered() < events:  # noqa: ASYNC110 - another process
                await trio.sleep(0.5)
        delivered = await self._delivered()
        calls = self._slack.workspace.calls("chat.postMessage", "chat.update")
        limited = sum(call.error == "ratelimited" for call in calls)
        posts = self._slack.workspace.posts()
        files = sum(bool(post.file) for post in posts)
        await self._watch.tell(
            f"{delivered:.0f} of {events} events are in Slack, in {len(posts) - files} messages "
            f"and {files} files; {limited} calls came too early"
        )
        return bool(delivered >= events)

    async def _outage(self) -> bool:
        third = self._options.seconds / 3
        await self._for(third)
        await self._watch.tell("Slack goes away")
        await self._slack.shut()
        await trio.sleep(third / 2)
        self._mention()
        await trio.sleep(third / 2)
        await self._watch.tell("Slack is back")
        await self._slack.open()
        await self._for(third)
        return await self._account()

    async def _for(self, seconds: float) -> None:
        """Somebody asks something now and then."""
        with trio.move_on_after(seconds):
            while True:
                self._mention()
                await trio.sleep(max(seconds / 3, 1))

    def _mention(self) -> None:
        self._asked += 1
        self._slack.mention(f"echo answer {self._asked}.")

    async def _account(self) -> bool:
        last = int(await self._metric('botkube_events_received_total{source="beat"'))
        with trio.move_on_after(SETTLE):
            await self._slack.until(
                lambda: not self._missing(last) and self._answers() >= self._asked
            )
        missing, answers = self._missing(last), self._answers()
        told = self._ticks(threads=False)  # a thread has in full what its message sums up
        twice = len(told) - len(set(told))
        states = " → ".join(self._watch.states)
        await self._watch.tell(
            f"{last} ticks, {len(missing)} of them missing, {twice} twice; "
            f"{answers} of {self._asked} questions answered; states: {states}"
        )
        return not missing and answers == self._asked

    def _missing(self, last: int) -> set[int]:
        return set(range(1, last + 1)) - set(self._ticks())

    def _answers(self) -> int:
        return sum("answer " in post.shown for post in self._slack.workspace.posts())

    def _ticks(self, *, threads: bool = True) -> list[int]:
        """The numbers of the ticks that can be read in Slack, once for each message."""
        posts = [post for post in self._slack.workspace.posts() if threads or not post.thread]
        return [int(number) for post in posts for number in set(_TICK.findall(post.shown))]

    async def _delivered(self) -> float:
        return await self._metric('outcome="delivered",target="default-socketSlack:general"')

    async def _metric(self, labels: str) -> float:
        text = (await self._api.client.get("/metrics")).text
        lines = [line for line in text.splitlines() if labels in line]
        return sum(float(line.split()[-1]) for line in lines)
