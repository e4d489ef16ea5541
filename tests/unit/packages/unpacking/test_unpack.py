"""Archives of every form, whole, damaged and hostile: the executable and nothing else is ever written."""

import bz2
import gzip
import lzma
import os
import stat
import struct
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from botkube.packages.errors import PackageFailed, PackageRefused
from botkube.packages.index.locator import Artifact, Form, read_artifact
from botkube.packages.unpacking.decompress import Limits
from botkube.packages.unpacking.unpack import Unpacking, unpack
from tests.fakes.archives import COMPRESS, PLUGIN, info, tar, tar_of, zipped, zipped_as

SMALL = Limits(files=20, unpacked=1 << 20, ratio=50, free=1 << 16, headers=1 << 16)
NAME = "plugin"
GOOD = (info(NAME, size=len(PLUGIN)), PLUGIN)


def run(folder: Path, data: bytes, form: Form, name: str = "", sub: str = "") -> bytes:
    """Unpack in an empty folder; nothing but the target may be there afterwards."""
    source = folder / "source"
    source.write_bytes(data)
    inside = folder / "inside"
    inside.mkdir()
    artifact = Artifact(url="https://x.test/a", form=form, folder=sub)
    job = Unpacking(source=source, artifact=artifact, name=name, limits=SMALL)
    try:
        unpack(job, inside / "target")
    finally:
        assert {path.name for path in folder.iterdir()} == {"source", "inside"}
        assert {path.name for path in inside.iterdir()} <= {"target"}
    found = (inside / "target").stat()
    assert stat.S_ISREG(found.st_mode)
    assert stat.S_IMODE(found.st_mode) == 0o600
    return (inside / "target").read_bytes()


@pytest.mark.parametrize("form", ["tar", "tar.gz", "tar.bz2", "tar.xz", "tar.zst"])
def test_a_plugin_in_a_tar_archive(tmp_path: Path, form: Form) -> None:
    compression = form.removeprefix("tar").removeprefix(".")
    data = tar({"README.md": b"x", f"./{NAME}": PLUGIN, "sub/x": b"y"}, compression)
    assert run(tmp_path, data, form) == PLUGIN


@pytest.mark.parametrize("form", ["gz", "bz2", "xz", "zst", ""])
def test_a_compressed_file_and_a_plain_one(tmp_path: Path, form: Form) -> None:
    assert run(tmp_path, COMPRESS[form](PLUGIN), form) == PLUGIN


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_a_plugin_in_a_zip_archive(tmp_path: Path, method: int) -> None:
    assert run(tmp_path, zipped({"a.txt": b"x", NAME: PLUGIN}, method=method), "zip") == PLUGIN


def test_a_dependency_deep_in_an_archive(tmp_path: Path) -> None:
    data = tar({"gh_1/bin/gh": PLUGIN, "gh_1/bin/a": b"x", "gh": b"no"}, "gz")
    assert run(tmp_path, data, "tar.gz", "gh", "gh_1/bin") == PLUGIN


def test_several_streams_in_one_file_are_one(tmp_path: Path) -> None:
    for form, pack in (("xz", lzma.compress), ("gz", gzip.compress), ("bz2", bz2.compress)):
        folder = tmp_path / form
        folder.mkdir()
        data = pack(PLUGIN[:5]) + (bytes(8) if form == "xz" else b"") + pack(PLUGIN[5:])
        assert run(folder, data, read_artifact(f"https://x/a.{form}").form) == PLUGIN


def test_mode_bits_of_the_archive_do_not_count(tmp_path: Path) -> None:
    header = info(NAME, size=len(PLUGIN))
    header.mode = 0o6777
    assert run(tmp_path, tar_of((header, PLUGIN)), "tar") == PLUGIN


