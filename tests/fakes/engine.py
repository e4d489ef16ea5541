"""In-memory neighbours of the engine: each has the shape of a port in `botkube.engine.ports`."""

from collections.abc import Awaitable, Callable, Mapping, Sequence

import msgspec
import trio

from botkube.engine.commands.desk import Desk
from botkube.engine.commands.running import RunningCommands
from botkube.engine.ports import Executor, Progress
from botkube.model.call import Answer, Call, PluginStatus
from botkube.model.command import Address, Incoming, Origin, Partial, Reply, User
from botkube.model.delivery import Delivered, Delivery, Outcome, Rejected, Retry
from botkube.model.errors import StorageError
from botkube.model.event import Routed
from botkube.model.message import Body, Message
from botkube.model.plugin import PluginKey
from botkube.model.routes import Action, Alias, Binding, Channel, Routes
from botkube.runtime.policy import StateName

ADDRESS = Address(platform="default-playground", channel="general")
FULL = "state.db did not take a write: database or disk is full"


def executor(name: str, *, enabled: bool = True, group: str = "tools", config: str = "") -> Binding:
    """An executor of the repository `repo`."""
    return Binding(
        group=group,
        key=PluginKey(kind="executor", repo="repo", name=name),
        enabled=enabled,
        config=config.encode() or None,
    )


def source(name: str, *, enabled: bool = True, group: str = "beat") -> Binding:
    """A source of the repository `repo`."""
    key = PluginKey(kind="source", repo="repo", name=name)
    return Binding(group=group, key=key, enabled=enabled)


def channel_with(*executors: Binding, sources: tuple[Binding, ...] = ()) -> Channel:
    """The channel `general` with these bindings."""
    return Channel(
        address=ADDRESS,
        target="default-playground:general",
        name="general",
        bot="@Botkube",
        interactive=True,
        muted=False,
        executors=executors,
        sources=sources,
    )


def routes_of(
    channel: Channel,
    *,
    aliases: Mapping[str, str] | None = None,
    actions: Mapping[str, Action] | None = None,
) -> Routes:
    """Routes with one channel, on the cluster `dev`."""
    return Routes(
        cluster="dev",
        channels={(channel.address.platform, channel.address.channel): channel},
        aliases={
            name: Alias(command=command, display_name=f"Shows {command}")
            for name, command in (aliases or {}).items()
        },
        actions=actions or {},
        targets={"beat": (channel.target,)},
    )


def said(text: str, *, origin: Origin = Origin.TYPED, name: str = "c1") -> Incoming:
    """A command of Ann's, without the mention."""
    user = User(name="ann", mention="@ann")
    return Incoming(id=name, text=text, user=user, address=ADDRESS, origin=origin)


async def unseen(partial: Partial) -> None:
    """Show nothing of a command that runs."""
    await trio.lowlevel.checkpoint()


class Heard:
    """Progress that is only kept."""

    def __init__(self) -> None:
        self.data = b""

    def output(self, data: bytes) -> None:
        """Keep it."""
        self.data += data


class FakeExecutor:
    """Answers with what the test says: a text, a message, an error, or what a function makes."""

    def __init__(
        self, answer: str | Message | Exception | Callable[[Call], Awaitable[Answer]]
    ) -> None:
        self._answer = answer
        self.calls: list[Call] = []

    async def execute(self, call: Call, progress: Progress) -> Answer:
        self.calls.append(call)
        await trio.lowlevel.checkpoint()
        match self._answer:
            case Exception() as error:
                raise error
            case str(text):
                return Answer(message=Message(base_body=Body(code_block=text)))
            case Message() as message:
                return Answer(message=message)
            case make:
                return await make(call)


class FakeResults:
    """Kept results by command."""

    def __init__(self, kept: Mapping[str, Message] | None = None) -> None:
        self.kept = dict(kept or {})

    async def newest(self, channel: Channel, command: str) -> Message | None:
        await trio.lowlevel.checkpoint()
        return self.kept.get(command)


class FakeSwitches:
    """Switches in memory; `broken`: the disk takes nothing."""

    def __init__(self) -> None:
        self.off: set[str] = set()
        self.broken = False

    def muted(self, channel: Channel) -> bool:
        return channel.target in self.off

    async def switch(self, channel: Channel, *, muted: bool) -> None:
        await trio.lowlevel.checkpoint()
        if self.broken:
            raise StorageError(FULL)
        (self.off.add if muted else self.off.discard)(channel.target)


