"""Runs fake plugins under a real supervisor and proves that they leave nothing behind."""

import os
import shutil
import sys
import tempfile
from collections.abc import AsyncGenerator, Callable, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random

import trio

from botkube.model.plugin import PluginKey, PluginKind, parse_plugin_key
from botkube.plugins.catalog import Program
from botkube.plugins.host import HostSettings, Launch, plugin_child, restart_policy
from botkube.plugins.life import Timing
from botkube.plugins.limits import Limits
from botkube.plugins.records import read_record
from botkube.plugins.sandbox import Sandbox
from botkube.plugins.slot import PluginSlot
from botkube.runtime.childspec import (
    ChildFailed,
    ChildParked,
    Observer,
    SupervisorEvent,
    ignore,
)
from botkube.runtime.policy import Backoff, Policy
from botkube.runtime.supervisor import Supervisor, open_supervisor
from botkube.wire.messages import ExecuteRequest

HERE = Path(__file__).parent
# Its checks come often; that one is late means nothing on a machine with other things to do.
QUICK = Timing(start=60.0, health_interval=0.2, health_deadline=30.0, stop_grace=0.5)


def quick_policy(restarts: int = 2) -> Policy:
    usual = restart_policy(threshold=restarts)
    return Policy(
        max_restarts=restarts,
        period=usual.period,
        backoff=Backoff(0.01, 0.05),
        parked_retry=None,
        start_timeout=120.0,
    )


def raw(mode: str) -> Program:
    return Program(argv=(sys.executable, "-I", "-S", str(HERE / "raw.py"), mode))


def serving(*modes: str) -> Program:
    return Program(argv=(sys.executable, "-P", str(HERE / "serving.py"), *modes))


class Rig:
    """Directories, programs and what the supervisor told; made by `open_rig`."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.environ = dict(os.environ)
        self.programs: dict[str, Program] = {}
        self.slots: dict[str, PluginSlot] = {}
        self.events: list[SupervisorEvent] = []
        self.observe: Observer = ignore
        self._told = trio.Event()

    @property
    def runtime_dir(self) -> Path:
        return self.root / "run"

    @property
    def record_dir(self) -> Path:
        return self.root / "records"

    def locate(self, key: PluginKey) -> Program:
        return self.programs[key.name]

    def settings(self, timing: Timing = QUICK, policy: Policy | None = None) -> HostSettings:
        return HostSettings(
            environ=self.environ,
            locate=self.locate,
            runtime_dir=self.runtime_dir,
            record_dir=self.record_dir,
            timing=timing,
            policy=policy or quick_policy(),
        )

    @asynccontextmanager
    async def running(
        self,
        programs: dict[str, Program],
        settings: HostSettings | None = None,
        kind: PluginKind = "executor",
        *,
        limits: Limits | None = None,
        sandbox: Sandbox | None = None,
    ) -> AsyncGenerator[Supervisor]:
        settings = settings or self.settings()
        self.programs |= programs
        specs = []
        for name in programs:
            key = parse_plugin_key(kind, f"fake/{name}")
            self.slots[name] = PluginSlot(key)
            launch = Launch(key=key, limits=limits or Limits(), sandbox=sandbox)
            specs.append(plugin_child(launch, self.slots[name], settings))
        tasks = living_tasks()
        async with open_supervisor("plugins", observe=self.told, random=Random(1)) as supervisor:
            await supervisor.reconcile(specs)
            yield supervisor
        await tasks_back_to(tasks)

    async def ask(self, name: str, command: str) -> str:
        client = await self.slots[name].lease()
        return (await client.execute(ExecuteRequest(command=command))).message.decode()

    async def happens(self, wanted: Callable[[], bool]) -> None:
        """Wait until a condition on the events holds."""
        while not wanted():
            await self._told.wait()

    def failures(self, name: str) -> list[str]:
        return [
            event.error
            for event in self.events
            if isinstance(event, ChildFailed) and event.name.endswith(f"/{name}")
        ]

    def parked(self, name: str) -> str | None:
        for event in self.events:
            if isinstance(event, ChildParked) and event.name.endswith(f"/{name}"):
                return event.reason
        return None

    def recorded(self, name: str) -> int:
        """The pid of a running plugin, as it is recorded for the next start."""
        records = [read_record(path) for path in self.record_dir.glob("*.json")]
        [pid] = [record.pid for record in records if record and record.plugin == f"fake/{name}"]
        return pid

    def processes(self) -> list[int]:
        """Every living process that was started for a plugin of this rig, by its environment."""
        mark = b"PLUGIN_UNIX_SOCKET_DIR=" + os.fsencode(self.runtime_dir)
        return [pid for pid in _all_processes() if mark in _environment(pid)]

    def told(self, event: SupervisorEvent) -> None:
        """Take what a supervisor says."""
        self.events.append(event)
        self.observe(event)
        if isinstance(event, ChildParked) and event.name.startswith("plugin:"):
            self.slots[event.name.rpartition("/")[2]].park(event.reason)
        self._told.set()
        self._told = trio.Event()


@asynccontextmanager
async def open_rig() -> AsyncGenerator[Rig]:
    """Give a rig, and check at the end that processes, directories and descriptors are as before."""
    root = Path(tempfile.mkdtemp(prefix="bkt-", dir="/tmp"))
    (root / "records").mkdir(mode=0o700)
    try:
        descriptors = open_descriptors()
        rig = Rig(root)
        yield rig
        await gone(rig.processes)
        assert not list(rig.runtime_dir.glob("*"))
        assert not list(rig.record_dir.glob("*"))
        assert open_descriptors() == descriptors
    finally:
        shutil.rmtree(root)


def report(text: str) -> None:
    """Print a measurement (`pytest -rP` or `-s` shows it)."""
    sys.stdout.write(f"{text}\n")


async def gone(processes: Callable[[], Iterable[int]]) -> None:
    """Wait until killed processes are really gone; init reaps what is not our own child."""
    for pid in processes():
        with trio.fail_after(30):
            await process_end(pid)
    assert not list(processes())


async def process_end(pid: int) -> None:
    try:
        pidfd = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    try:
        await trio.lowlevel.wait_readable(pidfd)
    finally:
        os.close(pidfd)


def open_descriptors() -> list[str]:
    """Name what is open, without the numbers of pipes and sockets."""
    links = [link for link in Path("/proc/self/fd").iterdir() if link.is_symlink()]
    return sorted(str(link.readlink()).split(":")[0] for link in links)


async def tasks_back_to(count: int) -> None:
    """Wait until no more tasks live than before; those of a peer end when they see the connection end."""
    with trio.fail_after(30):
        while True:
            if living_tasks() <= count:
                return
            await trio.lowlevel.checkpoint()


def living_tasks() -> int:
    return trio.lowlevel.current_statistics().tasks_living


def _all_processes() -> list[int]:
    return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdecimal()]


def _environment(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/environ").read_bytes()  # empty for a zombie
    except OSError:
        return b""
