"""Tells the channels about plugins that do not work: hears the supervisors, asks the decisions, says it once.

In memory only: what was not said when the program is killed is not said later. Who decides is
`engine.outage`; how it is said is `engine.notice`.
"""

import math
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import Final, TypeAlias

import msgspec
import trio

from botkube.app.build import Plan
from botkube.app.owed import Owed
from botkube.engine.notice import notice_message
from botkube.engine.outage import Broken, Failure, Notice, Outage, failed, judge, next_look, works
from botkube.model.message import Message
from botkube.model.plugin import PluginKey
from botkube.plugins.slot import PluginSlot
from botkube.runtime.childspec import (
    ChildEscalated,
    ChildFailed,
    ChildParked,
    ChildStarted,
    SupervisorEvent,
)

LAST_WORDS: Final = 2.0  # seconds to say why the program ends

Say: TypeAlias = Callable[[str, Message], Awaitable[None]]  # in a channel
Channels: TypeAlias = Callable[[PluginKey], Sequence[str]]


class Notices:
    """What is to be told about each plugin; `run` tells it."""

    def __init__(self, plan: Plan, slots: Mapping[PluginKey, PluginSlot]) -> None:
        self._names = plan.plugin_names
        self._parts = plan.plugin_parts
        self._slots = slots
        self._outages: dict[PluginKey, Outage] = {}
        self._told: dict[PluginKey, Sequence[str]] = {}
        self._owed = Owed(())
        self._ending = False
        self._changed = trio.Event()

    def hear(self, event: SupervisorEvent) -> None:
        """Take note of what happened to a plugin's process or stream; never waits."""
        key = self._parts.get(event.name)
        if key is None:
            return
        now, before = trio.current_time(), self._outages.get(key)
        match event:
            case ChildStarted(name=part):
                if before is not None:
                    self._outages[key] = works(before, part, now)
            case ChildEscalated():
                self._ending = True
                self._outages[key] = failed(before, self._failure(key, event, now))
            case ChildFailed(delay=float()) | ChildParked():
                self._outages[key] = failed(before, self._failure(key, event, now))
            case _:
                return
        self._changed.set()

    async def run(self, say: Say, channels: Channels) -> None:
        """Tell the channels of each plugin what is worth it, until cancelled.

        While nothing can be stored it waits; what happens meanwhile is one state, no queue.
        Cancellation: if the program ends because of a plugin, that is said first, within 2 s.
        """
        try:
            while True:
                await self._wait()
                await self._tell(say, channels)
        finally:
            if self._ending:
                with trio.move_on_after(LAST_WORDS, shield=True):
                    await self._owed.say_all()
                    await self._tell(say, channels)

    async def _wait(self) -> None:
        """Until there may be something to decide."""
        self._changed = trio.Event()
        soonest = min(map(next_look, self._outages.values()), default=math.inf)
        with trio.move_on_at(soonest):
            await self._changed.wait()

    async def _tell(self, say: Say, channels: Channels) -> None:
        for key in list(self._outages):
            now = trio.current_time()
            self._outages[key], notice = judge(self._outages[key], now)
            if notice is not None:
                message = notice_message(self._names[key], notice, now)
                told = self._whom(key, notice, channels)
                self._owed = Owed([partial(say, channel, message) for channel in told])
                await self._owed.say_all()

    def _whom(self, key: PluginKey, notice: Notice, channels: Channels) -> Sequence[str]:
        """That it is back is told to those who know that it was away."""
        if isinstance(notice, Broken):
            self._told[key] = channels(key)
            return self._told[key]
        return self._told.pop(key, ())

    def _failure(
        self, key: PluginKey, event: ChildFailed | ChildParked | ChildEscalated, now: float
    ) -> Failure:
        reason, lines = self._why(key, event)
        failure = Failure(part=event.name, at=now, then="ends", reason=reason, lines=lines)
        changed = msgspec.structs.replace
        match event:
            case ChildFailed():
                retry_at = now + (event.delay or 0.0)
                return changed(
                    failure, then="retried", retry_at=retry_at, ready_for=event.ready_for
                )
            case ChildParked():
                return changed(
                    failure, then="parked", retry_at=now + event.wait, ready_for=event.ready_for
                )
            case ChildEscalated():
                return failure

    def _why(
        self, key: PluginKey, event: ChildFailed | ChildParked | ChildEscalated
    ) -> tuple[str, tuple[str, ...]]:
        """A sentence about the plugin, and its last lines if its process has ended."""
        text = event.error if isinstance(event, ChildFailed) else event.reason
        kind, _, name = event.name.partition(":")
        if kind != "plugin":
            return f"the stream of {name} is not open: {text}", ()
        end = self._slots[key].last_end
        return (end.predicate, end.lines) if end else (text, ())
