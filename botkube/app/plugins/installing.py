"""Plugins that are used and not there: each is a supervised child that installs it, apart from those that run.

Nothing waits for them: the program is started meanwhile, and a command is told how far it is. Who adds the plugin's
process once it is there is `app.plugins.stock`.
"""

import logging
import math
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from typing import Final

import msgspec
import trio

from botkube.app.foundation import Base
from botkube.app.observe import observer
from botkube.app.plugins.packages import install_settings, make_root
from botkube.app.plugins.placing import Places
from botkube.app.plugins.stock import Stock
from botkube.model.plugin import PluginKey
from botkube.packages.cache.shelf import Installed
from botkube.packages.errors import PackageFailed, PackageRefused
from botkube.packages.install import Installer, InstallSettings, open_installer
from botkube.packages.progress import Progress, Tell
from botkube.packages.sharing import Shared
from botkube.plugins.slot import PluginSlot
from botkube.runtime.childspec import (
    ChildFailed,
    ChildParked,
    ChildSpec,
    ChildState,
    Observer,
    SupervisorEvent,
)
from botkube.runtime.policy import Backoff, Policy, StateName
from botkube.runtime.supervisor import Supervisor, open_supervisor

log = logging.getLogger(__name__)

# It is tried for ever, and none of it counts for plugins.restartPolicy: no process has failed.
POLICY: Final = Policy(
    restart="transient",
    max_restarts=10**9,
    backoff=Backoff(1.0, 300.0),
    start_timeout=math.inf,
    parked_retry=300.0,
)
PACKAGE: Final = "package:"
PLUGIN: Final = "plugin:"


class Installs(msgspec.Struct, frozen=True, kw_only=True):
    """Who installs: `shared` for what several may want at once, `opened` gives the installer itself."""

    shared: Shared
    opened: Callable[[], Awaitable[Installer]]


@asynccontextmanager
async def installing(base: Base, stock: Stock) -> AsyncGenerator[Installs]:
    """Install while the block runs; connections and the cache are opened with the first install."""
    async with AsyncExitStack() as stack, trio.open_nursery() as nursery:
        opening = _Opening(base, stock.places, stack)

        async def install(key: PluginKey, tell: Tell, update: bool) -> Installed:  # noqa: FBT001 - passed by position
            found = await (await opening.installer()).install(key, tell, update=update)
            stock.arrived([key])  # though whoever wanted it may be leaving
            return found

        yield Installs(shared=Shared(nursery, install), opened=opening.installer)
        nursery.cancel_scope.cancel(reason="the program stops")


@asynccontextmanager
async def fetching(
    base: Base, stock: Stock, slots: Mapping[PluginKey, PluginSlot], hear: Observer
) -> AsyncGenerator["Packages"]:
    """Have a place for plugins that are to be installed while the block runs; `hear` hears of failures."""
    names = base.plan.plugin_names
    keys = {PACKAGE + name: key for key, name in names.items()}
    observe = observer(base.metrics, heard(names, slots, hear), keys)
    async with (
        installing(base, stock) as installs,
        open_supervisor(
            "packages", observe=observe, random=base.random, wall=base.wall
        ) as supervisor,
    ):
        packages = Packages(supervisor, names, slots, stock, installs)
        base.board.watch(packages.states)
        yield packages


class _Opening:
    def __init__(self, base: Base, places: Places, stack: AsyncExitStack) -> None:
        self._base = base
        self._places = places
        self._stack = stack
        self._lock = trio.Lock()
        self._installer: Installer | None = None

    async def installer(self) -> Installer:
        """Open it the first time.

        Raises: PluginUnusable if the cache is not to be trusted; PackageFailed if it cannot be made.
        """
        async with self._lock:
            if self._installer is None:
                settings = await trio.to_thread.run_sync(self._settings)
                opened = open_installer(settings)
                self._installer = await self._stack.enter_async_context(opened)
            return self._installer

    def _settings(self) -> InstallSettings:
        shelf = self._places.shelf()
        make_root(shelf)
        return install_settings(self._base.plan.config, self._base.environ, shelf)


class Packages:
    """The plugins that are being installed, a child each."""

    def __init__(
        self,
        supervisor: Supervisor,
        names: Mapping[PluginKey, str],
        slots: Mapping[PluginKey, PluginSlot],
        stock: Stock,
        installs: Installs,
    ) -> None:
        self.supervisor = supervisor
        self.installs = installs
        self._names = names
        self._slots = slots
        self._stock = stock
        self._progress: dict[str, str] = {}

    def child(self, key: PluginKey) -> ChildSpec:
        """A child that installs a plugin, and then waits to be taken away."""
        return ChildSpec(
            name=PACKAGE + self._names[key], body=partial(self._install, key), policy=POLICY
        )

    def states(self) -> Mapping[str, ChildState]:
        """The children as the states of their plugins, with how far each is."""
        return {
            name.replace(PACKAGE, PLUGIN, 1): msgspec.structs.replace(
                state,
                restarts=0,
                reason=self._progress[name] if self._runs(name, state) else state.reason,
            )
            for name, state in self.supervisor.states().items()
        }

    def restart(self, key: PluginKey) -> StateName | None:
        """Try again at once to install a plugin; gives the state before, None if it is not being installed."""
        name = PACKAGE + self._names[key]
        if name not in self.supervisor.states():
            return None
        self._slots[key].park(_being(""))
        return self.supervisor.restart(name)

    def _runs(self, name: str, state: ChildState) -> bool:
        return state.state == "starting" and name in self._progress

    async def _install(self, key: PluginKey, *, task_status: trio.TaskStatus[None]) -> None:  # noqa: ARG002, ASYNC128 - it is never ready: its plugin is
        name = PACKAGE + self._names[key]
        self._show(key, name, "")
        try:
            if not await self._stock.is_there(key):
                log.info("installing %s %s", key.kind, key)
                found = await self.installs.shared.install(key, partial(self._tell, key, name))
                log.info("%s %s is installed, version %s", key.kind, key, found.version)
        except (PackageFailed, PackageRefused) as error:
            raise self._explained(key, error) from error
        finally:
            self._progress.pop(name, None)
        await self._stock.settle([key])  # which takes this child away
        raise PackageFailed(f"{key.kind} {key} was installed, and is gone again")

    def _explained(
        self, key: PluginKey, error: PackageFailed | PackageRefused
    ) -> PackageFailed | PackageRefused:
        why = self._stock.why(key)
        return type(error)(f"{error}; {why}") if why and why != str(error) else error

    def _tell(self, key: PluginKey, name: str, progress: Progress) -> None:
        self._show(key, name, progress.text)

    def _show(self, key: PluginKey, name: str, text: str) -> None:
        self._progress[name] = text or "to be installed"
        self._slots[key].park(_being(text))


def heard(
    names: Mapping[PluginKey, str], slots: Mapping[PluginKey, PluginSlot], hear: Observer
) -> Observer:
    """What happens to the children → what their slots refuse callers with, and what `hear` hears of their plugins."""
    keys = {PACKAGE + name: key for key, name in names.items()}

    def observe(event: SupervisorEvent) -> None:
        match event:
            case (
                ChildFailed(name=name, delay=float(), error=text)
                | ChildParked(name=name, reason=text)
            ):
                slots[keys[name]].park(f"it is not installed: {text}")
            case _:
                pass
        hear(msgspec.structs.replace(event, name=event.name.replace(PACKAGE, PLUGIN, 1)))

    return observe


def _being(text: str) -> str:
    return f"it is being installed ({text})" if text else "it is being installed"
