"""The process alone: kill cycles, and cancelling its start and stop at every checkpoint."""

import os
import signal
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import msgspec
import pytest
import trio

from botkube.model.plugin import parse_plugin_key
from botkube.plugins.catalog import Program
from botkube.plugins.errors import PluginFailed, PluginUnusable
from botkube.plugins.host import Launch, PluginHost
from botkube.plugins.life import Timing
from botkube.plugins.output import PluginOutput
from botkube.plugins.place import open_place
from botkube.plugins.process import open_process
from botkube.plugins.slot import PluginSlot
from botkube.plugins.spawn import Command
from botkube.runtime.override import override
from botkube.runtime.policy import Backoff
from tests.fakes.plugins.lender import open_lender
from tests.fakes.plugins.rig import (
    Rig,
    gone,
    living_tasks,
    quick_policy,
    raw,
    report,
    tasks_back_to,
)

pytestmark = pytest.mark.real

KEY = parse_plugin_key("executor", "fake/x")


class Status:
    """Sees that the plugin is useful, and ends it then."""

    def __init__(self, scope: trio.CancelScope) -> None:
        self._scope = scope
        self.was_started = False

    def started(self, value: None = None) -> None:
        self.was_started = True
        self._scope.cancel(reason="it works")


async def one_life(
    rig: Rig,
    program: Program,
    timing: Timing | None = None,
    status: Status | None = None,
) -> str:
    """Run the body once, without a supervisor, until it fails; the text of the failure."""
    rig.programs["x"] = program
    host = PluginHost(Launch(key=KEY), PluginSlot(KEY), rig.settings(timing or Timing()))
    try:
        await host.run(task_status=status or trio.TASK_STATUS_IGNORED)
    except PluginFailed as error:
        return str(error)
    raise AssertionError("the body returned")


@pytest.mark.alone
async def test_a_hundred_kill_cycles_leave_nothing(rig: Rig) -> None:
    policy = msgspec.structs.replace(quick_policy(restarts=1000), backoff=Backoff(0.001, 0.001))
    async with open_lender(rig.root) as program:
        tasks, begin = living_tasks(), trio.current_time()
        async with rig.running({"x": program}, rig.settings(Timing(), policy)):
            for cycle in range(100):
                await rig.slots["x"].lease()
                os.killpg(rig.recorded("x"), signal.SIGKILL)
                await rig.happens(lambda n=cycle: len(rig.failures("x")) > n)  # type: ignore[misc]
            await rig.slots["x"].lease()
            assert set(rig.failures("x")) == {"the plugin was killed by SIGKILL"}
        report(f"100 kill -9 cycles: {trio.current_time() - begin:.2f} s")
        await tasks_back_to(tasks)


class CancelAtCheckpoint(trio.abc.Instrument):
    """Cancels a scope at the n-th time that a task is about to run."""

    def __init__(self, scope: trio.CancelScope, at: int) -> None:
        self._scope = scope
        self._left = at

    @override
    def before_task_step(self, task: trio.lowlevel.Task) -> None:
        self._left -= 1
        if self._left == 0:
            self._scope.cancel(reason="every checkpoint is tried")


async def cancelled_at(rig: Rig, program: Program, step: int, timing: Timing) -> bool:
    """Cancel one life at a checkpoint; False if it was over or working before."""
    tasks = living_tasks()
    with trio.CancelScope() as scope:
        status = Status(scope)
        instrument = CancelAtCheckpoint(scope, step)
        trio.lowlevel.add_instrument(instrument)
        try:
            await one_life(rig, program, timing, status)
        finally:
            trio.lowlevel.remove_instrument(instrument)
    await tasks_back_to(tasks)
    await gone(rig.processes)
    assert not list(rig.record_dir.iterdir())
    return scope.cancelled_caught and not status.was_started


async def cancelled_everywhere(rig: Rig, program: Program, timing: Timing) -> int:
    step = 1
    while await cancelled_at(rig, program, step, timing):
        step += 1
    return step - 1


