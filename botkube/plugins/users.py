"""Which user a sandboxed plugin is: one that is named, or one of its own from a range that nobody else uses.

61000 to 61183: neither Debian's policy nor systemd's table (uids-gids) gives these numbers to anybody; the
range for dynamic users begins right behind it. They need no entry in the user database.
"""

import hashlib
import pwd
import re
from collections.abc import Container, Iterable, Mapping
from typing import Final

from botkube.plugins.processes import running_users
from botkube.runtime.privileges import User

AUTO: Final = "auto"
EXCLUSIVE: Final = range(61_000, 61_184)
_NUMBERS: Final = re.compile(r"([0-9]{1,10})(?::([0-9]{1,10}))?")
_LARGEST: Final = 2**32 - 2


class NoUser(Exception):
    """There is no such user; the text says what to do."""


def named_user(text: str) -> User:
    """Find a user by name, or read UID or UID:GID.

    Raises: NoUser if there is none, or it is root.
    """
    numbers = _NUMBERS.fullmatch(text)
    if numbers:
        user = User(int(numbers[1]), int(numbers[2] or numbers[1]))
    else:
        try:
            entry = pwd.getpwnam(text)
        except KeyError:
            raise NoUser(
                f'there is no user "{text}": useradd --system {text}, or write auto'
            ) from None
        user = User(entry.pw_uid, entry.pw_gid)
    if user.uid in EXCLUSIVE:  # all that such a user runs is killed with its plugin
        raise NoUser(f'"{text}": {EXCLUSIVE[0]} to {EXCLUSIVE[-1]} are for auto; name another user')
    if not (0 < user.uid <= _LARGEST and 0 < user.gid <= _LARGEST):
        raise NoUser(f'"{text}" is root, or no number of a user: write auto')
    return user


def own_users(names: Iterable[str], salt: str, taken: Container[int]) -> Mapping[str, User]:
    """Give each name a user of its own, mostly the same one whatever the others are; none if none is left.

    `salt` tells one instance of this program from another, whose plugins are to be other users.
    """
    free = [uid for uid in EXCLUSIVE if uid not in taken]
    found: dict[str, User] = {}
    for name in sorted(names):
        if not free:
            break
        digest = hashlib.blake2b(f"{salt}\0{name}".encode(), digest_size=4).digest()
        wanted = EXCLUSIVE[int.from_bytes(digest, "big") % len(EXCLUSIVE)]
        uid = min(free, key=lambda uid: (uid - wanted) % len(EXCLUSIVE))
        free.remove(uid)
        found[name] = User(uid, uid)
    return found


def taken_users() -> frozenset[int]:
    """Give the numbers of all users that have an entry in the user database, or run something."""
    return frozenset(entry.pw_uid for entry in pwd.getpwall()) | running_users()
