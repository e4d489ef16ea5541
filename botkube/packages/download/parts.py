"""Files that are being downloaded, as they are on disk: what is there, what is known of it, and its digests.

Blocking, for a thread.
"""

import hashlib
import os
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Final
from urllib.parse import unquote, urlsplit

import msgspec

from botkube.packages.errors import PackageFailed, PackageRefused
from botkube.packages.index.locator import Checksum, public_url

LARGEST: Final = 1 << 30
_SPARE: Final = 32 << 20
_PIECE: Final = 1 << 20


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """A file to get. `urls` are the same file at several places, the best first."""

    urls: tuple[str, ...]
    part: Path
    checksums: tuple[Checksum, ...] = ()
    largest: int = LARGEST
    unpacks: bool = False  # needs room twice


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """What the server said of the file that is partly there."""

    url: str
    validator: str
    total: int


def digests(file: Path, checksums: Sequence[Checksum] = ()) -> dict[str, str]:
    """Return the SHA-256 of a file and its digests of the kinds that are to be checked.

    Raises: OSError.
    """
    hashes = {
        name: hashlib.new(name, usedforsecurity=False)
        for name in {"sha256", *(c.algorithm for c in checksums)}
    }
    with file.open("rb", buffering=0) as opened:
        while piece := opened.read(_PIECE):
            for each in hashes.values():
                each.update(piece)
    return {name: each.hexdigest() for name, each in hashes.items()}


def local_path(url: str) -> Path | None:
    """Return the file that a file:// URL names, None for other URLs."""
    parts = urlsplit(url)
    return Path(unquote(parts.path)) if parts.scheme == "file" else None


def forget(part: Path) -> None:
    """Remove what there is of a file."""
    part.unlink(missing_ok=True)
    _note(part).unlink(missing_ok=True)


def _note(part: Path) -> Path:
    return part.with_suffix(".json")


def left_over(part: Path, url: str) -> tuple[int, Found | None]:
    """Return how much of this very file is there, and what is known of it, if it can be gone on with."""
    try:
        found = msgspec.json.decode(_note(part).read_bytes(), type=Found)
        have = part.stat().st_size
    except (OSError, msgspec.DecodeError, UnicodeDecodeError):
        return 0, None
    fits = found.url == url and bool(found.validator) and 0 < have <= (found.total or have)
    return (have, found) if fits else (0, None)


def open_part(wanted: Wanted, found: Found, start: int) -> IO[bytes]:
    """Note what is known of the file and open it to append, if there is room for it.

    Raises: PackageFailed.
    """
    folder = wanted.part.parent
    needed = (found.total - start) + (2 * found.total if wanted.unpacks else found.total)
    free = shutil.disk_usage(folder).free
    if free < needed + _SPARE:
        raise PackageFailed(
            f"{public_url(found.url)} needs about {needed >> 20} MiB in {folder}, "
            f"where {free >> 20} MiB are free: make room"
        )
    try:
        _note(wanted.part).write_bytes(msgspec.json.encode(found))
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC
        return os.fdopen(os.open(wanted.part, flags, 0o600), "ab", buffering=0)
    except OSError as error:
        raise _unwritable(folder, error) from error


def copy_local(path: Path, wanted: Wanted) -> None:
    """Make the part file a copy of a file of this machine.

    Raises: PackageFailed; PackageRefused if it is no file or too large.
    """
    try:
        if path.stat().st_size > wanted.largest or not path.is_file():
            raise PackageRefused(f"{path} is no file, or larger than {wanted.largest >> 20} MiB")
        forget(wanted.part)
        shutil.copyfile(path, wanted.part)
    except OSError as error:
        raise PackageFailed(
            f"{path} cannot be copied to {wanted.part.parent}: {error.strerror}"
        ) from error


def append(sink: IO[bytes], data: bytes, folder: Path) -> None:
    """Write all of it.

    Raises: PackageFailed.
    """
    view = memoryview(data)
    try:
        while view:
            view = view[sink.write(view) :]
    except OSError as error:
        raise _unwritable(folder, error) from error


def _unwritable(folder: Path, error: OSError) -> PackageFailed:
    return PackageFailed(f"cannot write in {folder}: {error.strerror}")
