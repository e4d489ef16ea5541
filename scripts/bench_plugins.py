"""Benchmarks of plugins beside the original's way: the same Go plugins under our host and under go-plugin's own client,
and our plugins under that client beside Go ones. In turns, so that what else the machine does meets both.
"""

import multiprocessing
import os
import signal
import statistics
import sys
import time
from pathlib import Path

import msgspec
import trio
from figures import Figure, percentile

from botkube.plugins.catalog import Program
from botkube.plugins.host import restart_policy
from botkube.plugins.life import Timing
from botkube.wire.messages import ExecuteRequest
from tests.fakes.gopeers import Peers, go_peers
from tests.fakes.plugins.golang import execute, texts
from tests.fakes.plugins.rig import Rig, open_rig

ROUNDS = 5
CALLS = 1000
EVENTS = 10_000
MANY = 10
STREAM = f"{{events: {EVENTS}, size: 1024}}"
OWN = f"{sys.executable} -P -m botkube plugin serve"
SDK = f"{sys.executable} -P {Path(__file__).parents[1] / 'tests' / 'fakes' / 'plugins' / 'interop.py'}"
WHERE = f"median of {ROUNDS} rounds in turns"


def plugins() -> list[Figure]:
    """All of them."""
    peers = go_peers()
    return [*trio.run(_times, peers), *_memory(peers)]


async def _times(peers: Peers) -> list[Figure]:
    return [*await _host(peers), *await _plugin(peers), *await _restarts(peers)]


async def _host(peers: Peers) -> list[Figure]:
    """Go plugins under our host, and under Go's."""
    ours: list[list[float]] = []
    theirs: list[list[float]] = []
    async with open_rig() as rig:
        executor, source = Program(argv=(str(peers.executor),)), Program(argv=(str(peers.source),))
        async with rig.running({"executor": executor}, rig.settings(Timing())):
            await rig.slots["executor"].lease()  # up, before the next one counts tasks
            async with rig.running({"source": source}, rig.settings(Timing()), "source"):
                await rig.slots["source"].lease()
                for _ in range(ROUNDS):
                    ours.append([*await _our_calls(rig), await _our_events(rig)])
                    theirs.append(await _their_round(peers, str(peers.executor), str(peers.source)))
    return _compared("host", "Go plugins, our host / Go's", ours, theirs)


async def _plugin(peers: Peers) -> list[Figure]:
    """Our plugins under Go's host, and Go's."""
    ours: list[list[float]] = []
    theirs: list[list[float]] = []
    for _ in range(ROUNDS):
        ours.append(await _their_round(peers, f"{SDK} executor", f"{SDK} source"))
        theirs.append(await _their_round(peers, str(peers.executor), str(peers.source)))
    return _compared("plugin", "Go's host, plugins of our SDK / Go's", ours, theirs)


async def _our_calls(rig: Rig) -> list[float]:
    client = await rig.slots["executor"].lease()
    times = []
    for number in range(CALLS):
        began = time.perf_counter()
        await execute(client, f"echo {number}")
        times.append((time.perf_counter() - began) * 1000)
    return [percentile(times, 0.5), percentile(times, 0.99)]


async def _our_events(rig: Rig) -> float:
    client = await rig.slots["source"].lease()
    began = time.perf_counter()
    await texts(client, STREAM.encode(), EVENTS)
    return EVENTS / (time.perf_counter() - began)


async def _their_round(peers: Peers, executor: str, source: str) -> list[float]:
    [_, calls] = await peers.host("executor", executor, f"calls={CALLS},1,peer echo x")
    found = msgspec.convert(calls.payload, dict[str, float])
    [_, events] = await peers.host("source", source, f"events={STREAM},{EVENTS}")
    return [found["p50"], found["p99"], EVENTS / events.ms * 1000]


def _compared(
    name: str, what: str, ours: list[list[float]], theirs: list[list[float]]
) -> list[Figure]:
    figures = []
    units = {"unary.p50": "ms", "unary.p99": "ms", "events": "1/s"}
    for at, (kind, unit) in enumerate(units.items()):
        one = statistics.median(values[at] for values in ours)
        other = statistics.median(values[at] for values in theirs)
        figures += [
            Figure(f"{name}.{kind}", one, unit, f"{other:.2f} {unit} is Go's; {WHERE}"),
            Figure(f"{name}.{kind}.ratio", one / other, "x", what),
        ]
    return figures


async def _restarts(peers: Peers) -> list[Figure]:
    """From the loss of a plugin until a call is answered again; Go's host: ended and started."""
    figures = []
    kinds = {"go": (str(peers.executor), "peer echo x"), "python": (f"{OWN} echo", "echo x")}
    for kind, (command, call) in kinds.items():
        ours = [await _our_restart(command, call) for _ in range(ROUNDS)]
        [_, step] = await peers.host("executor", command, f"restart={ROUNDS}")
        value = statistics.median(ours) * 1000
        text = f"kill -9 to the next answer, of which 100 pause; Go's, Kill and start: {step.ms / ROUNDS:.0f}"
        figures.append(Figure(f"host.restart.{kind}", value, "ms", text))
    return figures


async def _our_restart(command: str, call: str) -> float:
    async with open_rig() as rig:
        settings = rig.settings(Timing(), restart_policy())
        programs = {"x": Program(argv=tuple(command.split()))}
        async with rig.running(programs, settings):
            client = await rig.slots["x"].lease()
            began = time.perf_counter()
            os.kill(rig.recorded("x"), signal.SIGKILL)
            await rig.slots["x"].wait_lost(client)
            again = await rig.slots["x"].lease()
            await again.execute(ExecuteRequest(command=call))
            return time.perf_counter() - began


def _memory(peers: Peers) -> list[Figure]:
    """What a plugin takes, and what our host takes for it."""
    few, many = [_sizes(str(peers.executor), count) for count in (1, MANY + 1)]
    own = _sizes(f"{OWN} echo", 1)
    each = (many[0] - few[0]) / MANY
    return [
        Figure("memory.host", each, "MiB", f"of our host for each plugin, {MANY} more of them"),
        Figure("memory.plugin.go", few[1], "MiB", "resident, idle"),
        Figure("memory.plugin.own", own[1], "MiB", "resident, idle; echo of the source tree"),
    ]


def _sizes(command: str, count: int) -> tuple[float, float]:
    """In a process of its own: one that freed memory before would not grow."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        here, plugin = pool.apply(trio.run, (_sizes_here, command, count))
    return here, plugin


async def _sizes_here(command: str, count: int) -> tuple[float, float]:
    """Resident memory of this process, and of one of so many plugins."""
    async with open_rig() as rig:
        program = Program(argv=tuple(command.split()))
        names = [f"x{number}" for number in range(count)]
        async with rig.running(dict.fromkeys(names, program), rig.settings(Timing())):
            for name in names:
                await (await rig.slots[name].lease()).check_health()
            return _resident(os.getpid()), _resident(rig.recorded(names[0]))


def _resident(pid: int) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20
