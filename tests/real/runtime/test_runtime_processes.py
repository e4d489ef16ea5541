"""What only a real process can show: exits, dead parents, full and broken pipes, datagrams."""

import fcntl
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import trio

from botkube.runtime.systemd import notify

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

# The middle process starts one that watches it, tells the pid, and waits to be killed.
MIDDLE = """
import subprocess, sys
child = subprocess.Popen([sys.executable, "-c", sys.argv[1]], stdout=subprocess.PIPE)
child.stdout.readline()
print(child.pid, flush=True)
sys.stdin.read()
"""
WATCHER = """
import trio
from botkube.runtime.parentwatch import wait_parent_exit
async def main():
    async with trio.open_nursery() as nursery:
        nursery.start_soon(wait_parent_exit)
        await trio.testing.wait_all_tasks_blocked()
        print("watching", flush=True)
import trio.testing
trio.run(main)
"""


async def run(code: str, stderr: int = subprocess.PIPE) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-c", code]
    with trio.fail_after(30):
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


async def test_a_child_notices_that_its_parent_was_killed() -> None:
    with trio.fail_after(30):
        middle = await trio.lowlevel.open_process(
            [sys.executable, "-c", MIDDLE, WATCHER], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        assert middle.stdout is not None
        watcher = os.pidfd_open(int(await middle.stdout.receive_some()))
        try:
            middle.send_signal(signal.SIGKILL)
            await middle.wait()
            await trio.lowlevel.wait_readable(watcher)
        finally:
            os.close(watcher)
            await middle.stdout.aclose()


@pytest.mark.parametrize("abstract", ["", "@"], ids=["path", "abstract"])
def test_the_service_manager_gets_the_state(tmp_path: Path, abstract: str) -> None:
    path = f"{tmp_path}/notify"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.settimeout(10)
        manager.bind(f"\0{path}" if abstract else path)
        notify("READY=1\nSTATUS=up", f"{abstract}{path}")
        assert manager.recv(100) == b"READY=1\nSTATUS=up"
