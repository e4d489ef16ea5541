import os
from pathlib import Path

import pytest

from botkube.plugins.processes import boot_id, start_time
from botkube.plugins.records import Record, read_record, remove_record, still_runs, write_record


def ourselves() -> Record:
    started = start_time(os.getpid())
    assert started
    boot = boot_id()
    return Record(plugin="x/y", directory="/run/bk-1", boot=boot, pid=os.getpid(), start=started)


def test_what_is_written_is_read_and_private(tmp_path: Path) -> None:
    path = tmp_path / "bk-1.json"
    write_record(path, ourselves())
    assert read_record(path) == ourselves()
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [path]
    remove_record(path)
    remove_record(path)
    assert read_record(path) is None


@pytest.mark.parametrize("content", ["", "{", "[]", '{"plugin":"x/y"}', '{"unknown":1}'])
def test_a_damaged_one_is_none(tmp_path: Path, content: str) -> None:
    (tmp_path / "bk-1.json").write_text(content)
    assert read_record(tmp_path / "bk-1.json") is None


def test_identity_is_boot_number_and_start() -> None:
    record = ourselves()
    assert still_runs(record, record.boot)
    assert not still_runs(record, "another boot")
    other = Record(plugin="x/y", directory="/", boot=record.boot, pid=record.pid, start=1)
    assert not still_runs(other, record.boot)
    assert not still_runs(Record(plugin="x/y", directory="/", boot=record.boot), record.boot)
