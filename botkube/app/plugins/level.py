"""The plugin level: one supervised process for each plugin in use."""

import logging
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

import msgspec
import trio

from botkube.app.foundation import Base
from botkube.app.notices import Notices
from botkube.app.observe import observer
from botkube.app.plugins.installing import Packages, fetching
from botkube.app.plugins.isolating import Isolated, Isolation, isolate
from botkube.app.plugins.isolation import hidden_paths, kubeconfigs
from botkube.app.plugins.kube import plugin_credentials
from botkube.app.plugins.logs import Rings, keeping
from botkube.app.plugins.placing import Placed, Places
from botkube.app.plugins.spawning import spawning
from botkube.app.plugins.stock import Hosts, Stock
from botkube.app.status import Part, plugin_status
from botkube.kube.access import credential_files
from botkube.kube.credentials import Credentials, Identity
from botkube.model.call import PluginStatus
from botkube.model.plugin import PluginKey
from botkube.model.routes import Binding
from botkube.plugins.directories import choose_runtime_dir
from botkube.plugins.host import HostSettings, Launch, plugin_child, restart_policy
from botkube.plugins.life import Timing
from botkube.plugins.processes import boot_id, kill_group
from botkube.plugins.records import read_record, still_runs
from botkube.plugins.slot import PluginSlot
from botkube.plugins.sweep import sweep
from botkube.runtime.childspec import ChildParked, ChildSpec, Observer, SupervisorEvent
from botkube.runtime.policy import StateName
from botkube.runtime.supervisor import Supervisor, open_supervisor

log = logging.getLogger(__name__)

RECORDS = "plugins"  # in the state directory: which plugin processes are ours


class Plugins(msgspec.Struct, frozen=True, kw_only=True):
    """The plugins while they are supervised."""

    base: Base
    slots: Mapping[PluginKey, PluginSlot]
    credentials: Credentials
    supervisor: Supervisor
    packages: Packages
    stock: Stock
    notices: Notices
    rings: Rings

    @property
    def supervisors(self) -> tuple[Supervisor, ...]:
        """Who has given up what can be tried again."""
        return self.supervisor, self.packages.supervisor

    def status(self, binding: Binding) -> PluginStatus:
        """How a plugin is for one group."""
        return self._shown(self.base.board.plugin_part(self.base.plan, binding))

    def process_status(self, key: PluginKey) -> PluginStatus:
        """How the process of a plugin is, whatever its streams do."""
        name = self.base.plan.plugin_names.get(key, "")
        return self._shown(self.base.board.parts().get(f"plugin:{name}"))

    def _shown(self, part: Part | None) -> PluginStatus:
        limit = self.base.plan.config.plugins.restart_policy.limit
        return plugin_status(part, limit, self.base.wall())

    def restart(self, key: PluginKey) -> StateName:
        """Restart a plugin, or try it again at once; gives the state it was in."""
        name = self.base.plan.plugin_names[key]
        log.info("plugin:%s is to be restarted: somebody asked for it in the chat", name)
        if (before := self.packages.restart(key)) is not None:
            return before
        self.slots[key].close()  # whoever wants it from now on waits for the new process
        return self.supervisor.restart(f"plugin:{name}")


@asynccontextmanager
async def hosting(base: Base) -> AsyncGenerator[Plugins]:
    """Run the plugins while the block runs; leaving it takes the slowest one's stop ladder."""
    with keeping(base.plan.plugins) as rings:
        async with _hosting(base, rings) as plugins:
            yield plugins


