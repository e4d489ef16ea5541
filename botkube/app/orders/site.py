"""Where the running program carries out orders for plugins: it installs as it does by itself, and starts the result."""

from typing import Final

import trio

from botkube.app.build import Plan
from botkube.app.orders.book import Site
from botkube.app.plugins.installing import PLUGIN, Installs
from botkube.app.plugins.stock import Stock
from botkube.builtin import NAMES
from botkube.model.plugin import PluginKey
from botkube.packages.cache.shelf import Installed
from botkube.packages.inventory import Enabled
from botkube.packages.progress import Tell
from botkube.runtime.supervisor import Supervisor

STARTING: Final = 30.0  # seconds for which an order waits for its plugin to start
_FAILED: Final = frozenset(("retrying", "parked"))


def running_site(plan: Plan, installs: Installs, stock: Stock, plugins: Supervisor) -> Site:
    """Give the site; who ordered may have left by the time that an order is settled. `plugins` runs them."""

    async def install(key: PluginKey, tell: Tell, update: bool) -> Installed:  # noqa: FBT001 - passed by position
        return await installs.shared.install(key, tell, update=update)

    async def settle(key: PluginKey) -> None:
        await stock.settle([key])

    async def started(key: PluginKey) -> str:
        name = f"{PLUGIN}{plan.plugin_names.get(key, '')}"
        with trio.move_on_after(STARTING):
            state = await plugins.outcome(name)
            return state.reason or state.state if state and state.state in _FAILED else ""
        return f"it was not ready within {STARTING:g} s"

    return Site(
        config=plan.config,
        enabled=Enabled(keys=plan.plugins, built_in=NAMES),
        shelf=stock.places.shelf,
        opened=installs.opened,
        install=install,
        settle=settle,
        started=started,
        runs=True,
    )