def sparse_by_attributes(version: str) -> bytes:
    header = info(NAME, size=1024)
    major, _, minor = version.partition(".")
    header.pax_headers = {
        "GNU.sparse.major": major,
        "GNU.sparse.minor": minor,
        "GNU.sparse.name": NAME,
        "GNU.sparse.realsize": str(1 << 60),
        "GNU.sparse.size": str(1 << 60),
        "GNU.sparse.map": "0,1,1152921504606846975,1",
        "GNU.sparse.numblocks": "2",
    }
    if version == "0.1":
        del header.pax_headers["GNU.sparse.major"], header.pax_headers["GNU.sparse.minor"]
    return tar_of((header, b"99999999\n" + b"1\n" * 500), format_=tarfile.PAX_FORMAT)


def with_size(size: int) -> bytes:
    """A header that lies about the size of its file."""
    header = info(NAME, size=size)
    return tar_of((header, PLUGIN))


def negative_size() -> bytes:
    raw = bytearray(tar({NAME: PLUGIN}))
    raw[124:136] = b"\xff" * 12  # base 256, minus one
    raw[148:156] = b" " * 8
    raw[148:156] = f"{sum(raw[:512]):06o}\0 ".encode()
    return bytes(raw)


def by_attribute(**attributes: str) -> bytes:
    header = info(NAME, size=len(PLUGIN))
    header.pax_headers = attributes
    return tar_of((header, PLUGIN), format_=tarfile.PAX_FORMAT)


def long_names(count: int) -> bytes:
    return b"".join(
        info("././@LongLink", tarfile.GNUTYPE_LONGNAME, 512).tobuf() + bytes(512)
        for _ in range(count)
    )


def zip_with(change: Callable[[bytearray], None]) -> bytes:
    data = bytearray(zipped({NAME: PLUGIN}))
    change(data)
    return bytes(data)


def put(data: bytearray, signature: bytes, offset: int, value: bytes) -> None:
    at = data.index(signature) + offset
    data[at : at + len(value)] = value


