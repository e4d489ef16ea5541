"""Gives up what a process could gain or regain rights with: set-user-ID programs, capabilities, groups, its user."""

import errno
from contextlib import suppress
from typing import Final

import msgspec

from botkube.runtime.kernel import Kernel

_SET_NO_NEW_PRIVS: Final = 38
_DROP_BOUNDING: Final = 24
_AMBIENT, _CLEAR_ALL = 47, 4
_MOST_CAPABILITIES: Final = 64
_CAPABILITY_VERSION_3: Final = 0x20080522
_HEADER: Final = _CAPABILITY_VERSION_3.to_bytes(4, "little") + bytes(4)  # 0: this thread
_KEEP_CAPABILITIES: Final = 8
_MAY_READ: Final = (1 << 2).to_bytes(4, "little")  # CAP_DAC_READ_SEARCH
_READING: Final = 2 * _MAY_READ + bytes(16)
_NONE: Final = bytes(24)  # effective, permitted and inheritable, 64 bits each


class User(msgspec.Struct, frozen=True):
    """A user and a group by their numbers."""

    uid: int
    gid: int


def gain_nothing(kernel: Kernel) -> None:
    """Make set-user-ID programs and file capabilities ordinary ones, for this process and its children.

    Raises: OSError.
    """
    kernel.libc("prctl", _SET_NO_NEW_PRIVS, 1, 0, 0, 0)


def become(kernel: Kernel, user: User) -> None:
    """Be that user, in its group alone.

    Raises: OSError.
    """
    kernel.libc("setgroups", 0, None)
    kernel.libc("setresgid", user.gid, user.gid, user.gid)
    kernel.libc("setresuid", user.uid, user.uid, user.uid)


def become_reading(kernel: Kernel, user: User) -> None:
    """Be that user, but still read what root may: our own program and its configuration may be root's alone.

    Raises: OSError.
    """
    kernel.libc("prctl", _KEEP_CAPABILITIES, 1, 0, 0, 0)
    become(kernel, user)
    with suppress(OSError):  # a container's root may not have it: then it reads what the user may
        kernel.libc("capset", _HEADER, _READING)


def limit_capabilities(kernel: Kernel) -> None:
    """Empty the set of capabilities that a process can ever get; without the right to, it is left as it is."""
    for capability in range(_MOST_CAPABILITIES):
        try:
            kernel.libc("prctl", _DROP_BOUNDING, capability, 0, 0, 0)
        except OSError:  # no right to, or no more of them
            return


def drop_capabilities(kernel: Kernel) -> None:
    """Give up every capability held now.

    Raises: OSError.
    """
    try:
        kernel.libc("prctl", _AMBIENT, _CLEAR_ALL, 0, 0, 0)
    except OSError as error:
        if error.errno != errno.EINVAL:  # before Linux 4.3
            raise
    kernel.libc("capset", _HEADER, _NONE)
