import shutil
import signal
from pathlib import Path

import pytest

from botkube.model.plugin import parse_plugin_key
from botkube.plugins.errors import PluginFailed
from botkube.plugins.group import group_name, killed_for_memory, open_group
from botkube.runtime.cgroup import Bounds, ControlGroup, ControlGroups

EVERY = frozenset({"cpu", "memory", "pids"})


def groups(folder: Path) -> ControlGroups:
    return ControlGroups(folder, EVERY, shutil.rmtree)


def test_the_name_tells_people_and_is_no_path() -> None:
    key = parse_plugin_key("executor", "../x/a.b@v1")
    assert group_name(key, Path("/run/bk-12345678")) == "executor-__-x_a_b-bk-12345678"


async def test_it_is_there_for_the_block(tmp_path: Path) -> None:
    async with open_group(groups(tmp_path), "x", Bounds(processes=9)) as group:
        assert group is not None
        assert (tmp_path / "plugin-x" / "pids.max").read_text() == "9"
    assert not list(tmp_path.iterdir())


async def test_it_goes_with_a_failure_too(tmp_path: Path) -> None:
    with pytest.raises(LookupError):
        async with open_group(groups(tmp_path), "x", Bounds()):
            raise LookupError
    assert not list(tmp_path.iterdir())


async def test_where_there_can_be_none_there_is_none() -> None:
    async with open_group(None, "x", Bounds(memory=1)) as group:
        assert group is None


async def test_one_that_cannot_be_made_is_a_failure(tmp_path: Path) -> None:
    with pytest.raises(PluginFailed, match="cannot put the plugin under its limits"):
        async with open_group(groups(tmp_path / "absent"), "x", Bounds()):
            pass


async def test_one_that_stays_is_told(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    stubborn = ControlGroups(tmp_path, EVERY, Path.rmdir)  # it has files, which only real ones may
    async with open_group(stubborn, "x", Bounds(processes=9)):
        pass
    assert "plugin-x cannot be removed" in caplog.text


def test_only_a_killed_process_was_killed_for_its_memory(tmp_path: Path) -> None:
    group = ControlGroup(tmp_path, Path.rmdir)
    (tmp_path / "memory.events").write_text("oom_kill 1\n")
    assert killed_for_memory(-signal.SIGKILL, group)
    assert not killed_for_memory(-signal.SIGTERM, group)
    assert not killed_for_memory(None, group)
    assert not killed_for_memory(-signal.SIGKILL, None)
    (tmp_path / "memory.events").write_text("oom_kill 0\n")
    assert not killed_for_memory(-signal.SIGKILL, group)
