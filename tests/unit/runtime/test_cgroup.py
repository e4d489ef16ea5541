"""On an ordinary directory tree with the same files; `tests/real/runtime/test_cgroup.py` has a real one."""

import shutil
from pathlib import Path

import pytest

from botkube.runtime.cgroup import Bounds, CannotLimit, ControlGroups, divide, find_own

US = 4711
ALL = Bounds(cpus=1.5, memory=512 << 20, processes=99)


@pytest.fixture
def own(tmp_path: Path) -> Path:
    (tmp_path / "cgroup.controllers").write_text("cpuset cpu io memory pids\n")
    (tmp_path / "cgroup.procs").write_text(f"{US}\n")
    (tmp_path / "cgroup.subtree_control").write_text("")
    return tmp_path


def divided(own: Path) -> ControlGroups:
    return divide(own, lambda pid: pid == US, shutil.rmtree)


def contents(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in folder.iterdir() if path.is_file()}


def test_we_move_to_a_leaf_and_enable_what_there_is(own: Path) -> None:
    groups = divided(own)
    assert (own / "agent" / "cgroup.procs").read_text() == str(US)
    assert (own / "cgroup.subtree_control").read_text() == "+cpu +memory +pids"
    assert groups.lacking(ALL) == ()


def test_the_bounds_of_a_group(own: Path) -> None:
    group = divided(own).make("executor-x", ALL)
    assert group.path == own / "plugin-executor-x"
    assert contents(group.path) == {
        "cpu.max": "150000 100000",
        "memory.max": str(512 << 20),
        "memory.swap.max": "0",
        "memory.oom.group": "1",
        "pids.max": "99",
    }
    group.join(12)
    assert group.entrance == str(group.path / "cgroup.procs")
    assert Path(group.entrance).read_text() == "12"
    group.kill()
    assert (group.path / "cgroup.kill").read_text() == "1"
    assert group.remove(0)
    assert group.remove(0)  # it is gone, however that came
    assert not group.path.exists()


def test_nothing_is_written_that_is_not_wanted_or_not_there(own: Path) -> None:
    (own / "cgroup.controllers").write_text("pids")
    groups = divided(own)
    assert groups.lacking(ALL) == ("cpus", "memory")
    assert groups.lacking(Bounds(processes=1)) == ()
    assert contents(groups.make("x", ALL).path) == {"pids.max": "99"}
    assert contents(groups.make("y", Bounds()).path) == {}


def test_one_that_cannot_be_bounded_is_not_left(own: Path) -> None:
    groups = divided(own)
    (own / "plugin-x" / "memory.max").mkdir(parents=True)
    with pytest.raises(IsADirectoryError):
        groups.make("x", ALL)
    assert not (own / "plugin-x").exists()


@pytest.mark.parametrize(
    ("events", "told"), [("low 0\noom 2\noom_kill 1\n", True), ("oom 2\noom_kill 0\n", False)]
)
def test_a_kill_for_memory_is_told(own: Path, events: str, *, told: bool) -> None:
    group = divided(own).make("x", ALL)
    assert not group.memory_used_up()
    (group.path / "memory.events").write_text(events)
    assert group.memory_used_up() == told


def test_other_programs_are_left_where_they_are(own: Path) -> None:
    (own / "cgroup.procs").write_text(f"{US}\n815\n")
    with pytest.raises(CannotLimit, match=r"other programs are in our .*, such as process 815"):
        divided(own)
    assert not (own / "agent").exists()


def test_without_controllers_there_is_nothing_to_divide(own: Path) -> None:
    (own / "cgroup.controllers").write_text("hugetlb misc\n")
    with pytest.raises(CannotLimit, match="has none of the controllers cpu, memory, pids"):
        divided(own)
    assert not (own / "agent").exists()


def test_what_is_not_ours_to_divide(own: Path) -> None:
    (own / "cgroup.subtree_control").unlink()
    (own / "cgroup.subtree_control").mkdir()
    with pytest.raises(CannotLimit, match=r"is not ours to divide: Is a directory"):
        divided(own)


def test_what_an_earlier_run_left_goes(own: Path) -> None:
    (own / "plugin-old").mkdir()
    (own / "plugin-old" / "cgroup.procs").touch()
    (own / "other").mkdir()
    divided(own)
    assert sorted(path.name for path in own.iterdir() if path.is_dir()) == ["agent", "other"]


MOUNTS = """25 1 0:23 / /sys rw - sysfs sysfs rw
30 25 0:26 {root} /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw
"""


@pytest.mark.parametrize(
    ("root", "inside", "found"),
    [
        ("/", "/system.slice/botkube.service", "/sys/fs/cgroup/system.slice/botkube.service"),
        ("/", "/", "/sys/fs/cgroup"),
        ("/docker/abc", "/docker/abc", "/sys/fs/cgroup"),
        ("/docker/abc", "/docker/abc/init", "/sys/fs/cgroup/init"),
    ],
)
def test_where_our_group_is(tmp_path: Path, root: str, inside: str, found: str) -> None:
    (tmp_path / "cgroup").write_text(f"4:memory:/x\n0::{inside}\n")
    (tmp_path / "mountinfo").write_text(MOUNTS.format(root=root))
    assert find_own(tmp_path) == Path(found)


@pytest.mark.parametrize("groups", ["4:memory:/x\n", "0::/x\n"])
def test_a_system_without_them(tmp_path: Path, groups: str) -> None:
    (tmp_path / "cgroup").write_text(groups)
    (tmp_path / "mountinfo").write_text("25 1 0:23 / /sys rw - sysfs sysfs rw\n")
    with pytest.raises(CannotLimit, match="shows no cgroup v2"):
        find_own(tmp_path)
    with pytest.raises(CannotLimit):
        find_own(tmp_path / "absent")
