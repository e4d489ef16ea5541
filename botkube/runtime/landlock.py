"""Landlock: a process gives up the file system but for an allow-list, for good and for all its children.

Owns the numbers of landlock(7) and what each version of it can. A right that the running kernel does not
know is left out; `lacking` names what that means.
"""

import errno
import os
import stat
import struct
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

import msgspec

from botkube.runtime.kernel import Kernel

_CREATE: Final = 444
_ADD_RULE: Final = 445
_RESTRICT_SELF: Final = 446
_VERSION_FLAG: Final = 1
_BENEATH: Final = 1

_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = (1 << bit for bit in range(4))
_TREE: Final = sum(1 << bit for bit in range(4, 13))  # make and remove files of every kind
_REFER, _TRUNCATE, _IOCTL_DEV = (1 << bit for bit in range(13, 16))
_OF_FILES: Final = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE | _IOCTL_DEV
_READ: Final = _EXECUTE | _READ_FILE | _READ_DIR
_USE_DEVICE: Final = _READ_FILE | _WRITE_FILE | _TRUNCATE | _IOCTL_DEV
_ALL: Final = (1 << 16) - 1
_SCOPES: Final = 3  # no abstract sockets and no signals to processes outside

_REFER_SINCE, _TRUNCATE_SINCE, _NETWORK_SINCE, _IOCTL_SINCE, _SCOPES_SINCE = 2, 3, 4, 5, 6

_ABSENT: Final = "this kernel has no Landlock (it came with Linux 5.13)"
_OFF: Final = (
    "Landlock is switched off in this kernel: add landlock to the lsm= list of its command line"
)
_FORBIDDEN: Final = (
    "Landlock is forbidden here by a system call filter: allow landlock_create_ruleset, "
    "landlock_add_rule and landlock_restrict_self (in a container: its seccomp profile)"
)
_LACKS: Final = (
    (_REFER_SINCE, "files cannot be moved from one directory to another (Linux 5.19 lets them)"),
    (
        _TRUNCATE_SINCE,
        "files that its user may write can be emptied, though not written (Linux 6.2 prevents it)",
    ),
    (_IOCTL_SINCE, "device commands are not restricted (Linux 6.10 does it)"),
    (
        _SCOPES_SINCE,
        "signals and abstract sockets of its user's other processes are not out of reach (Linux 6.12 does it)",
    ),
)


class Grants(msgspec.Struct, frozen=True, kw_only=True):
    """What stays allowed. Directories count with all below them, links as links; what is not there is left out."""

    readable: tuple[str, ...] = ()
    writable: tuple[str, ...] = ()
    devices: tuple[str, ...] = ()


def version(kernel: Kernel) -> int:
    """Give the version of Landlock's interface.

    Raises: OSError where there is none.
    """
    return kernel.syscall(_CREATE, None, 0, _VERSION_FLAG)


def lacking(kernel: Kernel) -> tuple[str, ...]:
    """Name, a sentence each, what Landlock cannot do here."""
    try:
        found = version(kernel)
    except OSError as error:
        return (_why_absent(error),)
    return tuple(text for since, text in _LACKS if found < since)


def restrict(kernel: Kernel, grants: Grants) -> None:
    """Give up everything else, as this thread and its children to come.

    Needs no_new_privs, or CAP_SYS_ADMIN.

    Raises: OSError.
    """
    found = version(kernel)
    handled = _known(found)
    ruleset = kernel.syscall(_CREATE, *_attributes(found, handled), 0)
    try:
        for path, rights in _rules(grants):
            _allow(kernel, ruleset, path, rights & handled)
        kernel.syscall(_RESTRICT_SELF, ruleset, 0)
    finally:
        os.close(ruleset)


def outside(paths: Iterable[str], hidden: Iterable[str]) -> Iterator[str]:
    """Replace each directory with something hidden below it by its other entries; reads directories.

    A path that is a link stands for itself and for what it names. Links found on the way stand for
    themselves alone: a rule for what they name could be a rule for what is hidden.
    """
    concealed = [Path(path).resolve() for path in hidden]
    for path in paths:
        if Path(path).is_symlink():
            yield path
        yield from _outside(Path(path).resolve(), concealed)


def _outside(path: Path, hidden: list[Path]) -> Iterator[str]:
    if any(path == one or one in path.parents for one in hidden):
        return
    if path.is_symlink() or not any(path in one.parents for one in hidden):
        yield str(path)
        return
    try:
        entries = sorted(path.iterdir())
    except OSError:
        return
    for entry in entries:
        yield from _outside(entry, hidden)


def _known(found: int) -> int:
    rights = _ALL
    for since, right in (
        (_REFER_SINCE, _REFER),
        (_TRUNCATE_SINCE, _TRUNCATE),
        (_IOCTL_SINCE, _IOCTL_DEV),
    ):
        if found < since:
            rights &= ~right
    return rights


def _attributes(found: int, handled: int) -> tuple[bytes, int]:
    packed = struct.pack("=Q", handled)
    if found >= _NETWORK_SINCE:
        packed += struct.pack("=Q", 0)
    if found >= _SCOPES_SINCE:
        packed += struct.pack("=Q", _SCOPES)
    return packed, len(packed)


def _rules(grants: Grants) -> Iterator[tuple[str, int]]:
    for path in grants.readable:
        yield path, _READ
    for path in grants.devices:
        yield path, _USE_DEVICE
    for path in grants.writable:
        yield path, _READ | _WRITE_FILE | _TREE | _REFER | _TRUNCATE


def _allow(kernel: Kernel, ruleset: int, path: str, rights: int) -> None:
    try:
        descriptor = os.open(path, os.O_PATH | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:  # not there, or out of our own reach
        return
    try:
        mode = os.fstat(descriptor).st_mode
        if stat.S_ISLNK(
            mode
        ):  # one can always be read; what it names has a rule of its own or none
            return
        if not stat.S_ISDIR(mode):
            rights &= _OF_FILES
        kernel.syscall(_ADD_RULE, ruleset, _BENEATH, struct.pack("=Qi", rights, descriptor), 0)
    finally:
        os.close(descriptor)


def _why_absent(error: OSError) -> str:
    if error.errno == errno.EOPNOTSUPP:
        return _OFF
    return _FORBIDDEN if error.errno in {errno.EPERM, errno.EACCES} else _ABSENT
