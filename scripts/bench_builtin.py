"""Benchmark of built-in plugins: how soon one is there, and what memory it and the whole program take.

Private memory is what no other process shares; PSS counts what is shared by its part.
"""

import statistics
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import trio

from botkube.plugins.catalog import Program as Plugin
from botkube.plugins.life import Timing
from botkube.plugins.output import PluginOutput
from botkube.plugins.place import open_place
from botkube.plugins.process import open_process
from botkube.plugins.spawn import Command
from botkube.wire.handshake import launch_variables
from tests.fakes.plugins.rig import Rig, open_rig
from tests.fakes.plugins.warm import KEY, Warm, is_forked, warm
from tests.fakes.program import command

STARTS = 20
CALLS = 10_000
Row = tuple[str, float, str, str]


def of_one() -> list[Row]:
    """One plugin, started by a host of our own: start to handshake, private memory."""
    return trio.run(_measure_one)


async def _measure_one() -> list[Row]:
    program = command()
    plugin = Plugin(argv=(*program, "plugin", "serve", "echo"), own=True)
    async with open_rig() as rig, warm((*program, "plugin", "zygote")) as parent:
        await parent.ready()
        times = [await _start(rig, parent, plugin) for _ in range(STARTS)]
        settings = msgspec.structs.replace(parent.settings(rig), timing=Timing())
        async with rig.running({"x": plugin}, settings):
            await rig.ask("x", "echo hi")
            first = _memory(rig.recorded("x"), "Private")
            for number in range(CALLS):
                await rig.ask("x", f"echo {number}")
            last = _memory(rig.recorded("x"), "Private")
    return [
        ("builtin.handshake", statistics.median(times) * 1000, "ms", f"median of {STARTS}"),
        ("builtin.private", first, "MiB", "echo, after its start"),
        ("builtin.private.after", last, "MiB", f"echo, after {CALLS} calls"),
    ]


async def _start(rig: Rig, parent: Warm, plugin: Plugin) -> float:
    output = PluginOutput(KEY, trio.current_time)
    async with open_place("builtin/echo", rig.runtime_dir, rig.record_dir) as place:
        environ = {**launch_variables(), "PLUGIN_UNIX_SOCKET_DIR": str(place.directory)}
        began = time.perf_counter()
        what = Command(argv=plugin.argv, env=environ, grace=0.1)
        async with open_process(what, place, output, parent.zygote.spawn) as process:
            await process.first_line()
            took = time.perf_counter() - began
            if not is_forked(process.pid):
                raise RuntimeError("the plugin was started by exec")
    return took


def of_all(pid: int) -> list[Row]:
    """A running program with all its processes; of a one-file executable, name the outer one."""
    pids = list(_tree(pid))
    total = sum(_memory(pid, "Pss") for pid in pids)
    conditions = f"embedded default, {len(pids)} processes"
    return [("builtin.tree", total, "MiB", conditions)]


def _tree(pid: int) -> Iterator[int]:
    yield pid
    for entry in Path("/proc").glob("[0-9]*"):
        if _parent(entry) == pid:
            yield from _tree(int(entry.name))


def _parent(process: Path) -> int:
    try:
        return int((process / "stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return 0


def _memory(pid: int, kind: str) -> float:
    """MiB that smaps_rollup says, `Private` is clean and dirty together."""
    names = {"Private_Clean:", "Private_Dirty:"} if kind == "Private" else {f"{kind}:"}
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return sum(int(line.split()[1]) for line in lines if line.split()[0] in names) / 1024
