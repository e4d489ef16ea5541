"""A plugin as a supervised child: finds the executable, starts the process, lends its client through a slot.

One run of the body is one life of the process. It never returns by itself: it fails with one sentence, and
what happens next is the supervisor's decision.
"""

import hashlib
import signal
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Literal

import msgspec
import trio

from botkube.model.plugin import PluginKey
from botkube.plugins.catalog import Program
from botkube.plugins.env import EnvSpec, child_environment, level_variable
from botkube.plugins.errors import PluginFailed
from botkube.plugins.life import Life, Timing
from botkube.plugins.output import PluginOutput
from botkube.plugins.place import open_place
from botkube.plugins.process import Command, open_process
from botkube.plugins.slot import PluginSlot
from botkube.runtime.childspec import ChildSpec
from botkube.runtime.logs import parse_level
from botkube.runtime.policy import Backoff, Policy

_THRESHOLD = 10
_PERIOD = 600.0
_FIRST_PAUSE = 0.1
_LONGEST_PAUSE = 30.0
_START_MARGIN = 5.0
_INHERITED_LEVEL = 0  # logging.NOTSET


class Launch(msgspec.Struct, frozen=True, kw_only=True):
    """Which plugin is to run, and what of its surroundings is its own.

    `identity` names the executable file (`Catalog.identity`): another file, another process.
    """

    key: PluginKey
    identity: str = ""
    kubeconfig: str | None = None


class HostSettings(msgspec.Struct, frozen=True, kw_only=True):
    """What all plugins have in common. `locate` is asked, in a thread, before each start."""

    environ: Mapping[str, str]
    locate: Callable[[PluginKey], Program]
    runtime_dir: Path
    record_dir: Path
    extra_names: tuple[str, ...] = ()
    max_response: int = 64 * 2**20
    timing: Timing = Timing()
    policy: Policy


def restart_policy(
    *,
    threshold: int = _THRESHOLD,
    give_up: Literal["park", "escalate"] = "park",
    start_timeout: float = 60.0,
) -> Policy:
    """Give the policy for plugins: `threshold` restarts within ten minutes, quick at first."""
    return Policy(
        max_restarts=threshold,
        period=_PERIOD,
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
        Cancellation: stops the plugin by the ladder, 6.5 s at the most unless a process cannot be killed.
        """

        def useful() -> None:
            task_status.started()

        settings, key = self._settings, self._launch.key
        self._slot.close()
        program = await trio.to_thread.run_sync(settings.locate, key)
        output = PluginOutput(key, trio.current_time, self._log_level())
        async with open_place(str(key), settings.runtime_dir, settings.record_dir) as place:
            command = Command(
                argv=program.argv,
                env=self._environment(program, place.directory),
                grace=settings.timing.stop_grace,
            )
            async with open_process(command, place, output) as process:
                life = Life(process, output, self._slot, settings.timing)
                reason = await life.run(useful, max_response=settings.max_response)
        raise PluginFailed(describe_end(reason, process.exit_code, output.last_words()))

    def _environment(self, program: Program, directory: Path) -> dict[str, str]:
        spec = EnvSpec(
            own_binary=program.own,
            level_variable=level_variable(self._launch.key),
            private_dir=str(directory),
            extra_names=self._settings.extra_names,
            dependency_dir=program.dependency_dir,
            kubeconfig=self._launch.kubeconfig,
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
        kubeconfig=launch.kubeconfig,
    )
    what = [launch.identity, child_environment(settings.environ, spec)]
    encoded = msgspec.json.encode(what, order="deterministic")
    return hashlib.blake2b(encoded, digest_size=16).hexdigest()


def describe_end(reason: str, exit_code: int | None, last_words: str) -> str:
    """Say in one sentence why a process is no more of use; no reason: it ended by itself."""
    text = reason or f"the plugin {_ending(exit_code)}"
    return f"{text}; its last words: {last_words}" if last_words else text


def _ending(exit_code: int | None) -> str:
    if exit_code is None:
        return "ended"
    if exit_code >= 0:
        return f"exited with code {exit_code}"
    try:
        return f"was killed by {signal.Signals(-exit_code).name}"
    except ValueError:
        return f"was killed by signal {-exit_code}"
