from pathlib import Path

import pytest

from botkube.plugins.errors import PluginFailed, PluginUnusable
from botkube.plugins.place import Place, open_place
from botkube.plugins.records import Record, read_record


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