OUT = "leads out"
DAMAGED = "damaged"
HOSTILE: dict[str, tuple[Form, Callable[[], bytes], str]] = {
    "tar: parent": ("tar", lambda: tar_of(GOOD, (info("../evil", size=1), b"x")), OUT),
    "tar: deep parent": ("tar", lambda: tar_of(GOOD, (info("a/../../evil", size=1), b"x")), OUT),
    "tar: absolute": ("tar.gz", lambda: tar_of(GOOD, (info("/tmp/evil", size=1), b"x"), compression="gz"), OUT),
    "tar: link out": ("tar", lambda: tar_of(GOOD, (info("l", tarfile.SYMTYPE, target="/etc"), b"")), OUT),
    "tar: link up": ("tar", lambda: tar_of(GOOD, (info("l", tarfile.SYMTYPE, target="../x"), b"")), OUT),
    "tar: hard link out": ("tar", lambda: tar_of(GOOD, (info("l", tarfile.LNKTYPE, target="../x"), b"")), OUT),
    "tar: link and through it": ("tar", lambda: tar_of((info("d", tarfile.SYMTYPE, target="/tmp"), b""), (info("d/plugin", size=1), b"x")), OUT),
    "tar: plugin is a link": ("tar", lambda: tar_of((info("kubectl", tarfile.SYMTYPE, target="x"), b"")), "no file that can be a plugin"),
    "tar: character device": ("tar", lambda: tar_of(GOOD, (info("null", tarfile.CHRTYPE), b"")), "neither file"),
    "tar: block device": ("tar", lambda: tar_of(GOOD, (info("sda", tarfile.BLKTYPE), b"")), "neither file"),
    "tar: pipe": ("tar", lambda: tar_of(GOOD, (info("fifo", tarfile.FIFOTYPE), b"")), "neither file"),
    "tar: too many files": ("tar", lambda: tar({f"f{i}": b"" for i in range(21)}), "more than 20 files"),
    "tar: huge names": ("tar", lambda: tar_of(*((info(f"{i}" + "n" * 9000), b"") for i in range(9))), "names and attributes"),
    "tar: huge attributes": ("tar", lambda: by_attribute(comment="c" * 70_000), "names and attributes"),
    "tar: names without end": ("tar", lambda: long_names(5000), "names and attributes"),
    "tar: bomb": ("tar.gz", lambda: tar({NAME: bytes(1 << 19)}, "gz"), "unpacks to more than"),
    "tar: large": ("tar", lambda: with_size(1 << 30), "larger than"),
    "tar: lies about its size": ("tar", lambda: with_size(100_000), DAMAGED),
    "tar: negative size": ("tar", negative_size, "names and attributes"),
    "tar: negative attribute": ("tar", lambda: by_attribute(size="-1024"), "larger than|damaged"),
    "tar: attribute of a wrong kind": ("tar", lambda: by_attribute(size="many"), "empty|damaged"),
    "tar: sparse 0.1": ("tar", lambda: sparse_by_attributes("0.1"), "holes"),
    "tar: sparse 1.0": ("tar", lambda: sparse_by_attributes("1.0"), "holes"),
    "tar: sparse of old": ("tar", lambda: tar_of((info(NAME, tarfile.GNUTYPE_SPARSE, 10), b"x" * 10)), "holes"),
    "tar: name by attribute": ("tar", lambda: by_attribute(path="../../evil"), OUT),
    "tar: same file twice": ("tar", lambda: tar_of(GOOD, GOOD), "2 times"),
    "tar: empty": ("tar", lambda: tar({}), "it is empty"),
    "tar: empty file": ("tar", lambda: tar({NAME: b""}), DAMAGED),
    "tar: is something else": ("tar.gz", lambda: b"<html>not found</html>", DAMAGED),
    "tar: not compressed": ("tar.gz", lambda: tar({NAME: PLUGIN}), DAMAGED),
    "tar: truncated gz": ("tar.gz", lambda: tar({NAME: os.urandom(9000)}, "gz")[:4000], DAMAGED),
    "tar: truncated bz2": ("tar.bz2", lambda: tar({NAME: os.urandom(9000)}, "bz2")[:4000], DAMAGED),
    "tar: truncated xz": ("tar.xz", lambda: tar({NAME: os.urandom(9000)}, "xz")[:4000], DAMAGED),
    "tar: truncated zst": ("tar.zst", lambda: tar({NAME: os.urandom(9000)}, "zst")[:4000], DAMAGED),
    "tar: bit flipped in zst": ("tar.zst", lambda: b"\x28\xb5\x2f\xfd" + b"\xff" * 64, DAMAGED),
    "tar: nothing": ("tar.gz", lambda: b"", DAMAGED),
    "gz: bomb": ("gz", lambda: gzip.compress(bytes(1 << 20)), "unpacks to more than"),
    "bz2: bomb": ("bz2", lambda: bz2.compress(bytes(1 << 20)), "unpacks to more than"),
    "xz: bomb": ("xz", lambda: lzma.compress(bytes(1 << 20)), "unpacks to more than"),
    "zst: bomb": ("zst", lambda: COMPRESS["zst"](bytes(1 << 20)), "unpacks to more than"),
    "xz: hungry": ("xz", lambda: lzma.compress(PLUGIN, filters=[{"id": lzma.FILTER_LZMA2, "dict_size": 768 << 20, "mode": lzma.MODE_FAST, "mf": lzma.MF_HC3, "nice_len": 3}]), DAMAGED),
    "xz: garbage": ("xz", lambda: b"\xfd7zXZ\0" + b"\xff" * 50, DAMAGED),
    "bz2: garbage": ("bz2", lambda: b"BZh9" + b"\xff" * 50, DAMAGED),
    "gz: wrong sum": ("gz", lambda: gzip.compress(PLUGIN)[:-8] + b"\0" * 8, DAMAGED),
    "gz: nothing in it": ("gz", lambda: gzip.compress(b""), DAMAGED),
    "zip: parent": ("zip", lambda: zipped({NAME: PLUGIN, "../evil": b"x"}), OUT),
    "zip: absolute": ("zip", lambda: zipped({NAME: PLUGIN, "/tmp/evil": b"x"}), OUT),
    "zip: device": ("zip", lambda: zipped_as("null", stat.S_IFCHR | 0o666), "neither file"),
    "zip: pipe": ("zip", lambda: zipped_as("p", stat.S_IFIFO | 0o666), "neither file"),
    "zip: too many files": ("zip", lambda: zipped({f"f{i}": b"" for i in range(21)}), "more than 20 files"),
    "zip: long list": ("zip", lambda: zipped({f"{i}" * 9000: b"" for i in range(9)}), "too long"),
    "zip: bomb": ("zip", lambda: zipped({NAME: bytes(1 << 19)}), "unpacks to more than"),
    "zip: large": ("zip", lambda: zipped({NAME: bytes(1 << 21)}), "larger than"),
    "zip: encrypted": ("zip", lambda: zip_with(lambda d: put(d, b"PK\1\2", 8, b"\1")), "encrypted"),
    "zip: other compression": ("zip", lambda: zipped({NAME: PLUGIN}, method=zipfile.ZIP_LZMA), "pack it with deflate"),
    "zip: wrong sum": ("zip", lambda: zip_with(lambda d: put(d, b"PK\1\2", 16, b"\1\2\3\4")), DAMAGED),
    "zip: another name inside": ("zip", lambda: zip_with(lambda d: put(d, b"PK\3\4", 30, b"PLUGIN")), DAMAGED),
    "zip: lies about its size": ("zip", lambda: zip_with(lambda d: put(d, b"PK\1\2", 24, struct.pack("<L", 9999))), DAMAGED),
    "zip: list is elsewhere": ("zip", lambda: zip_with(lambda d: put(d, b"PK\5\6", 16, b"\xff\xff\0\0")), DAMAGED),
    "zip: truncated": ("zip", lambda: zipped({NAME: PLUGIN})[:-30], DAMAGED),
    "zip: is something else": ("zip", lambda: b"<html>not found</html>", DAMAGED),
    "zip: same file twice": ("zip", lambda: zipped({NAME: PLUGIN, f"./{NAME}": PLUGIN}), "2 times"),
    "plain: empty": ("", lambda: b"", DAMAGED),
}  # fmt: skip


