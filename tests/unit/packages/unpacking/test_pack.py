"""Executables in archives: the same bytes each time, and out again as an install has it."""

import tarfile
from pathlib import Path

import pytest

from botkube.packages.errors import PackageRefused
from botkube.packages.unpacking.pack import holds, pack, take_out
from tests.fakes.archives import PLUGIN, zipped


def test_the_same_for_the_same_executable(tmp_path: Path) -> None:
    binary = tmp_path / "executor_p_linux_amd64"
    binary.write_bytes(PLUGIN)
    archives = [tmp_path / name for name in ("one.tar.gz", "two.tar.gz")]
    for number, archive in enumerate(archives):
        archive.write_text("an older one")
        binary.touch()
        binary.chmod(0o700 + number)
        pack(binary, archive)
    assert archives[0].read_bytes() == archives[1].read_bytes()
    with tarfile.open(archives[0]) as tar:
        (member,) = tar.getmembers()
    assert (member.name, member.mode, member.mtime) == (binary.name, 0o755, 0)
    take_out(archives[0], "tar.gz", tmp_path / "out")
    assert (tmp_path / "out").read_bytes() == PLUGIN
    assert holds(archives[0], "tar.gz", binary, tmp_path)
    binary.write_text("changed")
    assert not holds(archives[0], "tar.gz", binary, tmp_path)
    assert sorted(p.name for p in tmp_path.iterdir()) == [
        "executor_p_linux_amd64",
        "one.tar.gz",
        "out",
        "two.tar.gz",
    ]


def test_an_archive_without_an_executable_holds_none(tmp_path: Path) -> None:
    archive, binary = tmp_path / "a.zip", tmp_path / "b"
    binary.write_bytes(PLUGIN)
    archive.write_bytes(zipped({"README.md": b"x"}))
    assert not holds(archive, "zip", binary, tmp_path)
    with pytest.raises(PackageRefused, match="no file that can be a plugin"):
        take_out(archive, "zip", tmp_path / "out")
