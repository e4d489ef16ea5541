import os
from pathlib import Path

import pytest
from msgspec.structs import replace

from botkube.model.plugin import parse_plugin_key
from botkube.packages.cache.lockfile import (
    Lock,
    Locked,
    LockedFile,
    LockedFiles,
    succeed,
)
from botkube.packages.cache.objects import (
    activate,
    add_object,
    collect,
    downloads,
    is_active,
    object_path,
    plugin_path,
    prune,
)
from botkube.packages.errors import PackageFailed

KEY = parse_plugin_key("executor", "r/p")
NOW = 2_000_000_000.0


def add(root: Path, content: bytes) -> LockedFile:
    fresh = downloads(root) / "fresh.new"
    fresh.write_bytes(content)
    sha256, size = add_object(root, fresh)
    return LockedFile(url="u", download="d", sha256=sha256, size=size)


def version(root: Path, name: str, **dependencies: bytes) -> Locked:
    files = LockedFiles(
        plugin=add(root, name.encode()),
        dependencies={n: add(root, content) for n, content in dependencies.items()},
    )
    return Locked(version=name, index="i", platforms={"l/a": files})


def place(root: Path, locked: Locked) -> Path:
    activate(root, KEY, locked.version, locked.platforms["l/a"])
    return plugin_path(root, KEY, locked.version)


def tree(root: Path) -> set[str]:
    return {str(p.relative_to(root)) for p in root.rglob("*") if not p.is_dir()}


def test_an_executable_is_kept_once_and_read_only(tmp_path: Path) -> None:
    one, two = add(tmp_path, b"same"), add(tmp_path, b"same")
    assert one == two
    path = object_path(tmp_path, one.sha256)
    assert (path.read_bytes(), path.stat().st_mode & 0o7777, one.size) == (b"same", 0o555, 4)
    assert tree(tmp_path) == {f"objects/sha256/{one.sha256}"}


def test_the_originals_paths_are_links(tmp_path: Path) -> None:
    locked = version(tmp_path, "v1", tool=b"tool")
    path = place(tmp_path, locked)
    assert path == tmp_path / "r" / "executor_v1_p"
    assert (path.read_bytes(), os.access(path, os.X_OK)) == (b"v1", True)
    assert (tmp_path / "r" / "executor_v1_p_deps" / "tool").read_bytes() == b"tool"
    assert path.samefile(object_path(tmp_path, locked.platforms["l/a"].plugin.sha256))
    assert is_active(tmp_path, KEY, "v1", locked.platforms["l/a"])


def test_what_was_there_is_replaced_and_what_is_not_ours_is_left(tmp_path: Path) -> None:
    locked = version(tmp_path, "v1", tool=b"tool")
    folder = tmp_path / "r" / "executor_v1_p_deps"
    folder.mkdir(parents=True)
    plugin_path(tmp_path, KEY, "v1").write_text("by hand")
    (folder / "tool").write_text("by hand")
    (folder / "mine").write_text("by hand")
    (folder / "old").hardlink_to(object_path(tmp_path, add(tmp_path, b"old").sha256))
    assert not is_active(tmp_path, KEY, "v1", locked.platforms["l/a"])
    path = place(tmp_path, locked)
    assert path.read_bytes() == b"v1"
    assert {p.name: p.read_bytes() for p in folder.iterdir()} == {
        "tool": b"tool",
        "mine": b"by hand",
    }


def test_a_folder_in_the_place_of_a_plugin_is_named(tmp_path: Path) -> None:
    locked = version(tmp_path, "v1")
    plugin_path(tmp_path, KEY, "v1").mkdir(parents=True)  # as the original left them
    with pytest.raises(PackageFailed, match="executor_v1_p"):
        place(tmp_path, locked)


def test_what_nothing_leads_to_is_collected(tmp_path: Path) -> None:
    first, second = version(tmp_path, "v1", tool=b"t1"), version(tmp_path, "v2", tool=b"t2")
    third = version(tmp_path, "v3", tool=b"t2")
    for each in (first, second, third):
        place(tmp_path, each)
    lone = add(tmp_path, b"lone")
    other = plugin_path(tmp_path, replace(KEY, name="other"), "v1")
    other.write_text("by hand")
    lock = Lock().put(KEY, succeed(second, third))
    removed = collect(tmp_path, lock, NOW)
    assert set(removed) == {
        "r/executor_v1_p",
        lone.sha256,
        *(f.sha256 for f in first.platforms["l/a"].all.values()),
    }
    for each in (second, third):
        assert is_active(tmp_path, KEY, each.version, each.platforms["l/a"])
    assert not (tmp_path / "r" / "executor_v1_p_deps").exists()
    assert other.read_text() == "by hand"
    assert collect(tmp_path, lock, NOW) == []


def test_what_is_locked_stays_without_links_and_what_is_not_goes(tmp_path: Path) -> None:
    locked = version(tmp_path, "v1", tool=b"t")
    assert collect(tmp_path, Lock().put(KEY, locked), NOW) == []
    place(tmp_path, locked)
    assert len(collect(tmp_path, Lock(), NOW)) == 3
    assert tree(tmp_path) == set()


def test_one_plugin_is_pruned_by_itself(tmp_path: Path) -> None:
    place(tmp_path, version(tmp_path, "v1"))
    place(tmp_path, version(tmp_path, "v2"))
    assert prune(tmp_path, [Lock()], replace(KEY, name="q")) == []
    assert prune(tmp_path, [Lock()], replace(KEY, kind="source")) == []
    assert prune(
        tmp_path, [Lock().put(replace(KEY, version="^1"), version(tmp_path, "v1"))], KEY
    ) == ["r/executor_v2_p"]


def test_left_downloads_go_after_a_week_and_halves_at_once(tmp_path: Path) -> None:
    folder = downloads(tmp_path)
    for name, age in (("a.part", 8), ("b.part", 1), ("b.json", 1), ("c.new", 0)):
        (folder / name).touch()
        os.utime(folder / name, (0, NOW - age * 86_400))
    (tmp_path / "r").mkdir()
    (tmp_path / "r" / ".executor_v1_p.1.new").symlink_to("nowhere")
    (tmp_path / ".r.yaml.1.new").touch()
    collect(tmp_path, Lock(), NOW)
    assert tree(tmp_path) == {"downloads/b.part", "downloads/b.json"}


def test_a_cache_that_is_not_there_is_clean(tmp_path: Path) -> None:
    assert collect(tmp_path / "none", Lock(), NOW) == []
