"""What the table of plugins says."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from botkube import __version__
from botkube.model.plugin import PluginKey, parse_plugin_key
from botkube.packages.cache.lockfile import Lock, Locked, LockedFile, LockedFiles, write_lock
from botkube.packages.cache.objects import activate, add_object, downloads, object_path
from botkube.packages.cache.shelf import Shelf
from botkube.packages.errors import PackageRefused
from botkube.packages.index.cache import Note, keep_index
from botkube.packages.index.choose import this_platform
from botkube.packages.index.entries import Index, parse_index
from botkube.packages.inventory import Enabled, Row, inventory, kept_indexes
from tests.fakes.repository import entry, index_of

KEY = parse_plugin_key("executor", "r/p")
BUILT_IN = Enabled(built_in={"echo": "executor"})


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    (tmp_path / "root").mkdir()
    return Shelf(
        root=tmp_path / "root", lock_file=tmp_path / "plugins.lock", platform=this_platform()
    )


def install(shelf: Shelf, key: PluginKey = KEY, **more: object) -> LockedFiles:
    fresh = downloads(shelf.root) / "x.new"
    fresh.write_bytes(str(key).encode())
    sha256, size = add_object(shelf.root, fresh)
    file = LockedFile(url="u", download="d", sha256=sha256, size=size)
    files = LockedFiles(plugin=file, dependencies={"tool": file})
    locked = Locked(version="v1.2.0", index="i", platforms={shelf.platform: files})
    write_lock(shelf.lock_file, Lock().put(key, replace(locked, **more)))
    activate(shelf.root, key, "v1.2.0", files)
    return files


def place(shelf: Shelf, name: str) -> None:
    file = shelf.root / "mine" / name
    file.parent.mkdir(exist_ok=True)
    file.write_text("")
    file.chmod(0o755)


def index(*versions: str) -> dict[str, Index]:
    entries = [entry("p", "http://x/p", version=version) for version in versions]
    return {"r": parse_index(index_of(*entries), "http://x/i")}


def look(shelf: Shelf, *enabled: PluginKey, **indexes: Index) -> dict[str, Row]:
    rows = inventory(Enabled(keys=enabled), shelf, indexes)
    return {row.plugin: row for row in rows}


def test_what_is_installed_enabled_and_old(shelf: Shelf) -> None:
    install(shelf, previous=Locked(version="v1.1.0", index="i", platforms={}), signed_by="k")
    assert look(shelf, KEY, **index("v1.1.0", "v1.3.0")) == {
        "r/p": Row(
            plugin="r/p",
            kind="executor",
            enabled=True,
            installed="v1.2.0",
            latest="v1.3.0",
            update=True,
            previous="v1.1.0",
            health="ok",
            signed=True,
        )
    }
    assert not look(shelf, **index("v1.2.0"))["r/p"].update
    install(shelf, previous=Locked(version="v1.3.0", index="i", platforms={}))
    left = look(shelf, **index("v1.3.0"))["r/p"]  # by a roll-back
    assert (left.update, left.reason) == (False, "v1.3.0 was rolled back")
    assert look(shelf, **index("v1.4.0"))["r/p"].update
    older = look(shelf, **index("v1.1.0"))["r/p"]
    assert (older.enabled, older.latest, older.update) == (False, "v1.1.0", False)


def test_the_version_in_a_key_bounds_what_is_the_newest(shelf: Shelf) -> None:
    rows = look(shelf, replace(KEY, version="^1.2"), KEY, **index("v1.4.0", "v2.0.0"))
    assert {name: row.latest for name, row in rows.items()} == {
        "r/p": "v2.0.0",
        "r/p@^1.2": "v1.4.0",
    }
    assert {row.health for row in rows.values()} == {"missing"}
    assert look(shelf, replace(KEY, version="v9"), **index("v1"))["r/p@v9"].latest == ""


def test_files_that_are_absent_or_of_another_size(shelf: Shelf) -> None:
    path = object_path(shelf.root, install(shelf).plugin.sha256)
    path.chmod(0o755)
    path.write_bytes(b"other")
    damaged = look(shelf)["r/p"]
    assert (damaged.health, damaged.reason) == ("damaged", "its file has another size")
    path.unlink()
    absent = look(shelf)["r/p"]
    assert (absent.health, absent.reason) == ("missing", "its file is not in the cache")
    assert look(replace(shelf, platform="plan9/mips"))["r/p"].reason.startswith("it is locked for")


def test_a_repository_that_has_to_be_signed(shelf: Shelf) -> None:
    install(shelf, signed_by="old")
    place(shelf, "executor_v1_x")
    rows = look(replace(shelf, required={"r": "new", "mine": "k"}))
    assert rows["r/p"].health == "damaged"
    assert "signed" in rows["r/p"].reason
    assert "signed" in rows["mine/x"].reason


def test_files_put_there_by_hand(shelf: Shelf) -> None:
    install(shelf)  # its links are ours, not placed by hand
    for name in (
        "executor_v1.10.0_x",
        "executor_v1.9.0_x",
        "source_v1_y",
        "README",
        "executor_1_2_z",
    ):
        place(shelf, name)
    (shelf.root / "mine" / "source_v1_y").chmod(0o644)
    assert {name: row.installed for name, row in look(shelf).items()} == {
        "r/p": "v1.2.0",
        "mine/x": "v1.10.0",
        "mine/2_z": "1",
    }
    pinned = look(shelf, parse_plugin_key("executor", "mine/x@1.9.0"))
    assert (pinned["mine/x@1.9.0"].installed, pinned["mine/x@1.9.0"].health) == (
        "v1.9.0",
        "by hand",
    )
    assert "mine/x" not in pinned


def test_built_in_plugins(shelf: Shelf) -> None:
    unknown = parse_plugin_key("source", "builtin/nothing")
    rows = inventory(replace(BUILT_IN, keys=(unknown,)), shelf, {})
    assert [(row.plugin, row.installed, row.health) for row in rows] == [
        ("builtin/echo", __version__, "built in"),
        ("builtin/nothing", "", "missing"),
    ]


def test_a_lock_file_with_what_no_version_wrote(shelf: Shelf) -> None:
    write_lock(
        shelf.lock_file,
        Lock(plugins={"nonsense": Locked(version="1", index="i", platforms={})}),
    )
    assert look(shelf) == {}
    shelf.lock_file.write_text("{")
    with pytest.raises(PackageRefused):
        look(shelf)


def test_indexes_that_cannot_be_read_are_left_out(tmp_path: Path) -> None:
    keep_index(tmp_path, "good", index_of(entry("p", "http://x/p")), Note(url="http://x/i"))
    keep_index(tmp_path, "bad", b"nothing", Note(url="http://x/i"))
    assert list(kept_indexes(tmp_path, ["good", "bad", "absent"])) == ["good"]


def test_each_row_names_what_its_repository_wants_of_signatures(shelf: Shelf) -> None:
    install(shelf, signed_by="k")
    [row, builtin] = inventory(replace(BUILT_IN, keys=(KEY,)), shelf, {}, {"r": "warn"})[::-1]
    assert (row.signed, row.signature_policy) == (True, "warn")
    assert builtin.signature_policy == ""
