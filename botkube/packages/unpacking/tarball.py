"""Reads tar archives as a stream, forwards only. Blocking, for a thread."""

import posixpath
import tarfile
from collections.abc import Generator
from contextlib import contextmanager
from typing import BinaryIO, Final, Self, cast

from botkube.packages.errors import PackageRefused
from botkube.packages.unpacking.archive import Member, Type
from botkube.packages.unpacking.decompress import Metered, Readable
from botkube.runtime.override import override

_METADATA: Final = (
    tarfile.XHDTYPE,
    tarfile.XGLTYPE,
    tarfile.SOLARIS_XHDTYPE,
    tarfile.GNUTYPE_LONGNAME,
    tarfile.GNUTYPE_LONGLINK,
)


def tar_members(stream: Metered, headers: int) -> Generator[Member]:
    """Yield every member; `headers` bounds the bytes of names and attributes.

    Raises: PackageRefused past the bound; the library's errors for a damaged archive.
    """
    with _open(stream, headers) as tar:
        for info in tar:
            yield _member(info)


def tar_contents(stream: Metered, headers: int) -> Generator[tuple[Member, Readable | None]]:
    """Yield every member with what it holds, to be read before the next one is asked for.

    Raises: as `tar_members`.
    """
    with _open(stream, headers) as tar:
        for info in tar:
            yield _member(info), tar.extractfile(info) if info.isreg() else None


@contextmanager
def tar_file(stream: Metered, headers: int, name: str) -> Generator[Readable]:
    """Open the file of that name, tidied or not.

    Raises: as `tar_members`; EOFError if it is not there.
    """
    with _open(stream, headers) as tar:
        for info in tar:
            wanted = info.isreg() and posixpath.normpath(info.name) == name
            file = tar.extractfile(info) if wanted else None
            if file is not None:
                yield file
                return
    raise EOFError(name)


def _open(stream: Metered, headers: int) -> tarfile.TarFile:
    file = cast("BinaryIO", stream)  # only read from
    return tarfile.open(fileobj=file, mode="r|", tarinfo=_bounded(headers))


def _bounded(most: int) -> type[tarfile.TarInfo]:
    """What reads one header, with a bound on all of them: names may be as long as the archive."""
    left = most

    class Bounded(tarfile.TarInfo):
        @override
        @classmethod
        def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> Self:
            nonlocal left
            info = super().frombuf(buf, encoding, errors)
            left -= len(buf) + (info.size if info.type in _METADATA else 0)
            if left < 0 or info.size < 0:
                raise PackageRefused(
                    f"the archive's names and attributes are larger than {most >> 20} MiB"
                )
            if info.type == tarfile.GNUTYPE_SPARSE:
                _refuse_sparse()
            return info

        def _proc_gnusparse_10(self, *_: object) -> None:  # its map has no bound of its own
            _refuse_sparse()

    return Bounded


def _refuse_sparse() -> None:
    raise PackageRefused("the archive holds a file with holes, pack it without --sparse")


def _member(info: tarfile.TarInfo) -> Member:
    kind: Type = "other"
    if info.issparse():
        _refuse_sparse()
    if info.isreg():
        kind = "file"
    elif info.isdir():
        kind = "folder"
    elif info.issym():
        kind = "link"
    elif info.islnk():
        kind = "hard link"
    target = info.linkname if info.issym() or info.islnk() else ""
    return Member(name=info.name, type=kind, size=info.size, target=target)
