"""Bundles as one tar file: the same bytes for the same bundle, and taken apart without trust. Blocking, for a thread."""

import os
import posixpath
import re
import secrets
import shutil
import tarfile
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from botkube.packages.bundle.folder import FILES, INDEXES, LOCK, MANIFEST
from botkube.packages.download.parts import LARGEST
from botkube.packages.errors import PackageFailed, PackageRefused
from botkube.packages.files import sync_folder
from botkube.packages.unpacking.archive import Member
from botkube.packages.unpacking.decompress import Limits, Readable, decompressed
from botkube.packages.unpacking.tarball import tar_contents
from botkube.packages.unpacking.unpack import explained

SUFFIX: Final = ".tar"
_LIMITS: Final = Limits(unpacked=64 << 30, free=64 << 30)
_SPARE: Final = 32 << 20
_PIECE: Final = 1 << 20
_NAMES: Final = re.compile(
    rf"{re.escape(MANIFEST)}|{re.escape(LOCK)}|{FILES}/[0-9a-f]{{64}}"
    rf"|{INDEXES}/[^/.\0][^/\0]{{0,200}}\.yaml(?:\.minisig)?"
)
_FOLDERS: Final = frozenset((".", FILES, INDEXES))


def write_tar(folder: Path, target: Path) -> None:
    """Write the bundle in a folder as a tar file that did not exist, its small files first.

    Raises: OSError.
    """
    names = sorted(str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file())
    names.sort(key=lambda name: (name != MANIFEST, name.startswith(FILES)))
    with target.open("xb") as out:
        with tarfile.open(fileobj=out, mode="w", format=tarfile.GNU_FORMAT) as archive:
            for name in names:
                _add(archive, folder / name, name)
        out.flush()
        os.fsync(out.fileno())


def _add(archive: tarfile.TarFile, path: Path, name: str) -> None:
    header = tarfile.TarInfo(name)  # of nobody, from 1970, on every machine
    header.mode = 0o644
    with path.open("rb") as file:
        header.size = os.fstat(file.fileno()).st_size
        archive.addfile(header, file)


def extract(source: Path, folder: Path, check: Callable[[], None]) -> None:
    """Take a bundle apart into an empty folder; `check` is called often and ends it by raising.

    Raises: PackageRefused at the first thing that has no place in a bundle; PackageFailed if there is no room.
    """
    size = source.stat().st_size
    free = shutil.disk_usage(folder).free
    if free < size + _SPARE:
        raise PackageFailed(
            f"the bundle needs {size >> 20} MiB in {folder.parent}, where {free >> 20} MiB are free: make room"
        )
    for name in (FILES, INDEXES):
        (folder / name).mkdir()
    seen: set[str] = set()
    with explained(), decompressed(source, "", _LIMITS, check) as stream:
        for member, content in tar_contents(stream, _LIMITS.headers):
            name = posixpath.normpath(member.name)
            if member.type == "folder" and name in _FOLDERS:
                continue
            _check(member, name, seen)
            if content is not None:
                _copy(content, folder / name)
    if MANIFEST not in seen:
        raise PackageRefused(f"{source} is no bundle: it has no {MANIFEST} at its top")


def _check(member: Member, name: str, seen: set[str]) -> None:
    shown = repr(member.name[:200])
    if member.type != "file" or not _NAMES.fullmatch(name):
        raise PackageRefused(f"the bundle holds {shown}, a {member.type} that has no place in one")
    if name in seen:
        raise PackageRefused(f"the bundle holds {shown} twice")
    if member.size > LARGEST or len(seen) >= _LIMITS.files:
        raise PackageRefused(f"the bundle is too large at {shown}")
    seen.add(name)


def _copy(content: Readable, target: Path) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    with open(os.open(target, flags, 0o600), "wb", buffering=0) as out:  # noqa: PTH123 - a descriptor
        while piece := content.read(_PIECE):
            _write(out.fileno(), piece, target)


def _write(descriptor: int, data: bytes, target: Path) -> None:
    view = memoryview(data)
    try:
        while view:
            view = view[os.write(descriptor, view) :]
    except OSError as error:
        raise PackageFailed(f"cannot write in {target.parent}: {error.strerror}") from error


@contextmanager
def building(target: Path) -> Generator[Path]:
    """Give a new folder beside `target`; at the end of the block what it has under `done` becomes the target.

    A file is replaced, a folder only if it is empty. If the block fails nothing of it is left.

    Raises: PackageFailed if nothing can be written there; PackageRefused if it would replace something else.
    """
    scratch = target.with_name(f".{target.name}.{secrets.token_hex(4)}.new")
    try:
        _check_target(target)
        scratch.mkdir(mode=0o700, parents=True)
        yield scratch
        (scratch / "done").replace(target)
        sync_folder(target.parent)
    except OSError as error:
        raise PackageFailed(f"{target} cannot be written: {error.strerror or error}") from error
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _check_target(target: Path) -> None:
    if target.suffix == SUFFIX:
        if target.exists() and not target.is_file():
            raise PackageRefused(f"{target} is no file: name another one")
    elif target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise PackageRefused(f"{target} is there already: name a new folder, or a file {SUFFIX}")
