import os
import sys
from pathlib import Path

import pytest

from botkube.plugins.unpacked import (
    MARKER,
    mark_unpack_dir,
    own_unpack_dir,
    share_unpack_dir,
    sweep_unpack_dirs,
)


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


def test_other_users_may_be_let_in(unpacked: Path, tmp_path: Path) -> None:
    (unpacked / "lib" / "module.so").touch(mode=0o700)
    (unpacked / "data").touch(mode=0o600)
    (tmp_path / "elsewhere").touch(mode=0o600)
    (unpacked / "link").symlink_to(tmp_path / "elsewhere")
    for directory in (unpacked, unpacked / "lib"):
        directory.chmod(0o700)
    share_unpack_dir(unpacked)
    modes = {path.name: path.stat().st_mode & 0o777 for path in (unpacked, *unpacked.rglob("*"))}
    assert modes == {
        unpacked.name: 0o755,
        "lib": 0o755,
        "module.so": 0o755,
        "data": 0o644,
        "link": 0o600,
    }


def test_only_a_one_file_executable_has_one(monkeypatch: pytest.MonkeyPatch) -> None:
    assert own_unpack_dir() is None
    monkeypatch.setattr(sys, "_MEIPASS", "/opt/botkube/_internal", raising=False)
    assert own_unpack_dir() is None
    monkeypatch.setattr(sys, "_MEIPASS", "/tmp/_MEIabc123", raising=False)
    assert own_unpack_dir() == Path("/tmp/_MEIabc123")
