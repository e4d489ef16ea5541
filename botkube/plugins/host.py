"""A plugin as a supervised child: finds the executable, starts the process, lends its client through a slot.

One run of the body is one life of the process. It never returns by itself: it fails with one sentence, and
what happens next is the supervisor's decision.
"""

import hashlib
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager, nullcontext
from pathlib import Path
from typing import Literal, TypeAlias

import msgspec
import trio

from botkube.model.plugin import PluginKey
from botkube.plugins.catalog import Program
from botkube.plugins.confine import OURS, UNUSABLE, Confinement
from botkube.plugins.end import describe_end
from botkube.plugins.env import EnvSpec, child_environment, level_variable
from botkube.plugins.errors import PluginFailed, PluginUnusable
from botkube.plugins.group import group_name, killed_for_memory, open_group
from botkube.plugins.life import Life, Timing
from botkube.plugins.limits import Limits
from botkube.plugins.output import PluginOutput
from botkube.plugins.place import open_place
from botkube.plugins.process import open_process
from botkube.plugins.sandbox import Sandbox
from botkube.plugins.slot import PluginSlot
from botkube.plugins.spawn import Command, Spawn, spawn_by_exec
from botkube.runtime.cgroup import ControlGroup, ControlGroups
from botkube.runtime.childspec import ChildSpec
from botkube.runtime.logs import parse_level
from botkube.runtime.policy import Backoff, Policy

_THRESHOLD = 10
_PERIOD = 600.0
_FIRST_PAUSE = 0.1
_LONGEST_PAUSE = 30.0
_START_MARGIN = 5.0
_INHERITED_LEVEL = 0  # logging.NOTSET


# Puts files into the private directory of a process before it starts, and gives the variables that name them.
Furnish: TypeAlias = Callable[[Path], AbstractAsyncContextManager[Mapping[str, str]]]


class Launch(msgspec.Struct, frozen=True, kw_only=True):
    """Which plugin is to run, and what of its surroundings is its own.

    `identity` names the executable file (`Catalog.identity`): another file, another process.
    `refused` says why it must not run at all.
    """

    key: PluginKey
    identity: str = ""
    furnish: Furnish | None = None
    limits: Limits = Limits()
    sandbox: Sandbox | None = None
    refused: str = ""


class HostSettings(msgspec.Struct, frozen=True, kw_only=True):
    """What all plugins have in common. `locate` is asked, in a thread, before each start."""

    environ: Mapping[str, str]
    locate: Callable[[PluginKey], Program]
    runtime_dir: Path
    record_dir: Path
    extra_names: tuple[str, ...] = ()
    groups: ControlGroups | None = None
    timing: Timing = Timing()
    policy: Policy
    spawn: Spawn = spawn_by_exec
    spawn_own: Spawn = spawn_by_exec  # plugins in our own program


def restart_policy(
    *,
    threshold: int = _THRESHOLD,
    period: float = _PERIOD,
    give_up: Literal["park", "escalate"] = "park",
    start_timeout: float = 60.0,
) -> Policy:
    """Give the policy for plugins: `threshold` restarts within `period`, quick at first."""
    return Policy(
        max_restarts=threshold,
        period=period,
        backoff=Backoff(_FIRST_PAUSE, _LONGEST_PAUSE),
        start_timeout=start_timeout
        + _START_MARGIN,  # our own deadline names the step that was late
        give_up=give_up,
    )


def plugin_child(launch: Launch, slot: PluginSlot, settings: HostSettings) -> ChildSpec:
    """Make a plugin a child; equal fingerprints mean the running process fits as it is."""
    key = launch.key
    return ChildSpec(
        name=f"plugin:{key.kind}/{key}",
        body=PluginHost(launch, slot, settings).run,
        fingerprint=_fingerprint(launch, settings),
        policy=settings.policy,
    )


