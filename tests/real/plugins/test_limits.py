"""Limits of running plugins: each breaks what is over it, with a sentence that names the key, and nothing else."""

import os
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
import trio

from botkube.plugins.catalog import Program
from botkube.plugins.limits import Limits
from botkube.plugins.sandbox import Sandbox
from botkube.runtime.cgroup import CannotLimit, ControlGroups, find_own
from botkube.wire.errors import CallError
from tests.fakes.plugins.rig import Rig, raw, report, serving

pytestmark = pytest.mark.real

EVERY = frozenset({"cpu", "memory", "pids"})


def groups(rig: Rig) -> ControlGroups:
    folder = rig.root / "cgroup"
    folder.mkdir()
    return ControlGroups(folder, EVERY, shutil.rmtree)


def only_group(rig: Rig) -> Path:
    [found] = (rig.root / "cgroup").iterdir()
    return found


async def test_a_response_over_the_limit_fails_that_call_alone(rig: Rig) -> None:
    limits = Limits(max_message=70_000)
    async with rig.running({"a": serving()}, limits=limits):
        pid = await rig.ask("a", "pid")
        text = "message of 1000[0-9]* bytes over the limit of 70000, see plugins.limits.maxMessage"
        with pytest.raises(CallError, match=text):
            await rig.ask("a", "echo " + "x" * 100_000)
        assert await rig.ask("a", "pid") == pid
        assert len(await rig.ask("a", "echo " + "x" * 60_000)) == 60_000
    assert not rig.failures("a")


async def test_a_process_joins_its_group_and_the_group_ends_with_it(rig: Rig) -> None:
    settings = msgspec.structs.replace(rig.settings(), groups=groups(rig))
    limits = Limits(memory=512 << 20, cpus=0.5)
    async with rig.running({"a": serving()}, settings, limits=limits):
        pid = await rig.ask("a", "pid")
        group = only_group(rig)
        assert group.name.startswith("plugin-executor-fake-a-bk-")
        assert (group / "cgroup.procs").read_text() == pid
        assert (group / "cpu.max").read_text() == "50000 100000"
        os.kill(int(pid), signal.SIGKILL)
        await rig.happens(lambda: bool(rig.failures("a")))
        assert await rig.ask("a", "pid") != pid
        assert only_group(rig) != group
    assert rig.failures("a") == ["the plugin was killed by SIGKILL"]
    assert not list((rig.root / "cgroup").iterdir())


async def test_one_killed_for_its_memory_is_told_as_that(rig: Rig) -> None:
    settings = msgspec.structs.replace(rig.settings(), groups=groups(rig))
    async with rig.running({"a": serving()}, settings, limits=Limits(memory=512 << 20)):
        pid = int(await rig.ask("a", "pid"))
        (only_group(rig) / "memory.events").write_text("oom 1\noom_kill 1\n")  # as the kernel would
        os.kill(pid, signal.SIGKILL)
        await rig.happens(lambda: bool(rig.failures("a")))
    assert rig.failures("a") == [
        "the plugin used more than its 512 MiB of memory (plugins.limits.memory)"
    ]


@pytest.fixture
def hierarchy() -> Iterator[Path]:
    """Real control groups: without controllers they still hold processes together."""
    try:
        path = find_own() / f"botkube-test-{os.getpid()}"
        path.mkdir()
    except (CannotLimit, OSError) as error:
        pytest.skip(f"no cgroup v2 of our own: {error}")
    yield path
    path.rmdir()


@pytest.mark.parametrize("sandbox", [None, Sandbox()], ids=["open", "confined"])
async def test_nothing_leaves_its_group(rig: Rig, hierarchy: Path, sandbox: Sandbox | None) -> None:
    """It says where it is and leaves a child behind, in a session and with an environment of its own."""
    real = ControlGroups(hierarchy, frozenset(), Path.rmdir)
    settings = msgspec.structs.replace(rig.settings(), groups=real)
    script = "until grep -q plugin-executor /proc/self/cgroup; do sleep 0.1; done; setsid env -i sleep 300 <&- >&- 2>&- & sleep 0.1; cat /proc/self/cgroup >&2; exit 7"
    program = Program(argv=("/bin/sh", "-c", script))
    async with rig.running({"a": program}, settings, sandbox=sandbox):
        await rig.happens(lambda: bool(rig.failures("a")))
    assert f"0::/{hierarchy.name}/plugin-executor-fake-a-bk-" in rig.failures("a")[0]
    assert [path.name for path in hierarchy.iterdir() if path.is_dir()] == []  # so nobody is in it


async def test_each_has_its_own_number_of_open_files(rig: Rig) -> None:
    show = Program(argv=("/bin/sh", "-c", "ulimit -n >&2; exit 7"))
    for sandbox in (None, Sandbox()):
        name = "b" if sandbox else "a"
        limits = Limits(open_files=321)
        async with rig.running({name: show}, limits=limits, sandbox=sandbox):
            await rig.happens(lambda n=name: bool(rig.failures(n)))  # type: ignore[misc]
    assert rig.failures("b")[0] == "the plugin exited with code 7; its last words: 321"


async def test_the_rate_of_output(rig: Rig) -> None:
    took = {}
    for name, rate in (("slow", 8 << 20), ("fast", 512 << 20)):
        begin = trio.current_time()
        async with rig.running({name: raw("floods")}, limits=Limits(stdio_rate=rate)):
            await rig.happens(lambda n=name: bool(rig.failures(n)))  # type: ignore[misc]
        took[name] = trio.current_time() - begin
    report(f"64 MiB at 8 MiB/s: {took['slow']:.1f} s, at 512 MiB/s: {took['fast']:.1f} s")
    assert took["slow"] > 7
    assert took["fast"] < took["slow"]
