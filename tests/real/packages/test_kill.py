"""kill -9 in the middle of installs: what was there stays, nothing is ever half there, the next run completes it."""

import json
import sys
from pathlib import Path

import pytest
import trio

from tests.fakes.installing import offer
from tests.fakes.repository import served

pytestmark = [pytest.mark.real, pytest.mark.slow]

POINTS = 50


async def test_killed_at_fifty_points(tmp_path: Path) -> None:
    async with served() as server:
        server.put_index(offer(server))
        server.put_index(offer(server, "v2.0.0"), path="/second.yaml")
        arguments = [str(tmp_path), server.url, str(POINTS)]
        command = [sys.executable, "-m", "tests.fakes.killed", *arguments]
        with trio.fail_after(110):
            done = await trio.run_process(
                command, capture_stdout=True, capture_stderr=True, check=False
            )
    assert done.returncode == 0, done.stderr.decode()
    *killed, last = [json.loads(line) for line in done.stdout.splitlines()]
    print(f"{len(killed)} of {last['points']} points")  # noqa: T201 - a figure
    assert len(killed) == POINTS
    whole = {"version": "v2.0.0", "plugin": "plugin p v2.0.0\n", "tool": "tool of p v2.0.0\n"}
    before = {name: text.replace("v2.0.0", "v1.0.0") for name, text in whole.items()}
    for each in killed:
        assert each["half"] in ({"version": None}, before, whole), each
        assert each["then"] == whole, each
    halves = [each["half"]["version"] for each in killed]
    assert halves == sorted(halves, key=lambda version: version or "")  # never back to less
    assert {None, "v1.0.0", "v2.0.0"} == set(halves)
