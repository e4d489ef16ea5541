"""Reads zip archives, as far as Go's library reads them: stored and deflated. Blocking, for a thread."""

import posixpath
import stat
import struct
import zipfile
from collections.abc import Generator
from pathlib import Path
from typing import Final

from botkube.packages.errors import PackageRefused
from botkube.packages.unpacking.archive import Member, Type

_END: Final = struct.Struct("<4s4H2LH")
_LONGEST_COMMENT: Final = 0xFFFF
_MOST: Final = 0xFFFF
_ENCRYPTED: Final = 1
_UNIX: Final = 3


def open_zip(path: Path, files: int, headers: int) -> zipfile.ZipFile:
    """Open an archive whose list of files is not too long to be read.

    Raises: PackageRefused; the library's errors for a damaged archive.
    """
    count, size = _listed(path)
    if count > files or size > headers:
        raise PackageRefused(
            f"the archive holds more than {files} files, or their names are too long"
        )
    return zipfile.ZipFile(path)


def zip_members(archive: zipfile.ZipFile) -> Generator[Member]:
    """Yield every member."""
    for info in archive.infolist():
        yield Member(name=info.orig_filename, type=_type(info), size=info.file_size)


def zip_info(archive: zipfile.ZipFile, name: str) -> zipfile.ZipInfo:
    """Return the entry of the file that `zip_members` called so, tidied or not.

    Raises: PackageRefused if it is packed in a way that cannot be read.
    """
    info = next(i for i in archive.infolist() if posixpath.normpath(i.orig_filename) == name)
    if info.flag_bits & _ENCRYPTED:
        raise PackageRefused("the archive is encrypted, pack it without a password")
    if info.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
        raise PackageRefused("the archive's compression is not supported, pack it with deflate")
    return info


def _listed(path: Path) -> tuple[int, int]:
    """How many files an archive says it has, and how long the list of them is."""
    with path.open("rb") as file:
        end = file.seek(0, 2)
        file.seek(max(0, end - _END.size - _LONGEST_COMMENT))
        tail = file.read()
    at = tail.rfind(b"PK\5\6")
    if at < 0 or len(tail) - at < _END.size:
        raise EOFError("no list of files")
    fields = _END.unpack_from(tail, at)
    return int(fields[4]), int(fields[5])


def _type(info: zipfile.ZipInfo) -> Type:
    mode = info.external_attr >> 16
    if info.create_system != _UNIX or not stat.S_IFMT(mode):
        return "folder" if info.is_dir() else "file"
    if stat.S_ISREG(mode):
        return "file"
    if stat.S_ISDIR(mode):
        return "folder"
    return "link" if stat.S_ISLNK(mode) else "other"
