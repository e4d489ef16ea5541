import sys
from pathlib import Path

import pytest

from botkube.plugins.catalog import Program
from botkube.plugins.limits import Limits
from botkube.plugins.sandbox import SYSTEM, Sandbox, own_files
from botkube.runtime.privileges import User

LIMITS = Limits(open_files=99, processes=9)


def test_what_is_left_to_a_program_of_others(tmp_path: Path) -> None:
    link = tmp_path / "plugin"
    link.symlink_to("/usr/bin/true")
    program = Program(argv=(str(link), "x"), dependency_dir="/cache/x_deps")
    sandbox = Sandbox(
        user=User(1, 2), view="mounts", readable=("/srv",), writable=("/data",), hidden=("/state",)
    )
    found = sandbox.confinement(program, tmp_path / "bk-1", LIMITS, "/cgroup/cgroup.procs")
    real = str(Path("/usr/bin/true").resolve())
    assert found.own == (str(link), real, "/cache/x_deps")
    assert found.directory == str(tmp_path / "bk-1")
    assert set(found.readable) >= {*SYSTEM, "/srv"}
    assert (found.writable, found.hidden) == (("/data",), ("/state",))
    assert (found.user, found.view, found.network) == (User(1, 2), "mounts", True)
    assert (found.cgroup, found.open_files, found.processes) == ("/cgroup/cgroup.procs", 99, 9)


def test_processes_are_not_counted_together_with_ours() -> None:
    program = Program(argv=("/bin/true",))
    found = Sandbox(user=None).confinement(program, Path("/run/bk-1"), LIMITS)
    assert (found.open_files, found.processes) == (99, 0)


def test_the_directory_of_the_resolver_is_readable() -> None:
    found = Sandbox().confinement(Program(argv=("/bin/true",)), Path("/run/bk-1"), LIMITS)
    assert str(Path("/etc/resolv.conf").resolve().parent) in found.readable


def test_home_directories_are_not() -> None:
    assert not {path for path in SYSTEM if path.startswith(("/home", "/root", "/var/lib/botkube"))}


def test_our_own_program_is_what_python_needs() -> None:
    found = Sandbox().confinement(Program(argv=(sys.executable,), own=True), Path("/x"), LIMITS)
    import trio  # noqa: PLC0415 - where what is installed is

    for needed in (sys.executable, trio.__file__, __file__):
        path = Path(needed).resolve()
        assert any(path == Path(own) or Path(own) in path.parents for own in found.own)


def test_our_own_program_frozen_is_its_file_and_what_it_unpacked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, "_MEIPASS", "/tmp/_MEI1", raising=False)
    assert list(own_files()) == [str(Path(sys.executable).resolve()), "/tmp/_MEI1"]