@pytest.mark.hostile("archive")
@pytest.mark.parametrize("case", HOSTILE)
def test_nothing_comes_of_a_bad_archive(tmp_path: Path, case: str) -> None:
    form, make, words = HOSTILE[case]
    with pytest.raises(PackageRefused, match=words) as caught:
        run(tmp_path, make(), form)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 500


@pytest.mark.hostile("archive")
def test_a_link_in_a_zip_archive_is_no_file(tmp_path: Path) -> None:
    data = zipped_as("a", stat.S_IFLNK | 0o777, b"/etc/passwd")
    assert run(tmp_path, data, "zip") == PLUGIN
    (tmp_path / "again").mkdir()
    with pytest.raises(PackageRefused, match="a in the archive is a link, not a file"):
        run(tmp_path / "again", data, "zip", "a")


def test_it_can_be_ended_in_the_middle(tmp_path: Path) -> None:
    def check() -> None:
        raise KeyboardInterrupt

    source = tmp_path / "source"
    source.write_bytes(tar({NAME: PLUGIN}, "gz"))
    job = Unpacking(
        source=source, artifact=Artifact(url="x", form="tar.gz"), limits=SMALL, check=check
    )
    with pytest.raises(KeyboardInterrupt):
        unpack(job, tmp_path / "target")
    assert not (tmp_path / "target").exists()


def test_a_target_that_is_there_is_left_alone(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.write_bytes(PLUGIN)
    (tmp_path / "target").symlink_to(tmp_path / "elsewhere")
    job = Unpacking(source=source, artifact=Artifact(url="x"))
    with pytest.raises(PackageFailed, match="cannot write"):
        unpack(job, tmp_path / "target")
    assert not (tmp_path / "elsewhere").exists()
