from pathlib import Path

import pytest
from msgspec.structs import replace

from botkube.model.plugin import parse_plugin_key
from botkube.packages.cache.lockfile import Lock, Locked, LockedFiles, write_lock
from botkube.packages.cache.objects import object_path
from botkube.packages.cache.shelf import Shelf, check_names
from botkube.packages.errors import PackageRefused
from tests.fakes.shelved import stored

KEY = parse_plugin_key("executor", "r/p@^1")


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    (tmp_path / "root").mkdir()
    shelf = Shelf(
        root=tmp_path / "root", lock_file=tmp_path / "plugins.lock", platform="linux/amd64"
    )
    files = LockedFiles(
        plugin=stored(shelf.root, b"plugin"), dependencies={"tool": stored(shelf.root, b"tool")}
    )
    locked = Locked(version="v1.2", index="i", platforms={"linux/amd64": files})
    write_lock(shelf.lock_file, Lock().put(KEY, locked))
    return shelf


def test_what_is_locked_and_there_is_found_and_put_in_place(shelf: Shelf) -> None:
    found = shelf.find(KEY)
    assert found is not None
    assert found.path == shelf.root / "r" / "executor_v1.2_p"
    assert not found.path.exists()
    located = shelf.locate(KEY)
    assert located == found
    assert located is not None
    assert located.path.read_bytes() == b"plugin"
    assert (located.dependencies / "tool").read_bytes() == b"tool"


def test_another_key_version_or_platform_is_not_there(shelf: Shelf) -> None:
    assert shelf.find(parse_plugin_key("executor", "r/p")) is None
    assert shelf.find(parse_plugin_key("source", "r/p@^1")) is None
    assert replace(shelf, platform="linux/arm64").find(KEY) is None
    assert replace(shelf, lock_file=Path("/nowhere")).locate(KEY) is None


@pytest.mark.parametrize("content", [b"tool", b"plugin"])
def test_without_one_of_its_files_it_is_not_installed(shelf: Shelf, content: bytes) -> None:
    path = object_path(shelf.root, stored(shelf.root, content).sha256)
    path.unlink()
    assert shelf.find(KEY) is None
    assert shelf.locate(KEY) is None


@pytest.mark.parametrize("content", [b"tool", b"plugin"])
def test_a_changed_file_is_not_started_even_a_dependency(shelf: Shelf, content: bytes) -> None:
    path = object_path(shelf.root, stored(shelf.root, content).sha256)
    path.chmod(0o755)
    path.write_bytes(content[::-1])
    path.chmod(0o555)
    assert shelf.find(KEY) is not None
    with pytest.raises(PackageRefused, match="was changed after it was installed"):
        shelf.locate(KEY)


def test_a_link_that_was_bent_is_put_right(shelf: Shelf, tmp_path: Path) -> None:
    located = shelf.locate(KEY)
    assert located is not None
    located.path.unlink()
    located.path.symlink_to(tmp_path / "evil")
    (tmp_path / "evil").write_bytes(b"evil")
    assert shelf.locate(KEY) == located
    assert located.path.read_bytes() == b"plugin"


def test_where_a_signature_is_required_only_what_it_proved_counts(shelf: Shelf) -> None:
    signed = replace(shelf, required={"r": "key"})
    assert signed.find(KEY) is None
    assert not signed.may_be_unlocked(KEY)
    assert shelf.may_be_unlocked(KEY)
    assert replace(shelf, required={"other": "key"}).find(KEY) is not None


def test_a_lock_that_cannot_be_read_stops_it(shelf: Shelf) -> None:
    shelf.lock_file.write_text("{")
    with pytest.raises(PackageRefused, match="is damaged"):
        shelf.find(KEY)


@pytest.mark.parametrize("text", ["../x", "x/..", "x/../../bin/sh", "x/.hidden", "a/b\0", "a/b/c"])
def test_names_never_lead_out_of_the_cache(text: str) -> None:
    with pytest.raises(PackageRefused, match="cannot be a file's name"):
        check_names(parse_plugin_key("executor", text))
    check_names(KEY)
