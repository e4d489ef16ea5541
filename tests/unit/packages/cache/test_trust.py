import os
from pathlib import Path

import pytest

from botkube.packages.cache.lockfile import LockedFile
from botkube.packages.cache.trust import check_file
from botkube.packages.errors import PackageRefused
from tests.fakes.repository import sha256

CONTENT = b"#!/bin/sh\n"
LOCKED = LockedFile(url="u", download="d", sha256=sha256(CONTENT), size=len(CONTENT))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "object"
    file.write_bytes(CONTENT)
    file.chmod(0o555)
    return file


def test_what_is_as_it_was_is_good(path: Path) -> None:
    check_file(path, LOCKED)


def test_a_change_that_hides_itself_is_seen(path: Path) -> None:
    before = path.stat()
    path.chmod(0o755)
    with path.open("r+b") as file:
        file.write(b"#!/bin/xx\n"[: len(CONTENT)])
    path.chmod(0o555)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    after = path.stat()
    same = ("st_ino", "st_size", "st_mtime_ns", "st_mode")
    assert all(getattr(before, name) == getattr(after, name) for name in same)
    with pytest.raises(PackageRefused, match="was changed after it was installed") as caught:
        check_file(path, LOCKED)
    assert LOCKED.sha256 in str(caught.value)
    assert sha256(b"#!/bin/xx\n"[: len(CONTENT)]) in str(caught.value)
    assert "botkube plugins install" in str(caught.value)


def test_what_is_no_file_of_ours_is_not_even_read(path: Path, tmp_path: Path) -> None:
    path.chmod(0o575)
    with pytest.raises(PackageRefused, match="only we can write"):
        check_file(path, LOCKED)
    path.chmod(0o555)
    link = tmp_path / "link"
    link.symlink_to(path)
    with pytest.raises(PackageRefused, match="cannot be read"):
        check_file(link, LOCKED)
    with pytest.raises(PackageRefused, match="cannot be read: No such file"):
        check_file(tmp_path / "none", LOCKED)
    with pytest.raises(PackageRefused, match="no file that only"):
        check_file(tmp_path, LOCKED)


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to give a file away")
def test_a_file_of_another_user_is_refused(path: Path) -> None:
    os.chown(path, 12345, 12345)
    with pytest.raises(PackageRefused, match="belongs to user 12345"):
        check_file(path, LOCKED)
