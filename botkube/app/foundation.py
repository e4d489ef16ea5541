"""The outer levels: the listener with the status paths, and the store with what lives in it."""

from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import ExitStack, asynccontextmanager
from functools import partial
from pathlib import Path
from random import Random

import msgspec
import trio

from botkube.app.build import Plan
from botkube.app.health import health_routes
from botkube.app.status import Board
from botkube.app.whereabouts import without_page
from botkube.bots.playground.feed import Feed
from botkube.bridges.webhookurl import PATH
from botkube.runtime.doorbell import Doorbell
from botkube.runtime.metrics import Metrics
from botkube.store import frames, retention
from botkube.store.database import Database, open_database
from botkube.store.switches import Switches, load_switches
from botkube.store.waiting import StoredOutbox
from botkube.web.doors import Doors
from botkube.web.http import Handler
from botkube.web.server import serving

STATUS = ("/healthz", "/livez", "/readyz", "/metrics")
PLAYGROUND = ("/", "/assets/", "/api/v1/")
PLUGINS = ("/api/v1/plugins", "/api/v1/plugins/")  # whether there is a playground or not
WEBHOOKS = f"{PATH}/"
DOORS = (*STATUS, *PLAYGROUND, *PLUGINS, WEBHOOKS)


class WebhookPlace(msgspec.Struct, frozen=True, kw_only=True):
    """Whether sources take requests, and the address that plugins are told ("": there is none)."""

    on: bool = False
    url: str = ""


class Base(msgspec.Struct, frozen=True, kw_only=True):
    """What every level uses."""

    plan: Plan
    state_dir: Path
    environ: Mapping[str, str]
    config_paths: tuple[Path, ...] = ()  # as they were named
    token: str
    doors: Doors
    board: Board
    metrics: Metrics
    wall: Callable[[], float]
    random: Random
    webhooks: WebhookPlace = WebhookPlace()
    patience: float  # 1.0 with the default shutdownTimeout; budgets of the levels scale with it


class Listening(msgspec.Struct, frozen=True, kw_only=True):
    """Bound sockets, and which doors they serve."""

    listeners: Sequence[trio.SocketListener]
    names: tuple[str, ...]


class Stored(msgspec.Struct, frozen=True, kw_only=True):
    """The open store and what is kept in memory of it."""

    database: Database
    outbox: StoredOutbox
    bells: Mapping[str, Doorbell]
    feed: Feed
    switches: Switches

    def muted(self, plan: Plan, target: str) -> bool:
        """Whether the channel behind a delivery target is muted."""
        channel = plan.by_target.get(target)
        return channel is not None and self.switches.muted(channel)


@asynccontextmanager
async def listening(base: Base, ports: Sequence[Listening]) -> AsyncGenerator[None]:
    """Serve the listeners; the status paths answer from the first moment to the last."""
    _close_unused(base)
    with ExitStack() as stack:
        for name, handler in health_routes(base.board, base.plan).items():
            stack.enter_context(base.doors.opened(name, handler))
        async with trio.open_nursery() as nursery:
            for port in ports:
                await nursery.start(partial(_serve, port, _handler(base.doors, port)))
            yield
            nursery.cancel_scope.cancel()


def _close_unused(base: Base) -> None:
    if not base.webhooks.on:
        text = "incoming webhooks are off: set plugins.incomingWebhook.enabled: true"
        base.doors.close(WEBHOOKS, 404, text)
    if not base.plan.platforms:
        for name in PLAYGROUND:
            base.doors.close(name, 404, without_page(base.plan))


def _handler(doors: Doors, port: Listening) -> Handler:
    return doors.only(*port.names) if port.names else doors.handle


async def _serve(port: Listening, handler: Handler, *, task_status: trio.TaskStatus[None]) -> None:
    async with serving(port.listeners, handler):
        task_status.started()
        await trio.sleep_forever()


@asynccontextmanager
async def storing(base: Base) -> AsyncGenerator[Stored]:
    """Open the store and keep it tidy.

    Raises:
        SchemaTooNew, StorageError: the file cannot be used.
    """
    bells = {target: Doorbell() for target in base.plan.targets}
    size = base.plan.config.settings.store.max_size
    async with (
        open_database(base.state_dir / "state.db", max_bytes=size) as database,
        trio.open_nursery() as nursery,
    ):
        await nursery.start(partial(retention.run, database, base.wall))
        base.board.database = database
        yield Stored(
            database=database,
            outbox=StoredOutbox(database, bells, base.wall),
            bells=bells,
            feed=Feed(await database.read(frames.newest_seq)),
            switches=await load_switches(database),
        )
        nursery.cancel_scope.cancel()
