import json
from pathlib import Path

import pytest
from msgspec.structs import replace

from botkube.model.plugin import parse_plugin_key
from botkube.packages.cache.lockfile import (
    Lock,
    Locked,
    LockedFile,
    LockedFiles,
    read_lock,
    succeed,
    write_lock,
)
from botkube.packages.errors import PackageFailed, PackageRefused

KEY = parse_plugin_key("executor", "r/p@^1")


def file(digest: str, form: str = "") -> LockedFile:
    return LockedFile(
        url="https://x.test/p.tgz",
        form="tar.gz" if form else "",
        download=digest,
        sha256=digest,
        size=1,
    )


def locked(version: str = "v1", plugin: str = "a", dep: str = "b", platform: str = "l/a") -> Locked:
    files = LockedFiles(plugin=file(plugin, "tar"), dependencies={"dep": file(dep)})
    return Locked(version=version, index="https://x.test/i.yaml", platforms={platform: files})


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "plugins.lock"
    assert read_lock(path) == Lock()
    lock = Lock().put(KEY, succeed(locked(), locked("v2", "c")))
    write_lock(path, lock)
    assert read_lock(path) == lock
    assert lock.get(KEY) == replace(locked("v2", "c"), previous=locked())
    shown = json.loads(path.read_text())["plugins"]["executor r/p@^1"]
    assert (shown["version"], shown["previous"]["version"]) == ("v2", "v1")
    assert shown["platforms"]["l/a"]["plugin"]["form"] == "tar.gz"
    write_lock(path, lock.put(KEY, None))
    assert read_lock(path) == Lock()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is damaged"),
        (b"{", "is damaged"),
        (b"\xff", "is damaged"),
        (b'{"plugins": {"executor r/p": {}}}', "is damaged"),
        (b'{"format": 2, "plugins": {}}', "a newer version"),
    ],
)
def test_what_cannot_be_read_says_so(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "plugins.lock"
    path.write_bytes(content)
    with pytest.raises(PackageRefused, match=words) as caught:
        read_lock(path)
    assert str(path) in str(caught.value)


def test_a_lock_that_cannot_be_read_or_written_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(PackageRefused, match="cannot be read"):
        read_lock(tmp_path)
    (tmp_path / "file").touch()
    with pytest.raises(PackageFailed, match=r"make it writable, or set plugins\.lockFile"):
        write_lock(tmp_path / "file" / "plugins.lock", Lock())


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"plugin": "z"}, "version v1: the plugin is another file"),
        ({"dep": "z"}, "version v1: its dependency dep is another file"),
    ],
)
def test_the_same_version_with_other_content_is_refused(
    changes: dict[str, str], words: str
) -> None:
    with pytest.raises(PackageRefused, match=words) as caught:
        succeed(locked(), locked(**changes))
    assert "locked is sha256:a, found sha256:z" in str(caught.value).replace("256:b", "256:a")


def test_the_same_version_keeps_its_other_platforms_and_what_was_before() -> None:
    old = succeed(locked("v0"), locked())
    both = succeed(old, locked(platform="d/a"))
    assert set(both.platforms) == {"l/a", "d/a"}
    assert both.previous == locked("v0")
    proven = succeed(old, replace(locked(platform="d/a"), signed_by="key"))
    assert set(proven.platforms) == {"d/a"}  # the other one was not proven by that key


def test_another_version_has_the_old_one_before_it_and_no_more() -> None:
    third = succeed(succeed(locked("v1"), locked("v2", "c")), locked("v3", "d"))
    assert third.previous == locked("v2", "c")
    assert succeed(None, locked()) == locked()
