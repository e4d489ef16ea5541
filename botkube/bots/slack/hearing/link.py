"""Keeps one socket of Socket Mode working: opens it, replaces it before it ends, and tries again for ever.

Tokens that Slack does not take are a state of their own, probed now and then; so are sockets of another program with the
same app, which take part of what is said. Each change of state is said once. Does not know what comes in.
"""

import logging
import math
from collections.abc import Callable
from functools import partial
from random import Random
from typing import Final, Protocol

import msgspec
import trio

from botkube.bots.slack.calling import api
from botkube.bots.slack.calling.api import Call
from botkube.bots.slack.calling.outcome import Ok, Outcome
from botkube.bots.slack.calling.web import Api
from botkube.bots.slack.hearing.attempt import NO_HELLO, Pace, Trouble, lost, no_url
from botkube.bots.slack.hearing.socket import Ears, Socket
from botkube.runtime.hedge import hedged
from botkube.runtime.policy import Health, TroubleState
from botkube.runtime.websocket import Door, Heartbeat

log = logging.getLogger(__name__)

SHARED: Final = (
    "another program uses this Slack app too ({others} of its {all} sockets), and Slack gives it part of what is said: "
    "stop it, or give each program an app of its own"
)
_REPLACED: Final = frozenset({"warning", "refresh_requested"})  # before it ends, not after


class Listener(Ears, Protocol):
    """Who hears what comes in, and that it does."""

    def connected(self, bot: str) -> None:
        """There is a new socket of the bot with this user id; never waits."""
        ...

    def contended(self, sentence: str) -> None:
        """Others take part of what is said; never waits, and is called once until it is over."""
        ...


class Means(msgspec.Struct, frozen=True, kw_only=True):
    """What a link works with. `reconnected` counts."""

    web: Api
    door: Door
    health: Health
    reconnected: Callable[[], None]
    random: Random
    pace: Pace = Pace()
    heartbeat: Heartbeat = Heartbeat()


class Link:
    """The connection of one app; `run` is its life."""

    def __init__(self, name: str, means: Means, listener: Listener) -> None:
        self._name = name
        self._means = means
        self._listener = listener
        self._sockets: list[Socket] = []
        self._failures = 0  # in a row
        self._said: tuple[str, TroubleState] | None = None
        self._shared = ""
        self._told = False
        self._suspect = False
        self._haunted = -math.inf  # until then Slack may count sockets of ours that are no more

    async def run(self, *, task_status: trio.TaskStatus[None]) -> None:
        """Stay connected until cancelled; `started()` with the first socket that works.

        Cancellation: Slack is told within 0.2 s.
        """
        started = False
        async with trio.open_nursery() as nursery:
            while True:
                socket = await self._connected(nursery)
                if not started:
                    task_status.started()
                    started = True
                else:
                    self._means.reconnected()
                await self._used(socket)

    async def _connected(self, nursery: trio.Nursery) -> Socket:
        """Try until there is a new socket; the one that it replaces is closed then."""
        while True:
            found = await self._attempt(nursery)
            if isinstance(found, Socket):
                self._count(found)
                for old in self._sockets:
                    if old is not found:
                        old.close()
                return found
            self._failures += 1
            self._say(found)
            await trio.sleep(found.wait)

    async def _attempt(self, nursery: trio.Nursery) -> Socket | Trouble:
        means, failures = self._means, self._failures
        who = await self._asked(api.auth_test())
        found = await self._asked(api.connections_open()) if isinstance(who, Ok) else who
        trouble = no_url(found, failures, means.pace, means.random)
        if trouble is not None or not isinstance(found, Ok) or not isinstance(who, Ok):
            return trouble or lost("Slack named no URL", failures, means.pace, means.random)
        socket = Socket(means.door, self._listener, means.heartbeat)
        nursery.start_soon(self._run, socket, found.text("url"), name="slack:socket")
        with trio.move_on_after(means.pace.hello):
            await socket.settled.wait()
        if not socket.alive:
            socket.close()
            reason = socket.reason or NO_HELLO.format(seconds=means.pace.hello)
            return lost(reason, failures, means.pace, means.random)
        self._listener.connected(who.text("user_id"))
        return socket

    async def _asked(self, call: Call) -> Outcome:
        """Whoever asks while the network is gone hears nothing for long after it is back; who asks anew hears at once."""
        pace = self._means.pace
        return await hedged(partial(self._means.web.call, call), pace.ask, pace.asks)

    async def _run(self, socket: Socket, url: str) -> None:
        self._sockets.append(socket)
        try:
            await socket.run(url)
        except ValueError as error:  # of the URL
            socket.reason = f"Slack named a URL that is none: {error}"
        finally:
            self._sockets.remove(socket)
            if socket.silent:
                self._haunted = trio.current_time() + self._means.pace.ghost

    async def _used(self, socket: Socket) -> None:
        """Until the socket is to be replaced, and may be."""
        pace, began = self._means.pace, trio.current_time()
        self._say(None)
        with trio.move_on_after(self._again(began)):
            await socket.leaving.wait()
        if not socket.leaving.is_set():
            return
        if trio.current_time() - began >= pace.calm:
            self._failures = 0
        if socket.reason not in _REPLACED:
            socket.close()
            await socket.ended.wait()
        await self._pause(socket)

    def _again(self, now: float) -> float:
        """Seconds until a new socket is wanted for its hello, which alone says how many the app has."""
        pace = self._means.pace
        if self._suspect:
            return max(pace.confirm, self._haunted - now)
        return pace.look if self._shared else math.inf

    async def _pause(self, socket: Socket) -> None:
        """Wait before the next attempt; a socket that announced its end is replaced at once, unless that is a habit."""
        means = self._means
        reason = socket.reason or "the connection ended"
        trouble = lost(reason, self._failures, means.pace, means.random)
        if not socket.alive or self._failures:
            self._say(trouble)
            await trio.sleep(trouble.wait)
        self._failures += 1

    def _count(self, socket: Socket) -> None:
        """Compare the sockets that Slack counts with ours; one too many may be one of ours that Slack has not missed."""
        haunted = trio.current_time() < self._haunted
        counted = socket.hello.num_connections if socket.hello else 1
        others = counted - sum(item.alive for item in self._sockets)
        if others <= 0:
            self._suspect, self._shared, self._told = False, "", False
        elif not self._shared and (haunted or not self._suspect):
            self._suspect = True
        else:
            self._suspect, self._shared = False, SHARED.format(others=others, all=counted)
            if not self._told:
                self._told = True
                self._listener.contended(self._shared)

    @property
    def _usual(self) -> TroubleState:
        return "contended" if self._shared else "retrying"

    def _say(self, trouble: Trouble | None) -> None:
        """Say how it is, if that is news."""
        if trouble is not None and any(socket.alive for socket in self._sockets):
            return  # the one that is to be replaced still works
        reason, state = self._shared, self._usual
        if trouble is not None:
            reason, state = trouble.reason, trouble.state
        if (reason, state) == self._said:
            return
        self._said = (reason, state)
        self._means.health(reason, state)
        if reason:
            log.warning("%s: %s", self._name, reason)
        else:
            log.info("%s is connected", self._name)
