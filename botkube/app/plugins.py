"""The plugin level: one supervised process for each plugin in use."""

import logging
import sys
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import msgspec
import trio

from botkube.app.foundation import Base
from botkube.app.observe import observer
from botkube.app.statedir import home
from botkube.app.status import Part
from botkube.model.call import PluginStatus
from botkube.model.plugin import PluginKey
from botkube.model.routes import Binding
from botkube.plugins.catalog import Catalog, own_command
from botkube.plugins.directories import choose_runtime_dir
from botkube.plugins.host import HostSettings, Launch, plugin_child, restart_policy
from botkube.plugins.life import Timing
from botkube.plugins.processes import boot_id, kill_group
from botkube.plugins.records import read_record, still_runs
from botkube.plugins.slot import PluginSlot
from botkube.plugins.sweep import sweep
from botkube.runtime import clock
from botkube.runtime.childspec import ChildSpec
from botkube.runtime.supervisor import open_supervisor

log = logging.getLogger(__name__)

RECORDS = "plugins"  # in the state directory: which plugin processes are ours


class Plugins(msgspec.Struct, frozen=True, kw_only=True):
    """The plugins while they are supervised."""

    slots: Mapping[PluginKey, PluginSlot]
    status: Callable[[Binding], PluginStatus]


@asynccontextmanager
async def hosting(base: Base) -> AsyncGenerator[Plugins]:
    """Run the plugins while the block runs; leaving it takes the slowest one's stop ladder."""
    settings = _settings(base)
    killed = await trio.to_thread.run_sync(sweep, settings.record_dir)
    if killed:
        log.warning("%d plugin processes of an earlier run were still there", killed)
    slots = {key: PluginSlot(key) for key in base.plan.plugins}
    names = base.plan.plugin_names
    by_name = {f"plugin:{name}": slots[key] for key, name in names.items()}

    def parked(name: str, reason: str) -> None:
        by_name[name].park(reason)

    async with open_supervisor(
        "plugins", observe=observer(base.metrics, parked), random=base.random, wall=base.wall
    ) as supervisor:
        base.board.watch(supervisor.states)
        await supervisor.reconcile(
            [
                _child(f"plugin:{name}", Launch(key=key), slots[key], settings)
                for key, name in names.items()
            ]
        )

        def status(binding: Binding) -> PluginStatus:
            part = base.board.plugin_part(names.get(binding.key, ""), binding)
            return _status(part, settings.policy.max_restarts, base.wall())

        yield Plugins(slots=slots, status=status)


def _child(name: str, launch: Launch, slot: PluginSlot, settings: HostSettings) -> ChildSpec:
    return replace(plugin_child(launch, slot, settings), name=name)


def _settings(base: Base) -> HostSettings:
    given = base.plan.config.plugins
    catalog = Catalog(
        cache_dir=cache_dir(given.cache_dir, base),
        own_command=own_command(frozen=getattr(sys, "frozen", False)),
    )
    escalate = given.restart_policy.type.lower() == "restartagent"
    return HostSettings(
        environ=base.environ,
        locate=catalog.locate,
        runtime_dir=choose_runtime_dir(base.environ),
        record_dir=base.state_dir / RECORDS,
        extra_names=given.env,
        timing=Timing(health_interval=given.health_interval),
        policy=restart_policy(
            threshold=given.restart_policy.threshold, give_up="escalate" if escalate else "park"
        ),
    )


def cache_dir(configured: str, base: Base) -> Path:
    """Where plugin executables are kept."""
    if configured:
        return Path(configured)
    environ = base.environ
    if environ.get("CACHE_DIRECTORY"):
        return Path(environ["CACHE_DIRECTORY"].split(":")[0])
    if environ.get("XDG_CACHE_HOME"):
        return Path(environ["XDG_CACHE_HOME"]) / "botkube" / "plugins"
    found = home(environ)
    return found / ".cache" / "botkube" / "plugins" if found else base.state_dir / "cache"


def kill_plugins(state_dir: Path) -> None:
    """Kill every plugin process group now, without asking: the end is wanted at once."""
    boot = boot_id()
    for file in (state_dir / RECORDS).glob("*.json"):
        record = read_record(file)
        if record is not None and record.pid and still_runs(record, boot):
            kill_group(record.pid)


def _status(state: Part | None, threshold: int, now: float) -> PluginStatus:
    if state is None:
        return PluginStatus(threshold=threshold)
    match state.state:
        case "ready":
            text = "Running"
        case "parked":
            text = "Deactivated"
        case "retrying":
            text = f"Restarting in {max((state.retry_at or now) - now, 0):.0f} s"
        case _:
            text = state.state.capitalize()
    return PluginStatus(
        status=text,
        reason=state.reason,
        restarts=state.restarts,
        threshold=threshold,
        last_restart=clock.rfc3339(state.since) if state.restarts else "",
    )
