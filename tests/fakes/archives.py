"""Archives as plugins come in, and archives that nobody should unpack."""

import bz2
import gzip
import io
import lzma
import sys
import tarfile
import zipfile
from collections.abc import Callable, Mapping

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

PLUGIN = b"#!/bin/sh\necho plugin\n"
COMPRESS: Mapping[str, Callable[[bytes], bytes]] = {
    "": bytes,
    "gz": lambda data: gzip.compress(data, mtime=0),
    "bz2": bz2.compress,
    "xz": lzma.compress,
    "zst": zstd.compress,
}


def tar(files: Mapping[str, bytes], compression: str = "") -> bytes:
    """A tar archive of these files."""
    return tar_of(
        *((info(name, size=len(data)), data) for name, data in files.items()),
        compression=compression,
    )


def tar_of(
    *members: tuple[tarfile.TarInfo, bytes],
    compression: str = "",
    format_: int = tarfile.GNU_FORMAT,
) -> bytes:
    """A tar archive of these headers and contents, whether they fit each other or not."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=format_) as archive:
        for header, data in members:
            archive.addfile(header)
            blocks = data + bytes(-len(data) % 512)
            out.write(blocks)
            archive.offset += len(blocks)
    return COMPRESS[compression](out.getvalue())


def info(
    name: str, type_: bytes = tarfile.REGTYPE, size: int = 0, target: str = ""
) -> tarfile.TarInfo:
    """A header."""
    header = tarfile.TarInfo(name)
    header.type, header.size, header.linkname, header.mode = type_, size, target, 0o755
    return header


def zipped(files: Mapping[str, bytes], *, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip archive of these files."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()


def zipped_as(name: str, mode: int, data: bytes = b"x") -> bytes:
    """A zip archive of a good plugin and one thing with these mode bits."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("plugin", PLUGIN)
        entry = zipfile.ZipInfo(name)
        entry.create_system, entry.external_attr = 3, mode << 16
        archive.writestr(entry, data)
    return out.getvalue()
