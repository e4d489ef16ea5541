"""Events from a source through the outbox to a webhook and to Elasticsearch, each a process of its own."""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import trio
from figures import Figure

from botkube.model.delivery import Delivery
from botkube.runtime.clock import wall
from botkube.runtime.http import no_authorities
from botkube.sinks.elasticsearch.client import ClusterSettings, open_elastic
from botkube.sinks.elasticsearch.cluster import Place
from botkube.sinks.elasticsearch.notifier import WINDOW, IndexNotifier
from tests.fakes.program import Program

COUNT = int(os.environ.get("BENCH_EVENTS", "20000"))
LATENCIES = (0.0, 0.005)
TICKS = os.sysconf("SC_CLK_TCK")


def sinks() -> list[Figure]:
    """Both sinks at both latencies, then `_bulk` beside one request for each document."""
    figures: list[Figure] = []
    for kind in ("webhook", "elasticsearch"):
        for latency in LATENCIES:
            with _peer(kind, latency) as url:
                figures += _through(kind, url, latency)
    with _peer("elasticsearch", 0.0) as url:
        bulk, single = trio.run(_bulk_and_single, url)
    conditions = f"{WINDOW} documents a request, beside {single:.0f}/s one by one"
    return [*figures, Figure("sink.bulk.gain", bulk / single, "x", conditions)]


@contextmanager
def _peer(kind: str, latency: float) -> Iterator[str]:
    module = "tests.fakes.receiver" if kind == "webhook" else "tests.fakes.elastic"
    command = [sys.executable, "-m", module, str(latency)]
    root = Path(__file__).parents[1]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=root) as process:  # noqa: TID251 - no plugins here
        port = process.stdout.readline() if process.stdout else ""
        try:
            yield f"http://127.0.0.1:{int(port)}"
        finally:
            process.kill()


def _config(kind: str, url: str) -> str:
    bindings = {"sources": ["beat"]}
    sink: dict[str, object] = {"enabled": True}
    if kind == "webhook":
        sink |= {"url": url, "bindings": bindings}
    else:
        index = {"name": "bench", "shards": 1, "bindings": bindings}
        sink |= {"server": url, "indices": {"a": index}}
    beat = {"enabled": True, "config": {"interval": "0s", "count": COUNT}}
    config = {
        "settings": {"clusterName": "bench"},
        "sources": {"beat": {"builtin/heartbeat": beat}},
        "communications": {"default": {kind: sink}},
    }
    return json.dumps(config)


def _through(kind: str, url: str, latency: float) -> list[Figure]:
    with tempfile.TemporaryDirectory(prefix="bench-") as folder, httpx.Client(base_url=url) as peer:
        program = Program(Path(folder), _config(kind, url))
        try:
            program.start()
            pid = program.pid
            first, began = _until(peer, 1)
            spent = _cpu(pid)
            last, ended = _until(peer, COUNT)
            spent = _cpu(pid) - spent
            peak = _peak(pid)
        finally:
            program.stop()
            program.close()
    seconds = ended - began
    name = f"sink.{kind}.{latency * 1000:.0f}ms"
    conditions = f"{COUNT} events, on disk first, answers after {latency * 1000:.0f} ms"
    return [
        Figure(f"{name}.rate", (last - first) / seconds, "1/s", conditions),
        Figure(f"{name}.rss", peak, "MiB", "peak of the main process"),
        Figure(f"{name}.cpu", spent / seconds * 100, "%", "of one processor, main process"),
    ]


def _until(peer: httpx.Client, number: int) -> tuple[int, float]:
    """Until so many events arrived; how many those are, and when."""
    deadline = time.perf_counter() + 300
    while time.perf_counter() < deadline:
        count = int(peer.get("/counted").json()["events"])
        if count >= number:
            return count, time.perf_counter()
        time.sleep(0.02)
    raise TimeoutError(f"{number} events did not arrive")


def _peak(pid: int) -> float:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))


def _cpu(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


async def _bulk_and_single(url: str) -> tuple[float, float]:
    raw = b'{"Kind":"Pod","Name":"a-pod","Namespace":"default","TimeStamp":"2026-11-29T13:21:03Z"}'
    events = [
        Delivery(
            id=n,
            target="t",
            event_id=f"e{n}",
            source="s",
            message=b"{}",
            raw=raw,
            received_at=wall(),
        )
        for n in range(20 * WINDOW)
    ]
    async with open_elastic(ClusterSettings(server=url), no_authorities()) as client:
        notifier = IndexNotifier(client, Place(name="bench"), wall)
        await notifier.prepare()
        rates = []
        for size, number in ((WINDOW, len(events)), (1, WINDOW)):
            began = time.perf_counter()
            for start in range(0, number, size):
                await notifier.deliver(events[start : start + size])
            rates.append(number / (time.perf_counter() - began))
    return rates[0], rates[1]
