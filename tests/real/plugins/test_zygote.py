"""Built-in plugins from a warm parent: like any other plugin, whatever happens to either."""

import os
import resource
import signal
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest
import trio

from botkube.plugins.output import PluginOutput
from botkube.plugins.place import open_place
from botkube.plugins.process import open_process
from botkube.plugins.spawn import Command
from botkube.plugins.sweep import sweep
from botkube.wire.handshake import launch_variables
from tests.fakes.cancelling import cancelled_at
from tests.fakes.forking import own_children
from tests.fakes.plugins.rig import Rig, living_tasks, open_rig, process_end, report, tasks_back_to
from tests.fakes.plugins.warm import (
    COMMAND,
    ECHO,
    KEY,
    Warm,
    command_line,
    is_forked,
    stubborn,
    warm,
)

pytestmark = pytest.mark.real


async def one_cycle(rig: Rig, parent: Warm) -> float:
    """Start echo, see its handshake, stop it; how long it took to that."""
    output = PluginOutput(KEY, trio.current_time)
    async with open_place("builtin/echo", rig.runtime_dir, rig.record_dir) as place:
        env = {**launch_variables(), "PLUGIN_UNIX_SOCKET_DIR": str(place.directory)}
        begin = trio.current_time()
        command = Command(argv=ECHO.argv, env=env)
        async with open_process(command, place, output, parent.zygote.spawn) as process:
            assert await process.first_line()
            took = trio.current_time() - begin
            assert is_forked(process.pid)
        assert process.exit_code == -signal.SIGTERM
    return took


async def test_a_hundred_starts_and_stops_leave_nothing() -> None:
    times: list[float] = []

    async def cycles(rig: Rig, parent: Warm) -> None:
        for _ in range(25):
            times.extend([await one_cycle(rig, parent)])

    with trio.fail_after(60):  # they take 4 s on a machine that has nothing else to do
        async with open_rig() as rig, warm() as parent:
            await parent.ready()
            tasks = living_tasks()
            async with trio.open_nursery() as nursery:
                for _ in range(4):
                    nursery.start_soon(cycles, rig, parent)
            times.sort()
            report(f"start to handshake, 4 at once: median {times[50] * 1000:.1f} ms")
            await tasks_back_to(tasks)
            assert own_children() == [parent.pid]


async def test_cancelled_anywhere_a_start_leaves_nothing(rig: Rig) -> None:
    async with warm() as parent:
        await parent.ready()
        tasks = living_tasks()
        cut_off = []
        for step in range(1, 15):  # the later ones are in the shielded end
            cut_off.append(await cancelled_at(step, partial(one_cycle, rig, parent)))
            assert rig.processes() == []
            await tasks_back_to(tasks)
        assert cut_off[:4] == [True] * 4
        assert not cut_off[-1]
        assert not list(rig.record_dir.iterdir())
        assert not list(rig.runtime_dir.iterdir())


async def test_a_plugin_is_seen_as_what_it_is(rig: Rig) -> None:
    async with warm() as parent, rig.running({"x": ECHO}, parent.settings(rig)):
        assert "echo hi" in await rig.ask("x", "echo hi")
        pid = rig.recorded("x")
        assert command_line(pid) == [b"botkube", b"plugin", b"serve", b"echo"]
        assert rig.processes() == [pid]
        assert resource.prlimit(pid, resource.RLIMIT_NOFILE) == (16384, 16384)
        assert command_line(parent.pid)[-2:] == [b"plugin", b"zygote"]
        assert len(list(Path(f"/proc/{parent.pid}/task").iterdir())) == 1


async def test_a_killed_plugin_is_started_again_and_its_end_is_known(rig: Rig) -> None:
    async with warm() as parent, rig.running({"x": ECHO}, parent.settings(rig)):
        for times in (1, 2):
            await rig.slots["x"].lease()
            os.kill(rig.recorded("x"), signal.SIGKILL)
            await rig.happens(lambda n=times: len(rig.failures("x")) == n)  # type: ignore[misc]
        await rig.slots["x"].lease()
        assert rig.failures("x") == ["the plugin was killed by SIGKILL"] * 2
        assert is_forked(rig.recorded("x"))


async def test_a_killed_warm_parent_harms_no_plugin_and_comes_back(rig: Rig) -> None:
    async with warm() as parent, rig.running({"x": ECHO, "y": ECHO}, parent.settings(rig)):
        before = {name: rig.recorded(name) for name in "xy" if await rig.ask(name, "echo hi")}
        os.kill(parent.pid, signal.SIGKILL)
        await parent.failed()
        for name in "xy":
            assert "echo still here" in await rig.ask(name, "echo still here")
        await parent.ready()
        os.kill(before["x"], signal.SIGKILL)
        await rig.happens(lambda: len(rig.failures("x")) == 1)
        assert "echo again" in await rig.ask("x", "echo again")
        assert is_forked(rig.recorded("x"))
        assert rig.recorded("y") == before["y"]
        assert rig.failures("y") == []
        assert parent.failures == ["the warm parent of built-in plugins ended"]