class PluginHost:
    """Runs one plugin, one process at a time."""

    def __init__(self, launch: Launch, slot: PluginSlot, settings: HostSettings) -> None:
        self._launch = launch
        self._slot = slot
        self._settings = settings

    async def run(self, *, task_status: trio.TaskStatus[None]) -> None:
        """Start the process and serve the slot until it ends; `started()` once it is healthy.

        Raises: PluginFailed when this life of the process is over; PluginMissing or PluginUnusable if it
        cannot begin.
        Cancellation: stops the plugin by the ladder, 8.5 s until its processes are gone, at most 7 s more for its files.
        """

        def useful() -> None:
            task_status.started()

        settings, key = self._settings, self._launch.key
        limits, sandbox = self._launch.limits, self._launch.sandbox
        self._slot.close()
        if self._launch.refused:
            raise PluginUnusable(self._launch.refused)
        program = await trio.to_thread.run_sync(settings.locate, key)
        output = PluginOutput(key, trio.current_time, self._log_level(), limits.stdio_rate)
        owner = sandbox.user if sandbox else None
        async with (
            open_place(str(key), settings.runtime_dir, settings.record_dir, owner) as place,
            self._furnished(place.directory) as extra,
            open_group(settings.groups, group_name(key, place.directory), limits.bounds) as group,
        ):
            command = await self._command(program, place.directory, extra, group)
            spawn = settings.spawn_own if program.own else settings.spawn
            async with open_process(command, place, output, spawn, group) as process:
                life = Life(process, output, self._slot, settings.timing)
                reason = await life.run(useful, max_message=limits.max_message)
            lines = output.last_lines()
            refusal = bool(lines) and lines[-1].startswith(
                OURS
            )  # else the code is the plugin's own
            if sandbox and process.exit_code == UNUSABLE and refusal:
                raise PluginUnusable(" / ".join(lines).removeprefix(OURS))
            if killed_for_memory(process.exit_code, group):
                reason = limits.memory_used_up
        end = describe_end(reason, process.exit_code, lines)
        self._slot.end(end)
        raise PluginFailed(end.sentence + end.last_words)

    def _furnished(self, directory: Path) -> AbstractAsyncContextManager[Mapping[str, str]]:
        furnish = self._launch.furnish
        return furnish(directory) if furnish else nullcontext({})

    async def _command(
        self,
        program: Program,
        directory: Path,
        extra: Mapping[str, str],
        group: ControlGroup | None,
    ) -> Command:
        return Command(
            argv=program.argv,
            env={**self._environment(program, directory), **extra},
            grace=self._settings.timing.stop_grace,
            limits=self._launch.limits,
            confinement=await self._confinement(program, directory, group),
        )

    async def _confinement(
        self, program: Program, directory: Path, group: ControlGroup | None
    ) -> Confinement | None:
        if (sandbox := self._launch.sandbox) is None:
            return None
        entrance = group.entrance if group else ""
        return await trio.to_thread.run_sync(
            sandbox.confinement, program, directory, self._launch.limits, entrance
        )

    def _environment(self, program: Program, directory: Path) -> dict[str, str]:
        spec = EnvSpec(
            own_binary=program.own,
            level_variable=level_variable(self._launch.key),
            private_dir=str(directory),
            sandboxed=self._launch.sandbox is not None,
            extra_names=self._settings.extra_names,
            dependency_dir=program.dependency_dir,
        )
        return child_environment(self._settings.environ, spec)

    def _log_level(self) -> int:
        word = self._settings.environ.get(level_variable(self._launch.key))
        return parse_level(word) if word else _INHERITED_LEVEL


def _fingerprint(launch: Launch, settings: HostSettings) -> str:
    spec = EnvSpec(
        own_binary=False,
        level_variable=level_variable(launch.key),
        extra_names=settings.extra_names,
    )
    environment = child_environment(settings.environ, spec)
    what = [launch.identity, environment, launch.limits, launch.sandbox, launch.refused]
    encoded = msgspec.json.encode(what, order="deterministic")
    return hashlib.blake2b(encoded, digest_size=16).hexdigest()
