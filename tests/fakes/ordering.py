"""The plugins of a running program, to carry out orders for them: a cache and a server to install from."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import trio
from msgspec.structs import replace as changed

from botkube.app.build import build
from botkube.app.foundation import Base
from botkube.app.orders.book import Orders
from botkube.app.orders.site import running_site
from botkube.app.orders.steps import Step
from botkube.app.plugins.installing import fetching
from botkube.app.plugins.placing import Placed
from botkube.app.plugins.stock import Hosts, Stock
from botkube.config import Config
from botkube.config.schema.groups import PluginEntry, PluginGroup
from botkube.config.schema.plugins import Repository
from botkube.model.errors import FatalError
from botkube.model.plugin import PluginKey, parse_plugin_key
from botkube.packages.cache.lockfile import read_lock
from botkube.plugins.slot import PluginSlot
from botkube.runtime.childspec import ChildSpec
from tests.fakes.base import base_with
from tests.fakes.repository import Repository as Server
from tests.fakes.repository import served
from tests.fakes.shelved import Shelved
from tests.fakes.shop import INDEX, offer
from tests.fakes.supervision import supervision

USED, OFF = parse_plugin_key("executor", "r/used"), parse_plugin_key("executor", "r/off")
FREE = parse_plugin_key("executor", "r/free")
V1, V2 = "v1.0.0", "v2.0.0"
BROKEN = "v3.0.0"  # does not start


class Rig:
    """Orders that are carried out in a cache of their own, with a server to install from."""

    def __init__(
        self,
        server: Server,
        shelved: Shelved,
        base: Base,
        stock: Stock,
        orders: Orders,
        runs: list[str],
    ) -> None:
        self.server = server
        self.shelved = shelved
        self.base = base
        self.stock = stock
        self.orders = orders
        self.runs = runs  # the plugin's identities, as it was started

    async def order(self, action: str, *texts: str) -> list[tuple[str, str]]:
        """The last step of each plugin, without its name in the text."""
        steps: dict[str, Step] = {}

        def show(step: Step) -> None:
            steps[step.plugin] = step

        with trio.fail_after(100):
            await self.orders.carry_out(action, texts, show)  # type: ignore[arg-type]  # one of the actions
        return [(f"{step.plugin}: {step.stage}", step.text) for step in steps.values()]

    def version(self, key: PluginKey) -> str:
        locked = read_lock(self.shelved.lock_file).get(key)
        return locked.version if locked else ""


def configuration(shelved: Shelved, url: str) -> Config:
    """One executor is enabled, another is not."""
    entries = {"r/used": PluginEntry(enabled=True), "r/off": PluginEntry(enabled=False)}
    plugins = changed(shelved.config.plugins, repositories={"r": Repository(url=url)})
    executors = {"tools": PluginGroup(plugins=entries)}
    return changed(shelved.config, executors=executors, sources={}, plugins=plugins)


@asynccontextmanager
async def ordering(folder: Path) -> AsyncGenerator[Rig]:
    shelved, runs = Shelved(folder), list[str]()
    async with served() as server:
        config = configuration(shelved, server.url + INDEX)
        plan = replace(build(config), config=config, plugins=(USED,))
        stock = Stock(changed(shelved.places, config=config), plan.plugins, lambda: 1e9)
        base = base_with(plan, folder)
        async with (
            supervision() as plugins,
            fetching(base, stock, {USED: PluginSlot(USED)}, lambda _: None) as packages,
            trio.open_nursery() as nursery,
        ):

            def plugin(key: PluginKey, placed: Placed) -> ChildSpec:
                async def body(*, task_status: trio.TaskStatus[None]) -> None:
                    runs.append(placed.identity)
                    if placed.locked and placed.locked.version == BROKEN:
                        raise FatalError("exit status 1: no module named y")
                    task_status.started()
                    await trio.sleep_forever()

                return ChildSpec(f"plugin:{key}", body, placed.identity)

            base.board.watch(plugins.states)
            hosts = Hosts(
                plugins=plugins,
                packages=packages.supervisor,
                plugin=plugin,
                package=packages.child,
            )
            offer(
                server,
                {
                    ("used", V1): b"plugin",
                    ("used", V2): b"2",
                    ("free", V1): b"f1",
                    ("off", V1): b"o",
                },
            )
            shelved.install(USED, V1)
            await nursery.start(stock.run, hosts)
            yield Rig(
                server,
                shelved,
                base,
                stock,
                Orders(running_site(plan, packages.installs, stock, plugins)),
                runs,
            )
            nursery.cancel_scope.cancel()
