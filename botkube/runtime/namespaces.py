"""Namespaces: a process gets a network of its own with nothing in it, or a file system with little in it.

The second stands in where there is no Landlock: the same grants, as mounts. What is not granted is not there.
"""

import errno
import os
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from botkube.runtime.kernel import Kernel
from botkube.runtime.landlock import Grants

_NEW_MOUNTS, _NEW_USERS, _NEW_NETWORK = 0x00020000, 0x10000000, 0x40000000
_READ_ONLY, _NO_SUID, _NO_DEVICES, _REMOUNT, _BIND, _RECURSIVE = 1, 2, 4, 32, 4096, 16384
_PRIVATE: Final = 1 << 18
_DETACH: Final = 2
_MOUNT_SETATTR: Final = 442  # since Linux 5.12
_HERE: Final = -100
_WHOLE_TREE: Final = 0x8000
_OLD: Final = "old-root"


def unshare(kernel: Kernel, *, mounts: bool, network: bool, privileged: bool) -> None:
    """Leave the host's mounts, its network, or both; without privileges in a user namespace of its own.

    Raises: OSError.
    """
    user, group = os.geteuid(), os.getegid()
    wanted = _NEW_MOUNTS * mounts | _NEW_NETWORK * network
    kernel.libc("unshare", wanted | (0 if privileged else _NEW_USERS))
    if not privileged:
        kernel.write("/proc/self/setgroups", "deny")
        kernel.write("/proc/self/uid_map", f"{user} {user} 1")
        kernel.write("/proc/self/gid_map", f"{group} {group} 1")


def enter(kernel: Kernel, grants: Grants, base: str) -> None:
    """Have a file system with nothing in it but the grants; `base` is any directory. To follow `unshare`.

    Raises: OSError.
    """
    kernel.libc("mount", None, b"/", None, _RECURSIVE | _PRIVATE, None)
    kernel.libc("mount", b"tmpfs", os.fsencode(base), b"tmpfs", _NO_SUID | _NO_DEVICES, b"mode=755")
    old = Path(base, _OLD)
    old.mkdir()
    kernel.libc("pivot_root", os.fsencode(base), os.fsencode(old))
    os.chdir("/")
    furnish(kernel, grants, Path("/"), Path("/", _OLD))
    kernel.libc("umount2", f"/{_OLD}".encode(), _DETACH)
    Path("/", _OLD).rmdir()
    _protect(kernel, Path("/"), 0)


def furnish(kernel: Kernel, grants: Grants, root: Path, old: Path) -> None:
    """Show below `root` what is granted of `old`.

    Raises: OSError.
    """
    mask = os.umask(0o022)  # the directories made on the way are for another user too
    try:
        for path, writable in _in_order(grants):
            source, target = _below(old, path), _below(root, path)
            if source.is_symlink():
                _link(source, target)
            elif source.exists():
                _bind(kernel, source, target, writable=writable)
    finally:
        os.umask(mask)


def _in_order(grants: Grants) -> Iterator[tuple[str, bool]]:
    """What contains another comes first."""
    wanted = dict.fromkeys(grants.readable, False)
    wanted |= dict.fromkeys((*grants.devices, *grants.writable), True)
    yield from sorted(wanted.items())


def _below(root: Path, path: str) -> Path:
    return root / path.lstrip("/")


def _link(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if not os.path.lexists(target):
        target.symlink_to(source.readlink())


def _bind(kernel: Kernel, source: Path, target: Path, *, writable: bool) -> None:
    if source.is_dir():
        target.mkdir(parents=True, exist_ok=True)
    elif not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        target.touch()
    flags = _BIND | _RECURSIVE
    kernel.libc("mount", os.fsencode(source), os.fsencode(target), None, flags, None)
    if not writable:
        _protect(kernel, target, _WHOLE_TREE)


def _protect(kernel: Kernel, target: Path, how_deep: int) -> None:
    """Make a mount read-only; of a whole tree just its top, where the kernel cannot do more."""
    name, attributes = os.fsencode(target), struct.pack("=4Q", _READ_ONLY, 0, 0, 0)
    try:
        kernel.syscall(_MOUNT_SETATTR, _HERE, name, how_deep, attributes, len(attributes))
    except OSError as error:
        if error.errno not in {errno.ENOSYS, errno.EPERM}:  # EPERM: an old system call filter
            raise
        kept = os.statvfs(target).f_flag & 0xF  # what must not be taken off: suid, dev, exec
        flags = _REMOUNT | _BIND | _READ_ONLY | kept
        kernel.libc("mount", None, name, None, flags, None)
