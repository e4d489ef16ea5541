"""Tar files that claim to be bundles: nothing of them is written anywhere but under its one name."""

import gzip
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from botkube.packages.bundle.tar import building, extract, write_tar
from botkube.packages.errors import PackageFailed, PackageRefused
from tests.fakes.archives import info
from tests.fakes.bundles import read_tar
from tests.fakes.bundles import write_tar as pack

NAME = "files/" + "a" * 64
GOOD = {"bundle.json": b"{}", "plugins.lock": b"{}", "indexes/r.yaml": b"x", NAME: b"plugin"}


def noop() -> None:
    pass


def take_apart(tmp_path: Path, source: Path) -> Path:
    folder = tmp_path / "inner" / "bundle"
    folder.mkdir(parents=True)
    extract(source, folder, noop)
    return folder


def test_there_and_back(tmp_path: Path) -> None:
    folder = take_apart(tmp_path, pack(tmp_path / "b.tar", {f"./{k}": v for k, v in GOOD.items()}))
    found = {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}
    assert found == GOOD
    write_tar(folder, tmp_path / "again.tar")
    assert read_tar(tmp_path / "again.tar") == GOOD
    with tarfile.open(tmp_path / "again.tar") as archive:
        assert {(i.mtime, i.uid, i.gid, i.uname, i.mode) for i in archive} == {(0, 0, 0, "", 0o644)}


def sparse() -> tarfile.TarInfo:
    return info("files/" + "b" * 64, tarfile.GNUTYPE_SPARSE, 0)


HOSTILE = {
    "up and out": info("../evil"),
    "out of a folder": info("files/../../evil"),
    "absolute": info("/tmp/botkube-evil"),
    "another name": info("evil.sh"),
    "a name that is no digest": info("files/evil"),
    "a digest in capitals": info("files/" + "A" * 64),
    "deeper than a bundle is": info(f"{NAME}/evil"),
    "a hidden index": info("indexes/.hidden.yaml"),
    "an index above": info("indexes/../evil.yaml"),
    "a link to a file": info("files/" + "b" * 64, tarfile.SYMTYPE, target="/etc/passwd"),
    "a hard link": info("files/" + "b" * 64, tarfile.LNKTYPE, target="/etc/passwd"),
    "a link for a folder": info("files", tarfile.SYMTYPE, target="/tmp"),
    "a device": info("files/" + "b" * 64, tarfile.CHRTYPE),
    "a pipe": info("bundle.json", tarfile.FIFOTYPE),
    "a file twice": info(NAME),
    "the manifest twice": info("bundle.json"),
    "another folder": info("bin", tarfile.DIRTYPE),
    "a file with holes": sparse(),
    "a name that is a bomb": info("indexes/" + "a" * (17 << 20) + ".yaml"),
}


@pytest.mark.hostile("bundle")
@pytest.mark.parametrize("header", HOSTILE.values(), ids=HOSTILE)
def test_what_has_no_place_is_refused(tmp_path: Path, header: tarfile.TarInfo) -> None:
    source = pack(tmp_path / "b.tar", GOOD, (header, b""))
    with pytest.raises(PackageRefused) as caught:
        take_apart(tmp_path, source)
    assert len(str(caught.value)) < 400
    assert not Path("/tmp/botkube-evil").exists()
    inside = tmp_path / "inner" / "bundle"
    outside = [p for p in tmp_path.rglob("*") if p.is_file() and inside not in p.parents]
    assert outside == [source]
    assert all(not p.is_symlink() for p in inside.rglob("*"))


def too_large(content: bytes) -> bytes:
    header = info("files/" + "b" * 64, size=3 << 30)
    return content[:-10240] + header.tobuf(tarfile.GNU_FORMAT) + bytes(10240)


DAMAGED: dict[str, Callable[[bytes], bytes]] = {
    "cut in a file": lambda content: content[: content.index(b"plugin", 2048) + 2],
    "compressed": gzip.compress,
    "empty": lambda _: b"",
    "noise": lambda _: b"\xff" * 20_000,
    "a text": lambda _: b"#!/bin/sh\necho evil\n" * 100,
    "no end of a file": too_large,
}


@pytest.mark.hostile("bundle")
@pytest.mark.parametrize("damage", DAMAGED.values(), ids=DAMAGED)
def test_what_is_no_tar_is_refused(tmp_path: Path, damage: Callable[[bytes], bytes]) -> None:
    source = pack(tmp_path / "b.tar", GOOD)
    source.write_bytes(damage(source.read_bytes()))
    with pytest.raises(PackageRefused):
        take_apart(tmp_path, source)


@pytest.mark.hostile("bundle")
def test_a_manifest_at_its_top_makes_a_bundle(tmp_path: Path) -> None:
    source = pack(tmp_path / "b.tar", {NAME: b"x"})
    with pytest.raises(PackageRefused, match=r"b\.tar is no bundle: it has no bundle\.json"):
        take_apart(tmp_path, source)


@pytest.mark.hostile("bundle")
def test_more_than_there_is_room_for_is_said_before(tmp_path: Path) -> None:
    source = tmp_path / "b.tar"
    with source.open("wb") as file:
        file.truncate(1 << 42)  # takes no room itself
    with pytest.raises(PackageFailed, match="make room"):
        take_apart(tmp_path, source)


def test_what_ends_it_ends_it(tmp_path: Path) -> None:
    def stop() -> None:
        raise KeyboardInterrupt

    source = pack(tmp_path / "b.tar", GOOD)
    folder = tmp_path / "folder"
    folder.mkdir()
    with pytest.raises(KeyboardInterrupt):
        extract(source, folder, stop)


def begin(target: Path) -> None:
    with building(target) as scratch:
        (scratch / "half").mkdir()
        (scratch / "half").mkdir()


@pytest.mark.parametrize("target", ["new.tar", "new", "empty", "old.tar"])
def test_a_target_appears_at_the_end(tmp_path: Path, target: str) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "old.tar").write_text("old")
    before = sorted(tmp_path.iterdir())
    with pytest.raises(PackageFailed, match="File exists"):
        begin(tmp_path / target)
    assert sorted(tmp_path.iterdir()) == before
    with building(tmp_path / target) as scratch:
        if target.endswith(".tar"):
            (scratch / "done").write_text("new")
        else:
            (scratch / "done").mkdir()
            (scratch / "done" / "new").touch()
    found = tmp_path / target
    assert found.read_text() == "new" if found.is_file() else list(found.iterdir())
    assert not [p for p in tmp_path.iterdir() if p.name.startswith(".")]


def test_nothing_else_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    (tmp_path / "folder.tar").mkdir()
    for name in ("file", "folder.tar"):
        with pytest.raises(PackageRefused), building(tmp_path / name):
            pytest.fail("it began")
    assert (tmp_path / "file").read_text() == "mine"