async def test_a_silent_one_is_replaced_and_the_plugin_starts_by_exec(rig: Rig) -> None:
    async with warm() as parent:
        await parent.ready()
        os.kill(parent.pid, signal.SIGSTOP)
        async with rig.running({"x": ECHO}, parent.settings(rig)):
            assert "echo hi" in await rig.ask("x", "echo hi")
            assert not is_forked(rig.recorded("x"))
            await parent.failed()
            await parent.ready()
            os.killpg(rig.recorded("x"), signal.SIGKILL)
            await rig.happens(lambda: len(rig.failures("x")) == 1)
            await rig.slots["x"].lease()
            assert is_forked(rig.recorded("x"))


def says(*packets: str) -> tuple[str, ...]:
    """A program that says this on its socket, and nothing more."""
    code = "import socket, time; control = socket.socket(fileno=0)"
    for packet in packets:
        code += f"; control.send({packet.encode()!r})"
    return (sys.executable, "-IS", "-c", f"{code}; time.sleep(60)")


@pytest.mark.parametrize("packets", [["rubbish"], ["ready", "rubbish"]], ids=["at once", "later"])
async def test_one_that_talks_nonsense_is_replaced(rig: Rig, packets: list[str]) -> None:
    async with warm(says(*packets)) as parent:
        await parent.failed()
        assert parent.failures[0] == "the warm parent of built-in plugins said b'rubbish'"
        async with rig.running({"x": ECHO}, parent.settings(rig)):
            assert "echo hi" in await rig.ask("x", "echo hi")
            assert not is_forked(rig.recorded("x"))


async def test_why_one_cannot_start_is_told(rig: Rig) -> None:
    async with warm((sys.executable, "-c", "raise SystemExit('no such thing')")) as parent:
        await parent.failed()
        text = "the warm parent of built-in plugins ended: no such thing"
        assert parent.failures[0] == text
        async with rig.running({"x": ECHO}, parent.settings(rig)):
            assert "echo hi" in await rig.ask("x", "echo hi")


async def test_what_a_plugin_started_goes_with_it(rig: Rig) -> None:
    async with stubborn(rig):
        assert len(rig.processes()) == 3
    assert rig.processes() == []


HOST = """
import sys, trio
from pathlib import Path
from tests.fakes.plugins.rig import Rig
from tests.fakes.plugins.warm import ECHO, stubborn, warm
async def echo(rig):
    async with warm() as parent, rig.running({"x": ECHO}, parent.settings(rig)):
        await rig.slots["x"].lease()
        print(f"{parent.pid} {rig.recorded('x')}", end="", flush=True)
        await trio.sleep_forever()
async def three(rig):
    async with stubborn(rig):
        print("1", end="", flush=True)
        await trio.sleep_forever()
trio.run(globals()[sys.argv[2]], Rig(Path(sys.argv[1])))
"""


async def killed_host(rig: Rig, what: str) -> list[int]:
    """Kill a host in the midst of it; gives processes that it had."""
    process = await trio.lowlevel.open_process(
        [sys.executable, "-c", HOST, str(rig.root), what], stdout=subprocess.PIPE
    )
    assert process.stdout
    async with process.stdout:
        said = await process.stdout.receive_some()
        process.kill()
        await process.wait()
    return [int(word) for word in said.split()]


async def test_when_the_host_is_killed_all_go(rig: Rig) -> None:
    begin = trio.current_time()
    pids = await killed_host(rig, "echo")
    assert len(pids) == 2
    for pid in pids:
        await process_end(pid)
    report(f"host up, killed, and all gone: {trio.current_time() - begin:.2f} s")
    assert rig.processes() == []
    assert await trio.to_thread.run_sync(sweep, rig.record_dir) == 0


async def test_what_does_not_go_is_swept_by_the_next_start(rig: Rig) -> None:
    await killed_host(rig, "three")
    left = rig.processes()
    assert len(left) == 3
    assert await trio.to_thread.run_sync(sweep, rig.record_dir) == 3
    for pid in left:
        await process_end(pid)


async def test_by_hand_it_says_what_it_is(tmp_path: Path) -> None:
    with (tmp_path / "empty").open("wb+") as file, trio.fail_after(100):
        done = await trio.run_process(COMMAND, stdin=file, capture_stderr=True, check=False)
    assert done.returncode == 2
    assert (
        done.stderr
        == b"botkube: `plugin zygote` is started by Botkube itself, with a socket on stdin\n"
    )
