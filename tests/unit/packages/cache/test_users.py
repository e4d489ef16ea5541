"""Lock files that use one cache."""

from pathlib import Path

import pytest

from botkube.model.plugin import parse_plugin_key
from botkube.packages.cache.lockfile import Lock, Locked, LockedFile, LockedFiles, write_lock
from botkube.packages.cache.objects import add_object, collect, downloads, object_path
from botkube.packages.cache.users import locks_of, sign_up
from botkube.packages.errors import PackageRefused

KEY = parse_plugin_key("executor", "r/p")


def test_what_a_lock_file_names_stays_for_as_long_as_it_is_there(tmp_path: Path) -> None:
    root, file = tmp_path / "root", tmp_path / "plugins.lock"
    root.mkdir()
    fresh = downloads(root) / "fresh.new"
    fresh.write_bytes(b"x")
    sha256, size = add_object(root, fresh)
    files = LockedFiles(plugin=LockedFile(url="u", download="d", sha256=sha256, size=size))
    lock = Lock().put(KEY, Locked(version="v1", index="i", platforms={"l/a": files}))
    write_lock(file, lock)
    for _ in range(2):
        sign_up(root, file)
    assert locks_of(root) == [lock]
    assert collect(root, Lock(), 0) == []
    file.write_text("{")
    with pytest.raises(PackageRefused, match="is damaged"):
        collect(root, Lock(), 0)
    file.unlink()
    assert collect(root, Lock(), 0) == [sha256]
    assert not object_path(root, sha256).exists()
    assert not list((root / "locks").iterdir())


def test_a_cache_that_cannot_be_written_is_left_alone(tmp_path: Path) -> None:
    sign_up(tmp_path / "none", tmp_path / "plugins.lock")
    assert locks_of(tmp_path / "none") == []
