import os
from pathlib import Path

import pytest

from botkube.plugins.directories import check_own
from botkube.plugins.errors import PluginFailed, PluginUnusable
from botkube.plugins.place import Place, open_place
from botkube.plugins.records import Record, read_record
from botkube.runtime.privileges import User


async def test_it_is_private_recorded_and_goes(tmp_path: Path) -> None:
    runtime, records = Path("/tmp") / tmp_path.name, tmp_path / "records"
    try:
        async with open_place("x/y", runtime, records) as place:
            assert place.directory.stat().st_mode & 0o777 == 0o700
            [path] = records.iterdir()
            (place.directory / "left").touch()
            found = read_record(path)
            assert found
            assert (found.plugin, found.directory, found.pid) == ("x/y", str(place.directory), 0)
        assert not list(records.iterdir())
        assert not list(runtime.iterdir())
    finally:
        runtime.rmdir()


async def test_a_path_too_long_for_sockets_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PluginUnusable, match="too long for the sockets"):
        async with open_place("x/y", tmp_path / ("long" * 30), tmp_path):
            pass
    assert not list(tmp_path.iterdir())


async def test_what_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "records").touch()
    with pytest.raises(PluginFailed, match="cannot make the plugin's private directory"):
        async with open_place("x/y", Path("/tmp"), tmp_path / "records"):
            pass


def test_a_record_that_cannot_be_written_is_a_warning(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "bk-1.new").mkdir()
    record = Record(plugin="x/y", directory=str(tmp_path / "run" / "bk-1"), boot="")
    place = Place(record, tmp_path / "bk-1.json")
    place.make()
    place.record_process(1)
    place.remove()
    assert [r.levelname for r in caplog.records] == ["WARNING", "WARNING"]
    assert "a crash now would leave it running" in caplog.text
    assert not (tmp_path / "run" / "bk-1").exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to give a directory away")
async def test_a_user_of_its_own_gets_there_and_sees_nothing_else(tmp_path: Path) -> None:
    runtime = Path("/tmp") / tmp_path.name
    try:
        async with open_place("x/y", runtime, tmp_path / "records", User(61000, 61001)) as place:
            found = place.directory.stat()
            assert (found.st_uid, found.st_gid, found.st_mode & 0o777) == (61000, 61001, 0o700)
            assert runtime.stat().st_mode & 0o777 == 0o711
            check_own(runtime)
        assert not list(runtime.iterdir())
    finally:
        runtime.rmdir()
