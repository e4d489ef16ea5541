"""The fake Slack on real sockets: Web API and Socket Mode of one workspace, and users who say and click things.

A test has `async with serving_slack() as slack`, a program the `slack.api_url` and the tokens of `workspace.py`.
"""

from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from functools import partial
from itertools import count
from random import Random

import trio

from botkube.runtime.clock import wall
from tests.fakes.receiver import Answer, Call, Receiver, receiving
from tests.fakes.slack.sockets import Sent, Socket, SocketMode
from tests.fakes.slack.workspace import BOT, Workspace


class FakeSlack:
    """A workspace, its sockets, and its people."""

    def __init__(self, nursery: trio.Nursery, clock: Callable[[], float]) -> None:
        self.workspace = Workspace(clock)
        self.sockets = SocketMode(Random(7))
        self.blackhole = False  # requests are taken and never answered
        self.hung = 0  # so many of them
        self.api_port = 0
        self.socket_port = 0
        self._nursery = nursery
        self._names = count(1)
        self._heard = trio.Event()
        self._serving: trio.CancelScope | None = None
        self._api: Receiver | None = None
        self.workspace.hear = self._hear
        self.workspace.open_socket = self._open_socket

    @property
    def api_url(self) -> str:
        """What goes into the configuration as `apiURL`."""
        return f"{self.workspace.url}/"

    def _open_socket(self) -> str:
        return self.sockets.ticket(f"ws://127.0.0.1:{self.socket_port}")

    def _hear(self) -> None:
        self._heard.set()
        self._heard = trio.Event()

    def _answer(self, call: Call) -> Answer:
        if not self.blackhole:
            return self.workspace.answer(call)
        self.hung += 1
        self._hear()
        return Answer(hang=True)

    async def until(self, condition: Callable[[], object]) -> None:
        """Until something is so that changes with calls of the Web API."""
        while not condition():
            await self._heard.wait()

    async def posted(self, number: int, channel: str = "") -> None:
        """Until the bot has said so much."""
        await self.until(lambda: len(self.workspace.posts(channel)) >= number)

    async def says(self, text: str, channel: str = "") -> None:
        """Until a message of the bot shows the text."""
        await self.until(lambda: any(text in post.shown for post in self.workspace.posts(channel)))

    async def says_after_mention(self, command: str, channel: str = "C1") -> None:
        """Somebody says `echo WORDS` and gets its answer; said again until the program listens."""
        words = command.partition(" ")[2]
        self.mention(command, channel)
        await self.says(words, channel)

    # People.

    def mention(self, text: str, channel: str = "C1", user: str = "U1", **more: object) -> Sent:
        """Somebody says something to the bot."""
        said = f"<@{BOT}> {text}"
        entry = self.workspace.say(channel, said, {"user": user, **more})
        return self.event(entry | {"type": "app_mention", "channel": channel})

    def event(self, event: Mapping[str, object]) -> Sent:
        """Something happens in a channel; the id stays the same however often it is sent."""
        payload = {
            "type": "event_callback",
            "event_id": f"Ev{next(self._names)}",
            "team_id": "T1",
            "event": {"event_ts": event.get("ts", ""), **event},
        }
        return self.deliver(Sent("events_api", payload, answerable=False))

    def click(
        self, *actions: Mapping[str, object], ts: str, channel: str = "C1", **more: object
    ) -> Sent:
        """Somebody uses an element of a message."""
        payload = {
            "type": "block_actions",
            "trigger_id": self.workspace.trigger(),
            "response_url": self.workspace.response_url(channel, ts, "U1"),
            "user": {"id": "U1", "username": "ann", "team_id": "T1"},
            "channel": {"id": channel, "name": self.workspace.channels.get(channel, "")},
            "container": {"type": "message", "message_ts": ts, "channel_id": channel},
            "message": {"ts": ts, "type": "message"},
            "actions": list(actions),
            "state": {"values": {}},
        }
        return self.interact(payload | more)

    def interact(self, payload: Mapping[str, object], *, answerable: bool = False) -> Sent:
        """Any interaction."""
        return self.deliver(Sent("interactive", payload, answerable=answerable))

    def submit(self, view: Mapping[str, object], values: Mapping[str, object]) -> Sent:
        """Somebody submits a modal."""
        filled = {"id": "V1", **view, "state": {"values": values}}
        payload = {
            "type": "view_submission",
            "trigger_id": self.workspace.trigger(),
            "user": {"id": "U1", "name": "ann"},
            "view": filled,
        }
        return self.interact(payload, answerable=True)

    def slash(self, text: str, channel: str = "C1") -> Sent:
        """Somebody uses the slash command."""
        payload = {
            "command": "/botkube",
            "text": text,
            "user_id": "U1",
            "user_name": "ann",
            "channel_id": channel,
            "channel_name": self.workspace.channels.get(channel, ""),
            "trigger_id": self.workspace.trigger(),
            "response_url": self.workspace.response_url(channel, "", "U1"),
        }
        return self.deliver(Sent("slash_commands", payload, answerable=True))

    def deliver(self, sent: Sent) -> Sent:
        """Send it again and again until it is acknowledged."""
        self._nursery.start_soon(self.sockets.send, sent)
        return sent

    @property
    def socket(self) -> Socket:
        """The newest socket."""
        return self.sockets.sockets[-1]

    # The servers.

    async def open(self) -> None:
        """Be reachable, at the same ports as before."""
        self._serving = await self._nursery.start(self._serve)

    async def shut(self) -> None:
        """Be gone: connections end, new ones are refused."""
        assert self._serving is not None
        self._serving.cancel()
        await self.sockets.connected(0)

    def forget(self, before: float) -> None:
        """Keep no more than a run of days needs: history since a time, and what is not acknowledged."""
        workspace = self.workspace
        for kept in (workspace.messages, workspace.asked, workspace.reacted, workspace.reactions):
            kept.clear()
        for entries in workspace.history.values():
            entries[:] = [entry for entry in entries if float(str(entry["ts"])) >= before]
        self.sockets.forget()
        if self._api is not None:
            self._api.forget()

    async def _serve(self, *, task_status: trio.TaskStatus[trio.CancelScope]) -> None:
        with trio.CancelScope() as scope:
            async with receiving(self._answer, port=self.api_port) as api:
                self._api, self.api_port = api, api.port
                self.workspace.url = f"{api.url}/api"
                async with trio.open_nursery() as nursery:
                    listeners = await trio.open_tcp_listeners(self.socket_port, host="127.0.0.1")
                    self.socket_port = listeners[0].socket.getsockname()[1]
                    serve = partial(trio.serve_listeners, self.sockets.serve, listeners)
                    await nursery.start(serve)
                    task_status.started(scope)
                    await trio.sleep_forever()


@asynccontextmanager
async def serving_slack(clock: Callable[[], float] = wall) -> AsyncGenerator[FakeSlack]:
    """A workspace while the block runs."""
    async with trio.open_nursery() as nursery:
        slack = FakeSlack(nursery, clock)
        await slack.open()
        yield slack
        nursery.cancel_scope.cancel()
