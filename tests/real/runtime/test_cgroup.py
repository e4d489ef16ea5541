"""On real control groups, as far as this machine has them to give."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from botkube.runtime.cgroup import Bounds, CannotLimit, ControlGroup, ControlGroups, find_own

pytestmark = pytest.mark.real

GREEDY = "import time; held = []\nwhile True: held.append(bytearray(4 << 20)); time.sleep(0.001)"
BUSY = "import time; end = time.time() + 1\nwhile time.time() < end: pass"


@pytest.fixture
def hierarchy() -> Iterator[Path]:
    """A group below ours that can have groups of its own."""
    try:
        own = find_own()
        path = own / f"botkube-test-{os.getpid()}"
        path.mkdir()
    except (CannotLimit, OSError) as error:
        pytest.skip(f"no cgroup v2 of our own: {error}")
    yield path
    for left in sorted(path.glob("*/")):
        with suppress(OSError):
            left.rmdir()
    path.rmdir()


def bounded(hierarchy: Path, name: str, bounds: Bounds) -> ControlGroup:
    """A group with one kind of bound, or no test if this machine has no controller for it."""
    parent = hierarchy.parent
    for place in (parent, hierarchy):
        try:
            (place / "cgroup.subtree_control").write_text(f"+{name}")
        except OSError as error:
            pytest.skip(f"the cgroup controller {name} cannot be had: {error.strerror}")
    return ControlGroups(hierarchy, frozenset({name}), Path.rmdir).make("x", bounds)


def started(group: ControlGroup, code: str) -> "subprocess.Popen[str]":  # noqa: TID251 - what is bounded
    join = f"open({group.entrance!r}, 'w').write('0')\n"
    return subprocess.Popen(  # noqa: TID251
        [sys.executable, "-IS", "-c", join + code], stdout=subprocess.PIPE, text=True
    )


def test_all_in_it_is_killed_and_it_goes(hierarchy: Path) -> None:
    group = ControlGroup(hierarchy / "x", Path.rmdir)
    group.path.mkdir()
    children = "import os, time\nfor _ in range(3): os.fork() or os.setsid()\n"
    with started(group, children + "print('up', flush=True); time.sleep(60)") as process:
        assert process.stdout
        assert process.stdout.readline() == "up\n"
        assert not group.remove(0.1)
        begin = time.monotonic()
        group.kill()
        assert group.remove(30)
        assert time.monotonic() - begin < 30
        assert process.wait(30) == -signal.SIGKILL


def test_a_process_is_put_into_it(hierarchy: Path) -> None:
    group = ControlGroup(hierarchy / "x", Path.rmdir)
    group.path.mkdir()
    with subprocess.Popen(["sleep", "60"]) as process:  # noqa: TID251
        group.join(process.pid)
        assert Path(f"/proc/{process.pid}/cgroup").read_text().splitlines()[-1].endswith("/x")
        group.kill()
    group.join(2**22 + 1)  # one that is gone is fine
    assert group.remove(30)


def test_one_that_uses_up_its_memory_is_killed_and_told(hierarchy: Path) -> None:
    group = bounded(hierarchy, "memory", Bounds(memory=64 << 20))
    with started(group, GREEDY) as process:
        assert process.wait(60) == -signal.SIGKILL
    assert group.memory_used_up()
    assert group.remove(30)


def test_a_part_of_a_processor(hierarchy: Path) -> None:
    group = bounded(hierarchy, "cpu", Bounds(cpus=0.2))
    with started(group, BUSY) as process:
        assert process.wait(60) == 0
    counted = dict(line.split() for line in (group.path / "cpu.stat").read_text().splitlines())
    assert int(counted["nr_throttled"]) >= 3
    assert group.remove(30)


def test_a_number_of_processes(hierarchy: Path) -> None:
    group = bounded(hierarchy, "pids", Bounds(processes=5))
    forks = "import os\nn = 0\ntry:\n  while True:\n    n += 1; os.fork() or os._exit(0)\n"
    forks = forks.replace("os._exit(0)", "__import__('time').sleep(60)")
    with started(group, forks + "except OSError as e: print(n, e.strerror)") as process:
        assert process.stdout
        assert process.stdout.readline() == "5 Resource temporarily unavailable\n"
        group.kill()
    assert group.remove(30)
