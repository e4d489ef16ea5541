"""What happens to a connection with Slack in the course of a day: one after the other, drawn at random, each mended again."""

from collections import Counter, deque
from collections.abc import Awaitable, Callable
from random import Random
from typing import Final

import trio

from tests.fakes.receiver import Answer
from tests.fakes.slack.server import FakeSlack
from tests.fakes.slack.sockets import Sent, Socket

CLOSES: Final = 10.0  # seconds after its warning that Slack closes a socket
MISSED: Final = (20.0, 40.0)  # seconds until Slack misses a machine without power
AUTH: Final = ("token_revoked", "invalid_auth", "account_inactive")
CLOCK: Final = 7200.0  # seconds by which a machine's clock is set wrong, at most

Fault = Callable[[], Awaitable[None]]


class Weather:
    """The faults of one workspace; `skew`: by how much the clock of the program's machine is wrong."""

    def __init__(self, slack: FakeSlack, random: Random) -> None:
        self.slack = slack
        self.random = random
        self.skew = 0.0
        self.seen: Counter[str] = Counter()
        self.recent: deque[Sent] = deque(maxlen=50)
        self._kinds: tuple[Fault, ...] = (
            self.cut,
            self.cut_between_frames,
            self.closed,
            self.refuse,
            self.blackhole,
            self.half_open,
            self.storm,
            self.broken,
            self.warned,
            self.refreshed,
            self.revoked,
            self.clock_jump,
            self.twice,
            self.shared,
        )

    async def rage(self, until: float) -> None:
        """One fault every few minutes until then; the last one is over when this returns."""
        while trio.current_time() < until:
            await trio.sleep(self.random.uniform(10, 300))
            kind = self.random.choice(self._kinds)
            self.seen[kind.__name__] += 1
            await kind()

    async def refreshed(self) -> None:
        """Slack moves the app to another of its machines, as it does every few hours."""
        await self._disconnect("refresh_requested")

    async def warned(self) -> None:
        """Slack says that a socket will end."""
        await self._disconnect("warning")

    async def cut(self) -> None:
        """The connection ends in the middle of a frame."""
        for socket in self._open():
            await socket.cut()

    async def cut_between_frames(self) -> None:
        """The connection ends."""
        for socket in self._open():
            await socket.cut(mid_frame=False)

    async def closed(self) -> None:
        """Slack closes it."""
        for socket in self._open():
            await socket.close(self.random.choice([1000, 1001, 1011, 1012]))

    async def refuse(self) -> None:
        """Nobody listens."""
        await self.slack.shut()
        await self._a_while()
        await self.slack.open()

    async def blackhole(self) -> None:
        """Calls are taken and never answered; what is open works on, or falls silent too."""
        self.slack.blackhole = True
        if self.random.random() < 0.5:
            await self.half_open()
        await self._a_while()
        self.slack.blackhole = False

    async def half_open(self) -> None:
        """Nothing comes any more, and nothing says so; Slack notices it by itself, some time later."""
        sockets = self._open()
        for socket in sockets:
            socket.line.silent = True
        await trio.sleep(self.random.uniform(*MISSED))
        for socket in sockets:
            await socket.line.give_up()

    async def storm(self) -> None:
        """Slack takes no calls for being asked too often."""
        self.slack.workspace.storm_wait = self.random.randrange(1, 31)
        self.slack.workspace.storm = self.random.randrange(1, 20)
        await self._perhaps_cut()

    async def broken(self) -> None:
        """Slack answers that it is broken."""
        status = self.random.choice([500, 502, 503, 504])
        self.slack.workspace.fault = lambda _method, _call: Answer(status=status)
        await self._perhaps_cut()
        await self._a_while()
        self.slack.workspace.fault = lambda _method, _call: None

    async def revoked(self) -> None:
        """No token is taken, until somebody puts that right."""
        self.slack.workspace.auth_error = self.random.choice(AUTH)
        await self._perhaps_cut()
        await self._a_while()
        self.slack.workspace.auth_error = ""

    async def clock_jump(self) -> None:
        """The machine's clock is set wrong, and right again."""
        self.skew = self.random.uniform(-CLOCK, CLOCK)
        await self._perhaps_cut()
        await self._a_while()
        self.skew = 0.0

    async def twice(self) -> None:
        """Slack sends again what was acknowledged."""
        for sent in self.random.sample(list(self.recent), min(3, len(self.recent))):
            self.slack.deliver(Sent("events_api", sent.payload, answerable=False))
        await trio.lowlevel.checkpoint()

    async def shared(self) -> None:
        """Another program uses the app, and is stopped again; meanwhile it gets part of what is said."""
        self.slack.sockets.foreign = self.random.randrange(1, 3)
        await self._perhaps_cut()
        await self._a_while()
        self.slack.sockets.foreign = 0

    def _open(self) -> list[Socket]:
        return list(self.slack.sockets.sockets)

    async def _disconnect(self, reason: str) -> None:
        sockets = [item for item in self._open() if not item.closing]
        for socket in sockets:
            await socket.disconnect(reason)
        await trio.sleep(CLOSES)
        for socket in sockets:
            await socket.close()

    async def _perhaps_cut(self) -> None:
        if self.random.random() < 0.5:
            await self.cut()

    async def _a_while(self) -> None:
        """Mostly short, seldom a quarter of an hour."""
        await trio.sleep(self.random.choice((3.0, 20.0, 45.0, 100.0, 200.0, 900.0)))
