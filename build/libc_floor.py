"""The lowest glibc that a set of binaries runs on, read from their ELF version needs (gABI, LSB).

Every symbol that a binary takes from glibc names the version that brought it, such as GLIBC_2.34;
the highest of those over all binaries is the floor.
"""

import re
import struct
from collections.abc import Iterable, Iterator
from pathlib import Path

_ELF64_LITTLE = b"\x7fELF\x02\x01"
_SHT_GNU_VERNEED = 0x6FFFFFFE
_GLIBC = re.compile(rb"GLIBC_(\d+)\.(\d+)(?:\.\d+)?\Z")

Version = tuple[int, int]


def lowest_glibc(binaries: Iterable[Path]) -> str:
    """The floor as "2.34", or "" if no binary needs glibc."""
    floor = max((need for path in binaries for need in needs_of(path.read_bytes())), default=None)
    return "" if floor is None else f"{floor[0]}.{floor[1]}"


def needs_of(elf: bytes) -> Iterator[Version]:
    """The glibc versions that one file names; none for what is not a 64-bit little-endian ELF file."""
    if not elf.startswith(_ELF64_LITTLE):
        return
    sections = list(_sections(elf))
    for kind, offset, count, link in sections:
        if kind == _SHT_GNU_VERNEED:
            yield from _glibc_versions(elf, offset, count, names_at=sections[link][1])


def _sections(elf: bytes) -> Iterator[tuple[int, int, int, int]]:
    """Type, file offset, `sh_info` and `sh_link` of each section header."""
    (table,) = struct.unpack_from("<Q", elf, 0x28)
    size, count = struct.unpack_from("<HH", elf, 0x3A)
    for at in range(table, table + size * count, size):
        _name, kind, _flags, _address, offset, _size, link, info = struct.unpack_from(
            "<IIQQQQII", elf, at
        )
        yield kind, offset, info, link


def _glibc_versions(elf: bytes, at: int, files: int, *, names_at: int) -> Iterator[Version]:
    for _ in range(files):  # one entry per library needed …
        _version, count, _file, first, following = struct.unpack_from("<HHIII", elf, at)
        version_at = at + first
        for _ in range(count):  # … and in it one per version of that library
            _hash, _flags, _other, name, step = struct.unpack_from("<IHHII", elf, version_at)
            if found := _GLIBC.match(_text(elf, names_at + name)):
                yield int(found[1]), int(found[2])
            version_at += step
        at += following


def _text(elf: bytes, at: int) -> bytes:
    return elf[at : elf.index(b"\0", at)]
