import os
import sys
from pathlib import Path

import pytest

from botkube.plugins.unpacked import MARKER, mark_unpack_dir, own_unpack_dir, sweep_unpack_dirs


@pytest.fixture
def unpacked(tmp_path: Path) -> Path:
    directory = tmp_path / "_MEIabc123"
    (directory / "lib").mkdir(parents=True)
    return directory


def test_it_is_kept_while_one_process_uses_it(unpacked: Path) -> None:
    first = mark_unpack_dir(unpacked)
    second = mark_unpack_dir(unpacked)
    assert [path.name for path in unpacked.iterdir() if path.is_file()] == [MARKER]
    assert sweep_unpack_dirs(unpacked.parent) == ()
    os.close(first)
    assert sweep_unpack_dirs(unpacked.parent) == ()
    os.close(second)
    assert sweep_unpack_dirs(unpacked.parent) == (unpacked,)
    assert not unpacked.exists()


def test_those_of_other_programs_are_left_alone(unpacked: Path) -> None:
    assert sweep_unpack_dirs(unpacked.parent) == ()
    assert unpacked.exists()


def test_links_are_not_followed(unpacked: Path, tmp_path: Path) -> None:
    os.close(mark_unpack_dir(unpacked))
    moved = unpacked.rename(tmp_path / "elsewhere")
    (tmp_path / "_MEIlink").symlink_to(moved)
    other = tmp_path / "_MEIother"
    other.mkdir()
    (other / MARKER).symlink_to(moved / MARKER)
    assert sweep_unpack_dirs(tmp_path) == ()
    assert (moved / "lib").exists()


def test_only_a_one_file_executable_has_one(monkeypatch: pytest.MonkeyPatch) -> None:
    assert own_unpack_dir() is None
    monkeypatch.setattr(sys, "_MEIPASS", "/opt/botkube/_internal", raising=False)
    assert own_unpack_dir() is None
    monkeypatch.setattr(sys, "_MEIPASS", "/tmp/_MEIabc123", raising=False)
    assert own_unpack_dir() == Path("/tmp/_MEIabc123")
