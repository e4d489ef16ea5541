"""Takes the executable out of a downloaded file: the file itself, a compressed file, or one file of an archive.

Blocking, for a thread. An archive is read once to judge it, before anything is written, and once more to copy.
"""

import lzma
import os
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import msgspec

from botkube.packages.errors import PackageFailed, PackageRefused
from botkube.packages.index.locator import Artifact
from botkube.packages.unpacking.archive import judge, pick
from botkube.packages.unpacking.decompress import Limits, Metered, Readable, decompressed
from botkube.packages.unpacking.tarball import tar_file, tar_members
from botkube.packages.unpacking.zipball import open_zip, zip_info, zip_members

_PIECE: Final = 1 << 16
# What the libraries raise on damaged data; gzip and bz2 an OSError.
_DAMAGED: Final = (
    tarfile.TarError, zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error,
    OSError, EOFError, LookupError, ValueError, OverflowError, RuntimeError, MemoryError,
)  # fmt: skip


class Unpacking(msgspec.Struct, frozen=True, kw_only=True):
    """What to take out of which file.

    `name` is that of a dependency's file; "" takes a plugin's, whatever it is called. `check` is called often
    and ends it by raising.
    """

    source: Path
    artifact: Artifact
    name: str = ""
    limits: Limits = Limits()
    check: Callable[[], None] = lambda: None


def unpack(job: Unpacking, target: Path) -> None:
    """Write the executable to `target`, which must not exist yet.

    Raises: PackageRefused if the file is damaged, hostile or does not hold it; PackageFailed if `target` cannot
    be written. `target` may be there then, incomplete.
    """
    with explained():
        form = job.artifact.form
        if form == "zip":
            _unpack_zip(job, target)
        elif form.startswith("tar"):
            _unpack_tar(job, target, form.removeprefix("tar").removeprefix("."))
        else:
            with decompressed(job.source, form, job.limits, job.check) as stream:
                _copy(stream, target)


def _unpack_tar(job: Unpacking, target: Path, compression: str) -> None:
    limits = job.limits
    with decompressed(job.source, compression, limits, job.check) as stream:
        members = judge(
            tar_members(stream, limits.headers), most=limits.files, unpacked=limits.unpacked
        )
    chosen = pick(members, job.artifact.folder, job.name)
    with (
        decompressed(job.source, compression, limits, job.check) as stream,
        tar_file(stream, limits.headers, chosen.name) as file,
    ):
        _copy(file, target, chosen.size)


def _unpack_zip(job: Unpacking, target: Path) -> None:
    limits = job.limits
    with open_zip(job.source, limits.files, limits.headers) as archive:
        members = judge(zip_members(archive), most=limits.files, unpacked=limits.unpacked)
        chosen = pick(members, job.artifact.folder, job.name)
        with archive.open(zip_info(archive, chosen.name)) as file:
            size = job.source.stat().st_size
            _copy(Metered(file, size, limits, job.check), target, chosen.size)


def _copy(file: Readable, target: Path, size: int | None = None) -> None:
    with _writing(target):
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        out = os.fdopen(os.open(target, flags, 0o600), "wb", buffering=0)
    written = 0
    with out:
        while piece := file.read(_PIECE):
            with _writing(target):
                written += out.write(piece)
    if written == 0 or (size is not None and written != size):
        raise EOFError(f"{written} bytes in place of {'some' if size is None else size}")


@contextmanager
def _writing(target: Path) -> Generator[None]:
    try:
        yield
    except OSError as error:
        raise PackageFailed(f"cannot write {target}: {error.strerror}") from error


@contextmanager
def explained() -> Generator[None]:
    """Translate what the libraries raise on damaged files.

    Raises: PackageRefused.
    """
    try:
        yield
    except _DAMAGED as error:
        words = " ".join(str(error).split())[:200] or type(error).__name__
        raise PackageRefused(f"the file is damaged or not what its name says: {words}") from error
