"""How gates look at a running program: readiness, metrics, plugin processes, log lines."""

import json
from collections.abc import Mapping
from pathlib import Path

import trio

from tests.fakes.program import Api, Program

Parts = Mapping[str, Mapping[str, object]]


async def parts(api: Api) -> Parts:
    """The parts of `/readyz`."""
    return dict((await api.client.get("/readyz")).json()["parts"])


async def becomes(api: Api, part: str, *states: str, within: float = 60.0) -> Mapping[str, object]:
    """Look until a part is in one of these states; returns the part."""
    deadline = trio.current_time() + within
    while True:
        found = (await parts(api)).get(part, {})
        if found.get("state") in states:
            return found
        assert trio.current_time() < deadline, f"{part} is not {states} after {within:g} s: {found}"
        await trio.sleep(0.01)


async def all_ready(api: Api, within: float = 60.0) -> None:
    """Look until `/readyz` answers 200."""
    deadline = trio.current_time() + within
    while True:
        response = await api.client.get("/readyz")
        if response.status_code == 200:
            return
        assert trio.current_time() < deadline, f"not ready after {within:g} s: {response.text}"
        await trio.sleep(0.02)


async def metric(api: Api, start: str) -> float:
    """The sum of the metric lines that start so."""
    lines = (await api.client.get("/metrics")).text.splitlines()
    return sum(float(line.split()[-1]) for line in lines if line.startswith(start))


def plugin_pids(program: Program) -> dict[str, int]:
    """plugin → its process, by the program's own records."""
    found: dict[str, int] = {}
    for file in (program.state_dir / "plugins").glob("*.json"):
        try:
            record = json.loads(file.read_bytes())
        except FileNotFoundError:
            continue
        if record["pid"]:
            found[str(record["plugin"])] = int(record["pid"])
    return found


def processes_of(program: Program) -> list[int]:
    """Every live process that works for this program: their environment or arguments name its folder."""
    folder = str(program.folder).encode()
    return [
        int(entry.name)
        for entry in Path("/proc").iterdir()
        if entry.name.isdigit() and folder in _about(entry)
    ]


def _about(process: Path) -> bytes:
    try:
        if (process / "stat").read_text().rpartition(")")[2].split()[0] == "Z":
            return b""
        return (process / "cmdline").read_bytes() + (process / "environ").read_bytes()
    except OSError:
        return b""


def rss(pid: int) -> float:
    """The resident memory of a process, in MiB."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1024


def log_since(program: Program, mark: int) -> list[dict[str, object]]:
    """The log lines after a mark that `log_mark` gave."""
    with program.log.open("rb") as file:
        file.seek(mark)
        lines = file.read().decode().splitlines()
    return [json.loads(line) for line in lines if line.startswith("{")]


def log_mark(program: Program) -> int:
    """Where the log ends now."""
    return program.log.stat().st_size


def complaints(lines: list[dict[str, object]]) -> list[str]:
    """The messages of warnings and worse."""
    return [str(line["msg"]) for line in lines if line["level"] in {"warning", "error", "fatal"}]
