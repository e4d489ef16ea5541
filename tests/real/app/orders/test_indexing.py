"""The index of a folder of plugins: what each says of itself, in archives or not, and what is wrong file by file."""

import sys
from pathlib import Path

import pytest
import trio
from msgspec.structs import replace

from botkube.app.orders.indexing import IndexOrder, build_index
from botkube.packages.errors import PackageRefused
from botkube.packages.index.choose import this_platform
from botkube.packages.index.entries import Entry, parse_index
from botkube.packages.unpacking.pack import pack
from tests.fakes.archives import zipped
from tests.fakes.authors import EXECUTOR
from tests.fakes.installing import BOUNDS
from tests.fakes.repository import served, sha256

pytestmark = [pytest.mark.real, pytest.mark.slow]

HERE = this_platform().replace("/", "_")
OTHER = "plan9_mips"
URL = "https://a.test/plugins/plugins-index.yaml"


def put(folder: Path, file: str, text: str = EXECUTOR.replace("STREAMS", "False")) -> Path:
    path = folder / file
    path.write_text(f"#!{sys.executable} -P\n{text}")
    path.chmod(0o755)
    return path


def order_of(folder: Path) -> IndexOrder:
    return IndexOrder(folder=folder, url=URL, base="https://a.test/plugins", bounds=BOUNDS)


async def built(order: IndexOrder) -> tuple[Entry, ...]:
    with trio.fail_after(100):
        return parse_index((await build_index(order, lambda _: None)).content, URL).entries


async def test_binaries_archives_and_both(tmp_path: Path) -> None:
    binary = put(tmp_path, f"executor_sample_{HERE}")
    put(tmp_path, f"executor_sample_{OTHER}", "another machine's\n")
    (entry,) = await built(order_of(tmp_path))
    assert (entry.name, entry.version) == ("sample", "1.2.3")
    assert entry.description == "Does what a test wants."
    assert "words" in entry.json_schema
    archive = tmp_path / f"executor_sample_{HERE}.tar.gz"
    package = entry.packages[this_platform()]
    assert package.artifact.url == f"https://a.test/plugins/{archive.name}"
    assert package.artifact.checksums[0].hex == sha256(archive.read_bytes())
    assert sorted(entry.packages) == sorted({this_platform(), "plan9/mips"})
    (entry,) = await built(replace(order_of(tmp_path), archive=False))
    package = entry.packages[this_platform()]
    assert package.artifact.checksums[0].hex == sha256(binary.read_bytes())
    binary.unlink()  # asked out of its archive now
    (entry,) = await built(order_of(tmp_path))
    assert entry.packages[this_platform()].artifact.form == "tar.gz"


async def test_an_archive_is_kept_if_it_holds_the_executable(tmp_path: Path) -> None:
    binary = put(tmp_path, f"executor_sample_{HERE}")
    archive = tmp_path / f"{binary.name}.zip"
    archive.write_bytes(zipped({"README.md": b"x", binary.name: binary.read_bytes()}))
    before = archive.read_bytes()
    (entry,) = await built(order_of(tmp_path))
    assert entry.packages[this_platform()].artifact.form == "zip"
    assert archive.read_bytes() == before
    archive.write_bytes(zipped({binary.name: b"of last week"}))
    with pytest.raises(PackageRefused, match="does not hold"):
        await built(order_of(tmp_path))
    archive.unlink()
    ours = tmp_path / f"{binary.name}.tar.gz"
    pack(put(tmp_path, "old", "of last week"), ours)  # our own is made anew
    (entry,) = await built(order_of(tmp_path))
    assert entry.packages[this_platform()].artifact.checksums[0].hex == sha256(ours.read_bytes())


WORDY = """
echo 'its last words' >&2
exit 3
"""
META = """
from botkube.sdk import Executor, serve

class Bad(Executor):
    name = "bad"
    version = "1.0"
    description = "x"
    dependencies = {"jq": {"PLATFORM": "URL"}}
    async def execute(self, request, config):
        return "x"

serve(Bad())
"""


async def test_everything_that_is_wrong_is_told_at_once(tmp_path: Path) -> None:
    put(tmp_path, f"executor_dies_{HERE}").write_text(f"#!/bin/sh\n{WORDY}")
    put(tmp_path, f"executor_plain_{HERE}").chmod(0o644)
    put(tmp_path, f"source_far_{OTHER}")
    put(tmp_path, f"source_a_b_{HERE}")
    put(tmp_path, f"executor_packed_{HERE}.tar.gz")
    twice = put(tmp_path, f"executor_twice_{HERE}")
    for suffix in (".tar.gz", ".tgz"):
        pack(twice, tmp_path / f"{twice.name}{suffix}")
    with pytest.raises(PackageRefused) as caught:
        await built(order_of(tmp_path))
    lines = sorted(str(caught.value).splitlines())
    wanted = [
        "executor dies: executor_dies_",
        "executor packed: the file is damaged",
        "executor plain: executor_plain_",
        "executor twice: has several archives",
        "source far: is there for plan9/mips, but not for",
        "source_a_b_",
    ]
    assert [line[: len(want)] for line, want in zip(lines, wanted, strict=True)] == wanted
    assert "its last words" in lines[0]
    (tmp_path / f"source_a_b_{HERE}").unlink()
    with pytest.raises(PackageRefused, match="holds no file named"):
        await built(replace(order_of(tmp_path), wanted="nobody"))
    with pytest.raises(PackageRefused, match="cannot be read"):
        await built(order_of(tmp_path / "nowhere"))
    pack(put(tmp_path, f"executor_once_{HERE}"), tmp_path / f"executor_once_{OTHER}.tar.gz")
    with pytest.raises(PackageRefused, match="in an archive only"):
        await built(replace(order_of(tmp_path), wanted="once", archive=False))


async def test_digests_of_dependencies_when_they_are_wanted(tmp_path: Path) -> None:
    async with served() as server:
        url = server.put("/jq", b"the tool")
        text = META.replace("PLATFORM", this_platform()).replace("URL", url)
        put(tmp_path, f"executor_bad_{HERE}", text)
        (entry,) = await built(order_of(tmp_path))
        assert entry.packages[this_platform()].dependencies["jq"].checksums == ()
        assert server.asked == []
        asking = replace(order_of(tmp_path), dependency_checksums=True)
        (entry,) = await built(asking)
        (checksum,) = entry.packages[this_platform()].dependencies["jq"].checksums
        assert checksum.hex == sha256(b"the tool")
        del server.pages["/jq"]
        with pytest.raises(PackageRefused, match=r"executor bad: .*/jq answered 404"):
            await built(asking)
