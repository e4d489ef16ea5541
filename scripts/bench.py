"""Benchmarks: each starts the real program and prints name, figure, unit and conditions."""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import trio

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parent))

import bench_builtin
from bench_faults import faults
from bench_plugins import plugins
from bench_sinks import sinks
from figures import Figure, percentile

from tests.fakes.program import Api, Program, command
from tests.gates.configs import heartbeat


@contextmanager
def program(config: str | None) -> Iterator[Program]:
    """A running program on a fresh state directory."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        made = Program(Path(folder), config)
        try:
            yield made.start()
        finally:
            made.stop()
            made.close()


def rss(pid: int) -> float:
    """Resident memory of a process in MiB."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024
    return 0.0


def children(pid: int) -> dict[str, int]:
    """The plugin processes of a program, by name."""
    found = {}
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            words = (entry / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if parent == pid and b"serve" in words:
            found[words[words.index(b"serve") + 1].decode()] = int(entry.name)
    return found


async def until_ready(made: Program) -> float:
    """Seconds until /readyz is 200."""
    began = time.perf_counter()
    async with made.connected() as api:
        # Another process, which tells nobody when it changes.
        while (await api.client.get("/readyz")).status_code != 200:  # noqa: ASYNC110
            await trio.sleep(0.01)
    return time.perf_counter() - began


def round_trip(in_flight: int, commands: int) -> list[Figure]:
    """Commands through playground → echo, so many in flight."""
    with program(heartbeat(1)) as made:
        trio.run(until_ready, made)
        times, seconds = trio.run(_commands, made, in_flight, commands)
    conditions = f"{in_flight} in flight, {commands} commands"
    return [
        Figure(f"command.p50.{in_flight}", statistics.median(times) * 1000, "ms", conditions),
        Figure(f"command.p99.{in_flight}", percentile(times, 0.99) * 1000, "ms", conditions),
        Figure(f"command.rate.{in_flight}", commands / seconds, "1/s", conditions),
    ]


async def _commands(made: Program, in_flight: int, commands: int) -> tuple[list[float], float]:
    sent: dict[str, float] = {}
    times: list[float] = []
    answered: dict[str, float] = {}
    places = trio.Semaphore(in_flight)

    async def one(api: Api, number: int) -> None:
        began = time.perf_counter()
        said = await api.say("one", f"@Botkube echo {number}")
        sent[str(said["id"])] = began
        _match()

    def _match() -> None:
        for key in [key for key in answered if key in sent]:
            times.append(answered.pop(key) - sent.pop(key))
            places.release()

    async def read(api: Api, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        async with api.stream() as frames:
            task_status.started()
            while len(times) < commands:
                body = (await frames.next())["body"]
                if isinstance(body, dict) and "outcome" in body:
                    answered[body["reply_to"]] = time.perf_counter()
                    _match()

    async with made.connected() as api, trio.open_nursery() as nursery:
        await nursery.start(read, api)
        await api.say("one", "@Botkube echo warm")
        await trio.sleep(0.5)
        times.clear()
        sent.clear()
        answered.clear()
        began = time.perf_counter()
        for number in range(commands):
            await places.acquire()
            nursery.start_soon(one, api, number)
    return times, time.perf_counter() - began


def events() -> list[Figure]:
    """Events from a source through the outbox to three channels."""
    count = 30_000
    with program(heartbeat(count)) as made:
        began = time.perf_counter()
        with made.http() as client:
            while True:
                text = client.get("/metrics").text
                if _sum(text, "botkube_deliveries_total") >= 3 * count:
                    break
                time.sleep(0.25)
            seconds = time.perf_counter() - began
        delays = _delay_p99(text)
    return [
        Figure("events.rate", count / seconds, "1/s", f"{count} events to 3 channels"),
        Figure("events.delay.p99", delays, "s", "upper edge of the histogram's bucket"),
    ]


def memory() -> list[Figure]:
    """Resident memory: idle, and after 10^5 events."""
    figures = []
    with program(None) as made:
        trio.run(until_ready, made)
        time.sleep(2)
        figures.append(Figure("rss.main.idle", rss(made.pid), "MiB", "embedded default"))
        for name, pid in children(made.pid).items():
            figures.append(Figure(f"rss.plugin.{name}", rss(pid), "MiB", "idle"))
    with program(heartbeat(100_000)) as made:
        with made.http() as client:
            while _sum(client.get("/metrics").text, "botkube_deliveries_total") < 300_000:
                time.sleep(0.2)
        figures.append(Figure("rss.main.after", rss(made.pid), "MiB", "after 10^5 events"))
    return figures


def builtin() -> list[Figure]:
    """Built-in plugins: start to handshake, private memory, and all processes together."""
    figures = [Figure(*row) for row in bench_builtin.of_one()]
    with program(None) as made:
        trio.run(until_ready, made)
        time.sleep(2)
        outer = made.process.pid if made.process else made.pid
        return figures + [Figure(*row) for row in bench_builtin.of_all(outer)]


def start() -> list[Figure]:
    """Start-up: until started, and from there until ready."""
    started, ready = [], []
    for _ in range(5):
        with program(None) as made:
            ready.append(trio.run(until_ready, made))
            started.append(float(made.instance["started_ms"]) / 1000)
    return [
        Figure("start.started", statistics.median(started), "s", "median of 5"),
        Figure("start.ready", statistics.median(ready), "s", "after started, median of 5"),
    ]


def version() -> list[Figure]:
    """`botkube version`, warm."""
    times = []
    for _ in range(20):
        began = time.perf_counter()
        subprocess.run([*command(), "version"], check=True, capture_output=True)
        times.append(time.perf_counter() - began)
    return [Figure("version.warm", statistics.median(times) * 1000, "ms", "median of 20")]


def size() -> list[Figure]:
    """Sizes of what was built, when it was."""
    dist = Path(__file__).parents[1] / "dist"
    figures = []
    if (dist / "botkube").exists():
        value = (dist / "botkube").stat().st_size / 2**20
        figures.append(Figure("size.onefile", value, "MiB", "dist/botkube"))
    if (dist / "botkube-dir").exists():
        value = sum(f.stat().st_size for f in (dist / "botkube-dir").rglob("*") if f.is_file())
        figures.append(Figure("size.folder", value / 2**20, "MiB", "dist/botkube-dir"))
    return figures


def _sum(text: str, name: str) -> float:
    return sum(float(line.split()[-1]) for line in text.splitlines() if line.startswith(name + "{"))


def _delay_p99(text: str) -> float:
    buckets: dict[float, float] = {}
    for line in text.splitlines():
        if line.startswith("botkube_delivery_delay_seconds_bucket{"):
            edge = float(line.split('le="')[1].split('"')[0])
            buckets[edge] = buckets.get(edge, 0) + float(line.split()[-1])
    total = max(buckets.values())
    return min(edge for edge, count in buckets.items() if count >= 0.99 * total)


BENCHMARKS: dict[str, Callable[[], list[Figure]]] = {
    "command1": lambda: round_trip(1, 500),
    "command16": lambda: round_trip(16, 3000),
    "command64": lambda: round_trip(64, 3000),
    "events": events,
    "memory": memory,
    "builtin": builtin,
    "start": start,
    "version": version,
    "size": size,
    "plugins": plugins,
    "sinks": sinks,
    "faults": faults,
}


def main() -> None:
    """Run the named benchmarks, or all of them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", choices=[*BENCHMARKS, []], metavar="NAME")
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    figures = []
    for name in arguments.names or BENCHMARKS:
        for figure in BENCHMARKS[name]():
            print(
                f"{figure.name:22} {figure.value:10.2f} {figure.unit:4} {figure.conditions}",
                flush=True,
            )
            figures.append(figure)
    if arguments.json:
        report = {
            "command": " ".join(command()),
            "cpus": os.cpu_count(),
            "figures": [figure._asdict() for figure in figures],
        }
        arguments.json.write_text(json.dumps(report, indent=2))


if __name__ == "__main__":
    main()
