"""kill -9 in the middle of writing: what was acknowledged is there, and no seq is given twice."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest
import trio

from botkube.store import frames, outbox
from tests.fakes.store import inserting, opened, texts

pytestmark = pytest.mark.real

ROUNDS = 4
LINES = 400  # promises read before the kill


async def _write_and_die(folder: Path, run: str, lines: int) -> list[list[str]]:
    """Run the writer, kill it after so many promises; returns all that it had made."""
    command = [sys.executable, "-m", "tests.fakes.storewriter", str(folder), run]
    root = Path(__file__).parents[3]
    process = await trio.lowlevel.open_process(command, stdout=subprocess.PIPE, cwd=root)
    output = b""
    assert process.stdout is not None
    async with process.stdout as stdout:
        while output.count(b"\n") < lines:
            chunk = await stdout.receive_some()
            assert chunk, "the writer ended by itself"
            output += chunk
        process.send_signal(signal.SIGKILL)
        async for chunk in stdout:
            output += chunk
    assert await process.wait() == -signal.SIGKILL
    *whole, _cut = output.decode().split("\n")
    return [line.split() for line in whole]


async def test_a_killed_writer_has_kept_every_promise(tmp_path: Path) -> None:
    promised: list[list[str]] = []
    with trio.fail_after(100):
        for number in range(ROUNDS):
            promised += await _write_and_die(tmp_path, f"run{number}", LINES + 37 * number)
        async with opened(tmp_path) as database:
            assert database.replaced == ""
            stored = set(await database.read(texts))
            waiting = await database.read(outbox.depths)
            events = await database.read(
                lambda c: {row[0] for row in c.execute("SELECT event_id FROM event")}
            )
            highest = await database.read(frames.newest_seq)
            following = await database.do(inserting("afterwards"))
    seqs = [int(line[2]) for line in promised if line[0] == "frame"]
    assert len(seqs) == len(set(seqs)), "a seq was given twice"
    assert max(seqs) <= highest < following
    assert {line[1] for line in promised if line[0] == "frame"} <= stored
    assert {line[1] for line in promised if line[0] == "event"} <= events
    assert waiting["a"].waiting == waiting["b"].waiting == len(events), "an event came in part"