@pytest.mark.parametrize("mode", ["early-exit", "silent", "leaves-grandchild"])
async def test_cancelling_anywhere_leaves_nothing(rig: Rig, mode: str) -> None:
    steps = await cancelled_everywhere(rig, raw(mode), Timing(start=0.05, stop_grace=0.05))
    report(f"{mode}: cancelled at {steps} checkpoints")
    assert steps > 5


async def test_cancelling_anywhere_around_the_connection_leaves_nothing(rig: Rig) -> None:
    async with open_lender(rig.root) as program:
        steps = await cancelled_everywhere(rig, program, Timing(stop_grace=0.01))
    report(f"up to the first health check: cancelled at {steps} checkpoints")
    assert steps > 20


async def test_what_is_no_program_says_so(rig: Rig) -> None:
    text = rig.root / "text"
    text.write_text("just text")
    for path, why in [
        (rig.root / "absent", "No such file"),
        (text, "Permission denied"),
        (rig.root, "Permission denied"),
    ]:
        with pytest.raises(PluginUnusable, match=f"cannot start {path}: {why}"):
            await one_life(rig, Program(argv=(str(path),)))
    text.chmod(0o755)
    with pytest.raises(PluginUnusable, match="Exec format error"):
        await one_life(rig, Program(argv=(str(text),)))


async def test_its_surroundings(rig: Rig) -> None:
    """Own group, nothing on stdin, bounded descriptors, none of ours, its own directory."""
    look = (
        "import os, resource, sys; sys.stderr.write(repr((os.getpgid(0) == os.getpid(), sys.stdin.read(),"
        " resource.getrlimit(resource.RLIMIT_NOFILE), sorted(os.listdir('/proc/self/fd'))[:-1],"
        " os.stat(os.environ['TMPDIR']).st_mode & 0o777))); sys.exit(1)"
    )
    text = await one_life(rig, Program(argv=(sys.executable, "-I", "-S", "-c", look)))
    assert text.endswith("(True, '', (16384, 16384), ['0', '1', '2'], 448)")


async def test_a_runtime_directory_too_long_for_sockets_is_refused(rig: Rig) -> None:
    rig.root = rig.root / ("long" * 20)
    with pytest.raises(PluginUnusable, match="too long for the sockets"):
        await one_life(rig, raw("silent"))
    rig.root = rig.root.parent


@asynccontextmanager
async def stopping(rig: Rig) -> AsyncGenerator[trio.Nursery]:
    async with trio.open_nursery() as nursery:
        yield nursery
        nursery.cancel_scope.cancel()


async def test_stopping_one_that_is_still_starting_goes_down_the_ladder(rig: Rig) -> None:
    rig.programs["x"] = raw("stubborn")
    async with stopping(rig) as nursery:
        nursery.start_soon(one_life, rig, raw("stubborn"), Timing(stop_grace=0.2))
        with trio.fail_after(100):
            while len(rig.processes()) < 2:  # noqa: ASYNC110 - no event tells that a grandchild is up
                await trio.sleep(0.01)
        begin = trio.current_time()
    assert 0.2 <= trio.current_time() - begin < 30


async def test_it_is_reaped_however_long_the_search_for_others_takes(rig: Rig) -> None:
    limiter = trio.to_thread.current_default_thread_limiter()
    output = PluginOutput(KEY, trio.current_time)
    busy = [object() for _ in range(int(limiter.available_tokens))]
    async with open_place(str(KEY), rig.runtime_dir, rig.record_dir) as place:
        command = Command(argv=("/bin/sleep", "60"), env={}, grace=0.01)
        try:
            async with open_process(command, place, output) as process:
                for thread in busy:  # none is left for the search
                    limiter.acquire_on_behalf_of_nowait(thread)
            assert process.exit_code == -signal.SIGTERM
        finally:
            for thread in busy:
                limiter.release_on_behalf_of(thread)
