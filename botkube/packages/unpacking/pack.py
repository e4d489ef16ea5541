"""Packs an executable into a `.tar.gz` that is the same for the same executable. Blocking, for a thread."""

import gzip
import secrets
import tarfile
from pathlib import Path
from typing import Final

from botkube.packages.download.parts import digests
from botkube.packages.errors import PackageRefused
from botkube.packages.index.locator import Artifact, Form
from botkube.packages.unpacking.unpack import Unpacking, unpack

SUFFIX: Final = ".tar.gz"
_LEVEL: Final = 6


def pack(binary: Path, archive: Path) -> None:
    """Write the archive, in place of one that is there.

    Raises: OSError.
    """
    fresh = archive.with_name(f".{archive.name}.{secrets.token_hex(4)}.new")
    try:
        with fresh.open("xb") as out:
            packed = gzip.GzipFile("", "wb", _LEVEL, out, mtime=0)
            with packed, tarfile.open(fileobj=packed, mode="w", format=tarfile.GNU_FORMAT) as tar:
                header = tarfile.TarInfo(binary.name)  # of nobody, from 1970, on every machine
                header.mode, header.size = 0o755, binary.stat().st_size
                with binary.open("rb") as file:
                    tar.addfile(header, file)
        fresh.replace(archive)
    finally:
        fresh.unlink(missing_ok=True)


def take_out(archive: Path, form: Form, target: Path) -> None:
    """Take the executable out of an archive, as an install does; `target` must not exist.

    Raises: PackageRefused if there is none, or the archive is damaged or hostile.
    """
    unpack(Unpacking(source=archive, artifact=Artifact(url=archive.as_uri(), form=form)), target)
    target.chmod(0o700)


def holds(archive: Path, form: Form, binary: Path, scratch: Path) -> bool:
    """Tell whether what an install takes out of an archive is this executable.

    Raises: OSError.
    """
    target = scratch / f"{secrets.token_hex(4)}.new"
    try:
        take_out(archive, form, target)
        return digests(target)["sha256"] == digests(binary)["sha256"]
    except PackageRefused:
        return False
    finally:
        target.unlink(missing_ok=True)
