"""The lowest glibc, read from real binaries and from what is none."""

import re
import shutil
import struct
import subprocess
import sys
from pathlib import Path

import pytest
from libc_floor import lowest_glibc, needs_of


@pytest.mark.skipif(not shutil.which("readelf"), reason="readelf is missing")
def test_agrees_with_readelf() -> None:
    interpreter = Path(sys.executable).resolve()
    libraries = [interpreter, *sorted(interpreter.parents[1].glob("lib/libpython3*.so.*"))]
    printed = subprocess.run(
        ["readelf", "-V", *map(str, libraries)], capture_output=True, text=True, check=True
    ).stdout
    found = {(int(a), int(b)) for a, b in re.findall(r"Name: GLIBC_(\d+)\.(\d+)", printed)}
    assert {need for path in libraries for need in needs_of(path.read_bytes())} == found
    assert lowest_glibc(libraries) == "{}.{}".format(*max(found))


@pytest.mark.parametrize("content", [b"", b"#!/bin/sh\n", b"\x7fELF\x01\x01" + bytes(60)])
def test_other_files_need_nothing(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "file"
    path.write_bytes(content)
    assert lowest_glibc([path]) == ""


def test_versions_are_numbers_not_text(tmp_path: Path) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    old.write_bytes(elf_needing(b"GLIBC_2.9"))
    new.write_bytes(elf_needing(b"GLIBC_2.10"))
    assert lowest_glibc([old, new]) == "2.10"


def test_private_versions_do_not_count(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(elf_needing(b"GLIBC_PRIVATE"))
    assert lowest_glibc([path]) == ""


def elf_needing(version: bytes) -> bytes:
    """The least file that needs one version: two section headers, the entry, the name."""
    header, sections, need = 64, 128, 32
    names_at = header + sections + need
    elf = b"\x7fELF\x02\x01".ljust(0x28, b"\0") + struct.pack("<Q", header)
    elf = elf.ljust(0x3A, b"\0") + struct.pack("<HHH", 64, 2, 0)
    elf += struct.pack("<IIQQQQII16x", 0, 0x6FFFFFFE, 0, 0, header + sections, need, 1, 1)
    elf += struct.pack("<IIQQQQII16x", 0, 3, 0, 0, names_at, len(version) + 1, 0, 0)
    elf += struct.pack("<HHIII", 1, 1, 0, 16, 0) + struct.pack("<IHHII", 0, 0, 2, 0, 0)
    return elf + version + b"\0"
