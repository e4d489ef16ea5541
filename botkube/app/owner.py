"""Work of root in the directories of another user: done as that user, so that whatever links are put there, nothing
of others is written, and everything belongs to whom it should.
"""

import os
import stat
from pathlib import Path
from typing import Final

from botkube.model.errors import BotkubeError
from botkube.runtime.kernel import Kernel, RealKernel
from botkube.runtime.privileges import User, become_reading

_LINKS: Final = 40  # as many as Linux follows


class OwnerError(BotkubeError):
    """Root may not become the user whose directory it is."""


def work_as_owner(
    cache: Path, lock_folder: Path, kernel: Kernel | None = None, *, make: bool = False
) -> None:
    """As root, become whoever has the cache or the lock file's folder. For good, and for this thread and those that it
    starts: call it before there are others. `make`: a cache that only root could make is made for that user first.

    Raises: OwnerError.
    """
    if os.geteuid() != 0:
        return
    owners = {folder: owner_of(folder) for folder in (cache, lock_folder)}
    others = {folder: owner for folder, owner in owners.items() if owner.uid != 0}
    if not others:
        return
    if len({owner.uid for owner in others.values()}) > 1:
        told = " and ".join(
            f"{folder} belongs to user {owner.uid}" for folder, owner in others.items()
        )
        raise OwnerError(f"{told}: give the cache and the lock file's folder to one user")
    folder, owner = next(iter(others.items()))
    try:
        if make and cache not in others and not cache.exists():
            cache.mkdir(parents=True)
            os.chown(cache, owner.uid, owner.gid)
        become_reading(kernel or RealKernel(), owner)
    except OSError as error:
        raise OwnerError(
            f"{folder} belongs to user {owner.uid}, whom this root cannot become ({error.strerror}): "
            "run the command as that user"
        ) from error


def owner_of(folder: Path) -> User:
    """Return whose a directory is, or will be: the first but root who can change where the way to it leads."""
    ours = {0, Path("/").lstat().st_uid}  # a user namespace may not know root by its number
    way, at, links = list(reversed(folder.absolute().parts)), Path("/"), 0
    while way and links < _LINKS:
        part = way.pop()
        at = at.parent if part == ".." else at / part
        try:
            found = at.lstat()
        except (FileNotFoundError, NotADirectoryError):
            break
        if found.st_uid not in ours:
            return User(found.st_uid, found.st_gid)
        if stat.S_ISLNK(found.st_mode):
            links += 1
            way += reversed(at.readlink().parts)
            at = at.parent
    return User(0, 0)
