"""Which lock files use a cache: links to them in its `locks/`, so that tidying up for one keeps what another names.

Blocking, for a thread.
"""

import hashlib
import os
from contextlib import suppress
from pathlib import Path

from botkube.packages.cache.lockfile import Lock, read_lock


def sign_up(root: Path, lock_file: Path) -> None:
    """Note that a lock file uses the cache; where nothing can be written, nothing can be tidied away either."""
    link = root / "locks" / hashlib.sha256(os.fsencode(lock_file)).hexdigest()[:16]
    if link.is_symlink():
        return
    with suppress(OSError):
        link.parent.mkdir(mode=0o755, exist_ok=True)
        link.symlink_to(lock_file)


def locks_of(root: Path) -> list[Lock]:
    """Read all lock files that use the cache; those that are gone are forgotten.

    Raises: PackageRefused if one cannot be read; OSError.
    """
    found = []
    for link in sorted((root / "locks").glob("*")):
        if link.exists():
            found.append(read_lock(link))
        else:
            link.unlink()
    return found