@asynccontextmanager
async def _hosting(base: Base, rings: Rings) -> AsyncGenerator[Plugins]:
    places = Places(config=base.plan.config, environ=base.environ, state_dir=base.state_dir)
    stock = Stock(places, base.plan.plugins, base.wall)
    settings, isolation = await _prepared(base, stock)
    credentials = await plugin_credentials(base)
    slots = {key: PluginSlot(key) for key in base.plan.plugins}
    notices = Notices(base.plan, slots)
    keys = {f"plugin:{name}": key for key, name in base.plan.plugin_names.items()}
    observe = observer(base.metrics, _hearing(keys, slots, stock, notices), keys)
    async with (
        spawning(base) as spawns,
        open_supervisor(
            "plugins", observe=observe, random=base.random, wall=base.wall
        ) as supervisor,
        fetching(base, stock, slots, notices.hear) as packages,
        trio.open_nursery() as nursery,
    ):
        settings = msgspec.structs.replace(settings, spawn=spawns.other, spawn_own=spawns.own)
        base.board.watch(supervisor.states)  # after the packages: if it is in both, it is there

        def plugin(key: PluginKey, placed: Placed) -> ChildSpec:
            launch = _launch(key, base, credentials, isolation.plugins[key], placed)
            return _child(f"plugin:{base.plan.plugin_names[key]}", launch, slots[key], settings)

        hosts = Hosts(
            plugins=supervisor, packages=packages.supervisor, plugin=plugin, package=packages.child
        )
        await nursery.start(stock.run, hosts)
        yield Plugins(
            base=base,
            slots=slots,
            credentials=credentials,
            supervisor=supervisor,
            packages=packages,
            stock=stock,
            notices=notices,
            rings=rings,
        )
        nursery.cancel_scope.cancel(reason="the program stops")


async def _prepared(base: Base, stock: Stock) -> tuple[HostSettings, Isolation]:
    settings = _settings(base, stock)
    killed = await trio.to_thread.run_sync(sweep, settings.record_dir)
    if killed:
        log.warning("%d plugin processes of an earlier run were still there", killed)
    isolation = await _isolation(base, settings)
    return msgspec.structs.replace(settings, groups=isolation.groups), isolation


def _hearing(
    keys: Mapping[str, PluginKey],
    slots: Mapping[PluginKey, PluginSlot],
    stock: Stock,
    notices: Notices,
) -> Observer:
    def hear(event: SupervisorEvent) -> None:
        if isinstance(event, ChildParked):
            slots[keys[event.name]].park(event.reason)
            stock.parked(keys[event.name])
        notices.hear(event)

    return hear


async def _isolation(base: Base, settings: HostSettings) -> Isolation:
    config = base.plan.config
    used = kubeconfigs(config, base.environ)
    keys = [await trio.to_thread.run_sync(credential_files, path) for path in used]
    ours = (base.state_dir, settings.runtime_dir, *(file for files in keys for file in files))
    hidden = hidden_paths(config, base.environ, directories=ours, config_paths=base.config_paths)
    return await isolate(config, base.plan.plugins, hidden=hidden, salt=str(base.state_dir))


def _launch(
    key: PluginKey, base: Base, credentials: Credentials, isolated: Isolated, placed: Placed
) -> Launch:
    identity = Identity(key=key, rbacs=base.plan.identities.get(key, ()))
    return Launch(
        key=key,
        identity=placed.identity,
        furnish=partial(credentials.furnish, identity),
        limits=isolated.limits,
        sandbox=isolated.sandbox,
        refused=isolated.refused,
    )


def _child(name: str, launch: Launch, slot: PluginSlot, settings: HostSettings) -> ChildSpec:
    return replace(plugin_child(launch, slot, settings), name=name)


def _settings(base: Base, stock: Stock) -> HostSettings:
    given = base.plan.config.plugins
    restarts = given.restart_policy
    return HostSettings(
        environ=base.environ,
        locate=stock.locate,
        runtime_dir=choose_runtime_dir(base.environ),
        record_dir=base.state_dir / RECORDS,
        extra_names=given.env,
        timing=Timing(health_interval=given.health_interval),
        policy=restart_policy(
            threshold=restarts.limit,
            period=restarts.window,
            give_up="escalate" if restarts.escalates else "park",
        ),
    )


def kill_plugins(state_dir: Path) -> None:
    """Kill every plugin process group now, without asking: the end is wanted at once."""
    boot = boot_id()
    for file in (state_dir / RECORDS).glob("*.json"):
        record = read_record(file)
        if record is not None and record.pid and still_runs(record, boot):
            kill_group(record.pid)
