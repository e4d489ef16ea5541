"""Parents that are killed, gone, strangers, or alive."""

import os
import signal
import subprocess
import sys

import pytest
import trio
import trio.testing

from botkube.runtime.parentwatch import wait_parent_exit

pytestmark = pytest.mark.real

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


async def test_a_child_notices_that_its_parent_was_killed() -> None:
    with trio.fail_after(100):
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


async def test_a_parent_known_from_earlier_is_gone_if_it_ended_or_is_no_more_our_parent() -> None:
    stranger = await trio.lowlevel.open_process([sys.executable, "-c", ""])
    with trio.fail_after(100):
        await wait_parent_exit(stranger.pid)  # alive or a zombie, and not our parent
        await stranger.wait()
        await wait_parent_exit(stranger.pid)


async def test_a_living_parent_is_waited_for(autojump_clock: trio.testing.MockClock) -> None:
    with trio.move_on_after(60) as scope:
        await wait_parent_exit()
    assert scope.cancelled_caught