class FakeReplier:
    """Keeps replies; the first of a command counts, as in the journal. `failures`: what the next
    attempts to reply raise.
    """

    def __init__(self) -> None:
        self.worked_on: list[str] = []
        self.partials: list[Partial] = []
        self.replies: dict[str, Reply] = {}
        self.attempts = 0
        self.failures: list[Exception] = []

    def working(self, incoming: Incoming) -> None:
        self.worked_on.append(incoming.id)

    async def progress(self, incoming: Incoming, partial: Partial) -> None:
        await trio.lowlevel.checkpoint()
        self.partials.append(partial)

    async def finish(self, incoming: Incoming, reply: Reply) -> bool:
        await trio.lowlevel.checkpoint()
        self.attempts += 1
        if self.failures:
            raise self.failures.pop(0)
        return self.replies.setdefault(incoming.id, reply) is reply


class MemoryOutbox:
    """An outbox without a disk. `failures`: how many of the next calls the disk refuses."""

    def __init__(self, wall: Callable[[], float] = trio.current_time) -> None:
        self.wall = wall
        self.failures = 0
        self.put_events: list[Routed] = []
        self.pending: list[Delivery] = []
        self.outcomes: list[tuple[str, Outcome]] = []
        self.windows = 0

    def add(self, *names: str, received_at: float | None = None, target: str = "t") -> None:
        for name in names:
            at = self.wall() if received_at is None else received_at
            number = len(self.outcomes) + len(self.pending) + 1000 * len(name)
            self.pending.append(
                Delivery(
                    id=number,
                    target=target,
                    event_id=name,
                    source="beat",
                    message=b"{}",
                    raw=b"null",
                    received_at=at,
                )
            )

    def _disk(self) -> None:
        if self.failures:
            self.failures -= 1
            raise StorageError(FULL)

    async def put(self, routed: Sequence[Routed]) -> None:
        await trio.lowlevel.checkpoint()
        self._disk()
        self.put_events.extend(routed)

    async def window(self, target: str, limit: int) -> Sequence[Delivery]:
        await trio.lowlevel.checkpoint()
        self.windows += 1
        self._disk()
        return [item for item in self.pending if item.target == target][:limit]

    async def settle(self, results: Sequence[tuple[Delivery, Outcome]]) -> None:
        await trio.lowlevel.checkpoint()
        self._disk()
        for delivery, outcome in results:
            self.outcomes.append((delivery.event_id, outcome))
            place = next(n for n, d in enumerate(self.pending) if d.event_id == delivery.event_id)
            match outcome:
                case Delivered() | Rejected():
                    del self.pending[place]
                case Retry(after=after):
                    self.pending[place] = msgspec.structs.replace(
                        self.pending[place], due=self.wall() + after, attempts=delivery.attempts + 1
                    )


class FakeNotifier:
    """Sends one by one and stops at the first that is to be tried again, as a chat platform does."""

    def __init__(self, decide: Callable[[Delivery], Outcome | Exception] | None = None) -> None:
        self._decide = decide or (lambda _: Delivered())
        self.sent: list[tuple[float, str]] = []

    async def deliver(self, window: Sequence[Delivery]) -> Sequence[Outcome]:
        outcomes: list[Outcome] = []
        for delivery in window:
            await trio.lowlevel.checkpoint()
            outcome = self._decide(delivery)
            if isinstance(outcome, Exception):
                raise outcome
            outcomes.append(outcome)
            if isinstance(outcome, Retry):
                break
            if isinstance(outcome, Delivered):
                self.sent.append((trio.current_time(), delivery.event_id))
        return outcomes


def desk_with(
    channel: Channel,
    executor: Executor | None = None,
    *,
    results: FakeResults | None = None,
    switches: FakeSwitches | None = None,
    routes: Routes | None = None,
    restart: Callable[[PluginKey], StateName] = lambda _: "ready",
) -> Desk:
    """A desk around a channel. Commands may take a minute."""
    found = routes or routes_of(channel)
    return Desk(
        read_routes=lambda: found,
        executor=executor or FakeExecutor("out"),
        results=results or FakeResults(),
        switches=switches or FakeSwitches(),
        plugin_status=lambda binding: PluginStatus(
            status="Running", restarts=len(binding.key.name), threshold=10, last_restart=""
        ),
        restart_plugin=restart,
        versions="K8s Server Version: v1\nBotkube version: v2",
        command_timeout=60.0,
        running=RunningCommands(lambda: 0.0),
    )
