"""kill -9 at random moments while events flow: what counted as received is shown, once, in order."""

import os
import random
import re
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import trio

from tests.fakes.program import Program, text_of
from tests.gates.configs import heartbeat

KILLS = int(os.environ.get("GATE_KILLS", "4"))  # the full gate: 20
PER_RUN = 5000
LAST_RUN = 1200
CHANNELS = ("one", "two", "three")
EVENT = re.compile(r"run=(\S+) n=(\d+)\.")


@pytest.fixture
def program(tmp_path: Path) -> Iterator[Program]:
    program = Program(tmp_path, heartbeat(PER_RUN))
    yield program
    program.close()


def received(client: httpx.Client) -> int:
    """The count of events on disk that /metrics shows now."""
    for line in client.get("/metrics").text.splitlines():
        if line.startswith("botkube_events_received_total{"):
            return int(float(line.split()[-1]))
    return 0


def history(client: httpx.Client, channel: str) -> list[dict[str, object]]:
    """Everything a channel shows."""
    frames: list[dict[str, object]] = []
    before = 2**60
    while page := client.get(
        f"/api/v1/channels/{channel}/history", params={"before": before, "limit": 500}
    ).json():
        frames = [*page, *frames]
        before = page[0]["seq"]
    return frames


def final(program: Program, asked: str) -> list[dict[str, object]]:
    """The final frames of a command, in the history of the channel "one"."""
    with program.http() as client:
        frames = history(client, "one")
    bodies = [(x, b) for x in frames if isinstance(b := x["body"], dict)]
    return [x for x, b in bodies if b.get("reply_to") == asked and "outcome" in b]


def shown(frames: list[dict[str, object]]) -> dict[str, list[int]]:
    """run → the numbers shown, in the order they are shown."""
    found: dict[str, list[int]] = {}
    for frame in frames:
        match = EVENT.search(text_of(frame)) or EVENT.search(str(frame["body"]))
        if match:
            found.setdefault(match[1], []).append(int(match[2]))
    return found


async def some_events(program: Program, least: int, known: set[str]) -> str:
    """Wait for a number of events of a run not known yet; returns that run."""
    run = ""
    async with program.connected() as api, api.stream() as frames:
        while least:
            match = EVENT.search(str((await frames.next())["body"]))
            if match and match[1] not in known:
                run, least = match[1], least - 1
    return run


def kill(program: Program, rng: random.Random) -> None:
    """Kill one of the program's processes: of a one-file executable there are two."""
    assert program.process is not None
    os.kill(rng.choice([program.pid, program.process.pid]), signal.SIGKILL)
    program.wait()


@pytest.mark.real
@pytest.mark.slow
@pytest.mark.alone
def test_nothing_acknowledged_is_lost_and_nothing_is_shown_twice(program: Program) -> None:
    rng = random.Random(os.environ.get("GATE_SEED", "1"))
    counted: dict[str, int] = {}
    for _ in range(KILLS):
        program.start()
        run = trio.run(some_events, program, rng.randrange(1, 4000), set(counted))
        with program.http() as client:
            counted[run] = received(client)
        kill(program, rng)
    (program.folder / "config.yaml").write_text(heartbeat(LAST_RUN))
    program.start()
    with program.http() as client:
        wait_for_all(client)
        channels = {name: history(client, name) for name in CHANNELS}
    runs = {name: shown(frames) for name, frames in channels.items()}
    check(channels, runs, counted)
    total = sum(len(numbers) for numbers in runs["one"].values())
    print(
        f"kills={KILLS} runs={len(runs['one'])} events per channel={total} acknowledged={list(counted.values())}"
    )


def wait_for_all(client: httpx.Client, count: int = LAST_RUN) -> None:
    """Until the last run is complete and nothing waits in the outbox."""
    deadline = time.monotonic() + 60
    while received(client) < count or waiting(client):
        assert time.monotonic() < deadline, client.get("/readyz").text


def waiting(client: httpx.Client) -> int:
    """How many deliveries /metrics says are waiting."""
    lines = client.get("/metrics").text.splitlines()
    return sum(int(float(x.split()[-1])) for x in lines if x.startswith("botkube_outbox_depth{"))


def check(
    channels: dict[str, list[dict[str, object]]],
    runs: dict[str, dict[str, list[int]]],
    counted: dict[str, int],
) -> None:
    seqs = [frame["seq"] for frames in channels.values() for frame in frames]
    assert len(seqs) == len(set(seqs)), "a seq was used twice"
    assert runs["one"] == runs["two"] == runs["three"], "the channels differ"
    for run, numbers in runs["one"].items():
        assert numbers == list(range(1, len(numbers) + 1)), f"{run} has gaps or repeats"
    assert len(list(runs["one"].values())[-1]) == LAST_RUN, "the last run is not complete"
    for run, acknowledged in counted.items():
        assert len(runs["one"][run]) >= acknowledged, "an acknowledged event is missing"
