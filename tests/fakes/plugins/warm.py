"""The warm parent under a supervisor, with the reaper beside it, as the program has them."""

import os
import sys
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random

import msgspec
import trio

from botkube.model.plugin import parse_plugin_key
from botkube.plugins.catalog import Program, own_command
from botkube.plugins.children import Children
from botkube.plugins.host import HostSettings
from botkube.plugins.output import PluginOutput
from botkube.plugins.place import open_place
from botkube.plugins.process import open_process
from botkube.plugins.spawn import Command
from botkube.plugins.zygote import Zygote, zygote_command
from botkube.runtime.childspec import ChildFailed, SupervisorEvent
from botkube.runtime.supervisor import Supervisor, open_supervisor
from tests.fakes.forking import own_children, subreaper
from tests.fakes.plugins.rig import Rig

KEY = parse_plugin_key("executor", "builtin/echo")
ECHO = Program(argv=(*own_command(frozen=False, executable=sys.executable), "echo"), own=True)
COMMAND = zygote_command(frozen=False, executable=sys.executable)
# Its plugins stay when the host is gone, and start a fork and a program that leave the group.
STUBBORN = (
    sys.executable,
    "-P",
    "-c",
    """
import os, signal, socket, subprocess, sys, time
from botkube.runtime.forkserver import take_order
take_order(socket.socket(fileno=0))
signal.signal(signal.SIGTERM, signal.SIG_IGN)
if os.fork():
    subprocess.Popen(["sleep", "300"], start_new_session=True)
    print("up", flush=True)
else:
    os.setsid()
time.sleep(300)
""",
)


class Warm:
    """A running warm parent."""

    def __init__(self, zygote: Zygote, children: Children) -> None:
        self.zygote = zygote
        self.children = children
        self.failures: list[str] = []
        self.supervisor: Supervisor | None = None
        self._told = trio.Event()

    def settings(self, rig: Rig) -> HostSettings:
        """A host's settings that start own programs from it."""
        return msgspec.structs.replace(
            rig.settings(), spawn=self.children.by_exec, spawn_own=self.zygote.spawn
        )

    @property
    def pid(self) -> int:
        """Its process."""
        [pid] = [pid for pid in own_children() if b"zygote" in command_line(pid)]
        return pid

    async def failed(self, times: int = 1) -> None:
        """Wait until it has failed so often."""
        while len(self.failures) < times:
            await self._told.wait()

    async def ready(self) -> None:
        """Wait until plugins can be forked from it."""
        assert self.supervisor is not None
        while self.supervisor.states()["zygote:builtin"].state != "ready":
            await self._told.wait()

    def tell(self, event: SupervisorEvent) -> None:
        if isinstance(event, ChildFailed):
            self.failures.append(event.error)
        self._told.set()
        self._told = trio.Event()


@asynccontextmanager
async def warm(
    argv: tuple[str, ...] = COMMAND, environ: Mapping[str, str] = os.environ
) -> AsyncGenerator[Warm]:
    """Run one; at the end there is no child left."""
    children = Children()
    made = Warm(Zygote(argv, environ, children), children)
    with subreaper():
        async with trio.open_nursery() as nursery:
            await nursery.start(children.run)
            async with open_supervisor("zygote", observe=made.tell, random=Random(1)) as supervisor:
                made.supervisor = supervisor
                await supervisor.reconcile([made.zygote.child()])
                yield made
            with trio.fail_after(30):
                while own_children():  # noqa: ASYNC110 - no event tells that a process is gone
                    await trio.sleep(0.01)
            nursery.cancel_scope.cancel()


@asynccontextmanager
async def stubborn(rig: Rig) -> AsyncGenerator[None]:
    """A plugin with three processes, none of which goes by itself."""
    output = PluginOutput(KEY, trio.current_time)
    async with (
        warm(STUBBORN) as parent,
        open_place("builtin/echo", rig.runtime_dir, rig.record_dir) as place,
    ):
        env = {"PATH": os.environ["PATH"], "PLUGIN_UNIX_SOCKET_DIR": str(place.directory)}
        command = Command(argv=ECHO.argv, env=env, grace=0.1)
        await parent.ready()
        async with open_process(command, place, output, parent.zygote.spawn) as process:
            assert await process.first_line() == b"up"
            while len(rig.processes()) < 3:  # noqa: ASYNC110 - no event tells
                await trio.sleep(0.01)
            yield


def command_line(pid: int) -> list[bytes]:
    """The words that `ps` shows."""
    return Path(f"/proc/{pid}/cmdline").read_bytes().rstrip(b"\0 ").split(b"\0")


def is_forked(pid: int) -> bool:
    """Whether a plugin came from a warm parent: its program is not in its command line."""
    return command_line(pid)[0] == b"botkube"
