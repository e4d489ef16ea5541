"""Who waits for which child: orphans of plugins never stay zombies, and no exit code gets lost over it."""

import os
import signal
import subprocess
import sys
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import trio
import trio.testing

from botkube.plugins.children import Children
from botkube.plugins.errors import PluginUnusable
from botkube.plugins.spawn import Command, Spawned
from botkube.runtime.override import override
from tests.fakes.forking import own_children, subreaper

pytestmark = pytest.mark.real

ROOT = Path(__file__).parents[3]
ORPHANS = 200
# Each leaves a background process whose parent is gone; the pipe closes with the last of them.
LEAVE = f"i=0; while [ $i -lt {ORPHANS} ]; do (sleep 0.0$((i % 10)) &); i=$((i + 1)); done; exit 3"


@pytest.fixture(autouse=True)
def _subreaper() -> Iterator[None]:
    with subreaper():
        yield


@asynccontextmanager
async def reaping() -> AsyncGenerator[Children]:
    before = signal.getsignal(signal.SIGCHLD)
    children = Children()
    with trio.fail_after(100):
        async with trio.open_nursery() as nursery:
            await nursery.start(children.run)
            yield children
            nursery.cancel_scope.cancel()
    assert signal.getsignal(signal.SIGCHLD) is before
    assert not own_children()


def shell(text: str) -> Command:
    return Command(argv=("sh", "-c", text), env={"PATH": os.environ["PATH"]})


async def all_reaped() -> None:
    while own_children():  # noqa: ASYNC110 - no event tells that a process is gone
        await trio.sleep(0.01)


async def drain(process: Spawned) -> None:
    for pipe in (process.stdout, process.stderr):
        assert pipe is not None
        async with pipe:
            async for _ in pipe:
                pass


async def test_200_orphans_leave_no_zombie_and_no_exit_code_is_lost() -> None:
    seen: dict[str, int] = {}

    async def run(children: Children, text: str) -> None:
        process = await children.by_exec(shell(text))
        await drain(process)
        seen[text] = await process.wait()

    wanted = {f"exit {code}": code for code in range(40)}
    wanted |= {f"kill -{number} $$": -number for number in (9, 11, 15)}
    async with reaping() as children:
        async with trio.open_nursery() as nursery:
            for text in (LEAVE, *wanted):
                nursery.start_soon(run, children, text)
        await all_reaped()
    assert seen == {LEAVE: 3, **wanted}


class Ended(Spawned):
    """A child of the main thread, where the kernel lists orphans too, behind it."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(["sh", "-c", "exit 5"])  # noqa: TID251 - as in a spawn
        self.pid = self._process.pid
        self.stdout: trio.abc.ReceiveStream | None = None
        self.stderr: trio.abc.ReceiveStream | None = None

    @override
    async def wait(self) -> int:
        await trio.lowlevel.checkpoint()
        return self._process.wait(0)


async def ended(pid: int) -> None:
    pidfd = os.pidfd_open(pid)
    await trio.lowlevel.wait_readable(pidfd)
    os.close(pidfd)


async def test_orphans_behind_a_child_that_is_kept_are_reaped_when_it_is() -> None:
    async with reaping() as children:
        with children.spawning():
            kept = children.keep(Ended())
        await ended(kept.pid)
        leaving = await children.by_exec(shell("(exit 0 &)"))
        await drain(leaving)
        assert await leaving.wait() == 0
        await trio.testing.wait_all_tasks_blocked(0.05)
        assert len(own_children()) == 2
        assert await kept.wait() == 5
        await all_reaped()


async def test_nothing_is_reaped_while_a_child_has_no_name_yet() -> None:
    async with reaping() as children:
        with children.spawning():
            child = subprocess.Popen(["sh", "-c", "exit 4"])  # noqa: ASYNC220, TID251 - as in a spawn
            await ended(child.pid)
            for _ in range(10):
                await trio.lowlevel.checkpoint()
            assert child.wait(0) == 4  # noqa: ASYNC222 - it has ended
        other = subprocess.Popen(["true"])  # noqa: ASYNC220, TID251 - nobody keeps it
        await all_reaped()
        assert other.wait(60) == 0  # noqa: ASYNC222 - it was reaped: Popen makes 0 of that


async def test_what_cannot_be_started_leaves_no_trace() -> None:
    async with reaping() as children:
        for _ in range(3):
            with pytest.raises(PluginUnusable):
                await children.by_exec(Command(argv=("/nonexistent",), env={}))
        process = await children.by_exec(shell("exit 6"))
        await drain(process)
        assert await process.wait() == 6


async def test_a_wait_that_is_given_up_leaves_the_child_to_be_reaped() -> None:
    async with reaping() as children:
        process = await children.by_exec(shell("sleep 60"))
        with trio.move_on_after(0):
            await process.wait()
        os.killpg(process.pid, signal.SIGKILL)
        await drain(process)
        await all_reaped()
        await process.wait()  # too late for the code, but no error


AS_INIT = """
import os, trio
from botkube.plugins.children import Children
from tests.real.plugins.test_children import LEAVE, all_reaped, drain, shell

async def main():
    assert os.getpid() == 1
    children = Children()
    with trio.fail_after(60):
        async with trio.open_nursery() as nursery:
            await nursery.start(children.run)
            process = await children.by_exec(shell(LEAVE))
            await drain(process)
            print(await process.wait())
            await all_reaped()
            nursery.cancel_scope.cancel()

trio.run(main)
"""


def test_as_process_1_of_a_container() -> None:
    isolate = ["unshare", "--pid", "--fork", "--mount-proc", "--kill-child"]
    if os.geteuid() != 0:
        isolate += ["--user", "--map-root-user"]
    if subprocess.run([*isolate, "true"], capture_output=True, check=False).returncode != 0:
        pytest.skip("unshare (util-linux) cannot make a pid namespace here")
    done = subprocess.run(
        [*isolate, sys.executable, "-c", AS_INIT],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "3\n", "")
