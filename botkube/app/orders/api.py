"""Puts the plugins on the listener: which there are, what can be done with them, what they wrote."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import Annotated, Final, TypeAlias

import msgspec
import trio

from botkube.app.foundation import PLUGINS, Base
from botkube.app.orders.book import Action, Orders
from botkube.app.orders.log import logged
from botkube.app.orders.site import running_site
from botkube.app.orders.steps import Show, Step
from botkube.app.plugins.level import Plugins
from botkube.app.plugins.logs import LINES, Rings
from botkube.app.plugins.packages import signature_policies
from botkube.app.plugins.stock import Stock
from botkube.builtin import NAMES
from botkube.model.errors import BotkubeError, ConfigError
from botkube.model.plugin import PluginKey
from botkube.packages.cache.lockfile import name_of
from botkube.packages.index.keys import meant, named, only
from botkube.packages.inventory import Enabled, Row, inventory, kept_indexes
from botkube.runtime import clock
from botkube.runtime.ring import Got, Reader
from botkube.web.guard import Guard
from botkube.web.http import Answer, Handler, HttpError, Request, Streaming, as_json

NDJSON: Final = "application/x-ndjson"
MOST: Final = 256  # plugins in one order
_DIGITS: Final = 9  # of a number of lines
Send: TypeAlias = Callable[[bytes], Awaitable[None]]


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """The body of an order; no plugins: all that are enabled. Each has a task of its own."""

    plugins: Annotated[tuple[str, ...], msgspec.Meta(max_length=MOST)] = ()
    update: bool = False


@asynccontextmanager
async def managing(base: Base, plugins: Plugins, guard: Guard) -> AsyncGenerator[None]:
    """Open the door of the plugins while the block runs."""
    await trio.lowlevel.checkpoint()
    orders = Orders(
        running_site(base.plan, plugins.packages.installs, plugins.stock, plugins.supervisor)
    )
    handler = plugin_routes(PluginApi(base, plugins.stock, orders, plugins.rings), guard)
    first, second = PLUGINS
    with base.doors.opened(first, handler), base.doors.opened(second, handler):
        yield


def plugin_routes(api: "PluginApi", guard: Guard) -> Handler:
    """The handler of `/api/v1/plugins…`."""

    async def handle(request: Request) -> Answer:
        guard.check(request)
        try:
            return await _route(api, request)
        except ConfigError as error:
            raise HttpError(400, str(error)) from error
        except (BotkubeError, OSError) as error:
            raise HttpError(503, str(error)) from error

    return handle


async def _route(api: "PluginApi", request: Request) -> Answer:
    match request.method, request.path.removeprefix(PLUGINS[0]):
        case "GET", "":
            return as_json(await api.rows())
        case "GET", "/logs":
            return api.logs(request)
        case "POST", "/install" | "/remove" | "/rollback" as action:
            order = _order(await request.read_body())
            return api.order(
                "update" if order.update and action == "/install" else _ACTIONS[action], order
            )
        case _:
            raise HttpError(404, f"there is no {request.method} {request.path}")


_ACTIONS: Final[dict[str, Action]] = {
    "/install": "install",
    "/remove": "remove",
    "/rollback": "rollback",
}


class PluginApi:
    """What is behind the paths."""

    def __init__(self, base: Base, stock: Stock, orders: Orders, rings: Rings) -> None:
        self._base = base
        self._stock = stock
        self._orders = orders
        self._rings = rings

    async def rows(self) -> list[Row]:
        """Every plugin that is known, with how it is.

        Raises: PackageRefused if the lock file cannot be read; PluginUnusable if the cache is not to be trusted.
        """
        rows = await trio.to_thread.run_sync(self._inventory)
        used = {name_of(key): key for key in self._base.plan.plugins}
        shown: list[Row] = []
        for row in rows:
            key = used.get(f"{row.kind} {row.plugin}")
            part = self._base.board.whole_plugin(self._base.plan, key) if key else None
            if key is not None and part is not None:
                row = msgspec.structs.replace(  # noqa: PLW2901 - the same plugin
                    row,
                    running=self._stock.version(key),
                    state=part.state,
                    reason=part.reason or row.reason,
                    since=clock.rfc3339(part.since),
                    restarts=part.restarts,
                )
            shown.append(row)
        return shown

    def _inventory(self) -> list[Row]:
        shelf = self._stock.places.shelf()
        config = self._base.plan.config
        enabled = Enabled(keys=self._base.plan.plugins, built_in=NAMES)
        indexes = kept_indexes(shelf.root, config.plugins.repositories)
        return inventory(enabled, shelf, indexes, signature_policies(config))

    def order(self, action: Action, order: Order) -> Streaming:
        """Do something, and say so line by line.

        Raises: ConfigError for what is no plugin key.
        """
        for text in order.plugins:
            named(text)
        if action in {"remove", "rollback"} and not order.plugins:
            raise ConfigError("plugins is empty: name them")

        async def work(show: Show) -> None:
            with logged(action, show) as tell:
                await self._orders.carry_out(action, order.plugins, tell)

        return Streaming(run=partial(_tell_steps, work), content_type=NDJSON)

    def logs(self, request: Request) -> Streaming:
        """The newest lines of a plugin, and those that come if it is so wanted.

        Raises: HttpError; ConfigError if it is not clear which plugin is meant.
        """
        text = request.query.get("plugin", "")
        key = self._one_of(text)
        count = _number(request.query.get("lines", "100"))
        reader = self._rings[key].reader(min(count, LINES))
        follow = request.query.get("follow", "false").lower() in {"true", "1"}
        run = partial(_tell_lines, reader, name_of(key), self._base.wall, follow=follow)
        return Streaming(run=run, content_type=NDJSON)

    def _one_of(self, text: str) -> PluginKey:
        found = meant(text, self._rings)
        known = ", ".join(map(name_of, found or self._rings))
        if not found or found[0] not in self._rings:
            raise HttpError(404, f"no plugin {text!r} is in use; there are: {known or 'none'}")
        return only(text, found)[0]


async def _tell_steps(work: Callable[[Show], Awaitable[None]], send: Send) -> None:
    """Send what `work` shows: the newest of each plugin, however slowly the client reads."""
    waiting: dict[str, Step] = {}
    changed = trio.Event()
    over = False

    def show(step: Step) -> None:
        waiting[step.plugin] = step
        changed.set()

    async def run() -> None:
        nonlocal over
        await work(show)
        over = True
        changed.set()

    async with trio.open_nursery() as nursery:
        nursery.start_soon(run)
        while not over or waiting:
            await changed.wait()
            changed = trio.Event()
            steps, waiting = list(waiting.values()), {}
            await send(b"".join(msgspec.json.encode(step) + b"\n" for step in steps))


async def _tell_lines(
    reader: Reader, plugin: str, wall: Callable[[], float], send: Send, *, follow: bool
) -> None:
    await _send_lines(reader.now(), plugin, wall, send)
    while follow:
        await _send_lines(await reader.next(), plugin, wall, send)


async def _send_lines(got: Got, plugin: str, wall: Callable[[], float], send: Send) -> None:
    lines: Sequence[bytes] = got.lines
    if got.missed:
        gap = {
            "time": clock.rfc3339(wall()),
            "level": "warning",
            "msg": f"{got.missed} lines were left out",
            "plugin": plugin,
        }
        lines = (msgspec.json.encode(gap), *lines)
    if lines:
        await send(b"".join(line + b"\n" for line in lines))


def _order(body: bytes) -> Order:
    try:
        return msgspec.json.decode(body or b"{}", type=Order)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise HttpError(400, f"the request does not fit: {error}") from error


def _number(text: str) -> int:
    if not text.isdecimal() or len(text) > _DIGITS:
        raise HttpError(400, f"lines={text!r} is not a number of lines")
    return int(text)
