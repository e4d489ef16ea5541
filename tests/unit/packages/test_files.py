import os
from pathlib import Path

import pytest

from botkube.packages.files import replace_file


def test_a_file_is_replaced_whole(tmp_path: Path) -> None:
    file = tmp_path / "x"
    replace_file(file, b"one", 0o600)
    before = file.stat().st_ino
    replace_file(file, b"two", 0o600)
    assert (file.read_bytes(), file.stat().st_mode & 0o777) == (b"two", 0o600)
    assert file.stat().st_ino != before
    assert [p.name for p in tmp_path.iterdir()] == ["x"]


def test_what_cannot_be_written_leaves_the_old_one(tmp_path: Path) -> None:
    file = tmp_path / "x"
    (file / "full").mkdir(parents=True)
    with pytest.raises(OSError, match=os.strerror(21)):
        replace_file(file, b"two")
    assert [p.name for p in tmp_path.iterdir()] == ["x"]
