"""Ends that only a real process can show: an overrun shutdown, full and broken pipes."""

import fcntl
import os
import subprocess
import sys

import pytest
import trio

pytestmark = pytest.mark.real

OVERRUN = """
import time, trio
from botkube.runtime.watchdog import Watchdog
async def main():
    Watchdog(0.2, report_seconds=0.5).arm()
    {stuck}
trio.run(main)
"""

BROKEN_STDERR = """
import logging, sys
from botkube.runtime.logs import configure
configure("info", "json", False, sys.stderr)
for _ in range(100):
    logging.getLogger("botkube.x").info("x" * 1000)
print("done")
"""


async def run(code: str, stderr: int = subprocess.PIPE) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-c", code]
    with trio.fail_after(100):
        if stderr == subprocess.PIPE:
            return await trio.run_process(
                command, capture_stdout=True, capture_stderr=True, check=False
            )
        return await trio.run_process(command, capture_stdout=True, stderr=stderr, check=False)


def full_pipe() -> tuple[int, int]:
    reader, writer = os.pipe()
    size = fcntl.fcntl(writer, fcntl.F_GETPIPE_SZ)
    assert os.write(writer, b"x" * size) == size
    return reader, writer


@pytest.mark.parametrize(
    "stuck", ["time.sleep(60)", "await trio.sleep_forever()"], ids=["blocked loop", "stuck task"]
)
async def test_an_overrun_exits_70_and_says_where_everything_is(stuck: str) -> None:
    done = await run(OVERRUN.format(stuck=stuck))
    report = done.stderr.decode()
    assert done.returncode == 70
    assert "shutdown took over 0.2 s" in report
    assert 'File "<string>"' in report
    assert "__main__.main" in report


async def test_an_overrun_ends_the_program_even_if_nobody_reads_stderr() -> None:
    reader, writer = full_pipe()
    try:
        done = await run(OVERRUN.format(stuck="time.sleep(60)"), stderr=writer)
    finally:
        os.close(reader)
        os.close(writer)
    assert done.returncode == 70


@pytest.mark.parametrize("how", ["broken", "closed"])
async def test_a_program_lives_on_without_its_stderr(how: str) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    code = BROKEN_STDERR if how == "broken" else "import os; os.close(2)" + BROKEN_STDERR
    try:
        done = await run(code, stderr=writer)
    finally:
        os.close(writer)
    assert (done.stdout, done.returncode) == (b"done\n", 0)
