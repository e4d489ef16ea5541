"""Facts about Linux processes that prove identity: start time, boot, environment; and how to end them."""

import contextlib
import os
import select
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

MARK = "PLUGIN_UNIX_SOCKET_DIR"  # the variable that names a process's private directory

_PROC = Path("/proc")
_PASSES = 5
_START_TIME_FIELD = (
    19  # proc(5) "starttime", counted from the field behind the command's closing parenthesis
)


def boot_id() -> str:
    """Name this boot of the machine: a pid and a start time mean something only within one boot."""
    return (_PROC / "sys/kernel/random/boot_id").read_text().strip()


def start_time(pid: int) -> int | None:
    """Give the start time of a process in clock ticks since boot, None if there is no such process."""
    try:
        stat = (_PROC / str(pid) / "stat").read_bytes()
    except OSError:
        return None
    fields = stat.rpartition(b")")[2].split()
    return None if fields[0] in {b"Z", b"X"} else int(fields[_START_TIME_FIELD])


def is_ours(pid: int) -> bool:
    """Tell whether a process is this program: itself, its bootloader, or a descendant."""
    if pid == os.getppid():
        return _same_program(pid)
    while pid > 1 and pid != os.getpid():
        pid = _parent(pid)
    return pid == os.getpid()


def _same_program(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/exe").samefile("/proc/self/exe") and getattr(sys, "frozen", False)
    except OSError:
        return False


def _parent(pid: int) -> int:
    try:
        stat = (_PROC / str(pid) / "stat").read_bytes()
    except OSError:  # gone, so it is nobody's now
        return os.getpid()
    return int(stat.rpartition(b")")[2].split()[1])


def holders_of(directory: str) -> Iterator[int]:
    """Find every process whose environment names `directory` as its socket directory, whatever its group.

    A private directory's name is random, so what carries it was started for that plugin: also a
    grandchild that left the process group.
    """
    mark = _mark(directory)
    for entry in os.scandir(_PROC):
        if entry.name.isdecimal() and int(entry.name) != os.getpid() and _carries(entry.path, mark):
            yield int(entry.name)


def belongs_to(pid: int, group: int, directory: str) -> bool:
    """Tell whether a process is of a plugin: in its group, or started with its socket directory."""
    try:
        if os.getpgid(pid) == group:
            return True
    except ProcessLookupError:
        return False
    return _carries(f"{_PROC}/{pid}", _mark(directory))


def kill_group(group: int) -> None:
    """Send SIGKILL to a process group; one that is gone is fine."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, signal.SIGKILL)


def kill_holders(directory: str) -> tuple[int, ...]:
    """Send SIGKILL to every process that `holders_of` finds, and name them."""
    killed = tuple(holders_of(directory))
    for pid in killed:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    return killed


def kill_user(uid: int) -> tuple[int, ...]:
    """Send SIGKILL to every process of a user, and name them; for one that nobody else is."""
    killed: set[int] = set()
    for _ in range(_PASSES):  # one of them may fork meanwhile
        found = {pid for pid, user in _users() if user == uid}
        for pid in found:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        if found <= killed:
            break
        killed |= found
    return tuple(killed)


def running_users() -> frozenset[int]:
    """Give the numbers of all users that a process runs as."""
    return frozenset(uid for _, uid in _users())


def _users() -> Iterator[tuple[int, int]]:
    # Not by the owner of the directory: that is root's while a process cannot be dumped.
    for entry in os.scandir(_PROC):
        with contextlib.suppress(OSError):
            if entry.name.isdecimal():
                status = Path(entry.path, "status").read_bytes()
                if b"\nState:\tZ" not in status:
                    uid = status.partition(b"\nUid:\t")[2].split(maxsplit=1)[0]
                    yield int(entry.name), int(uid)


def wait_gone(pidfd: int, seconds: float) -> bool:
    """Block (call it in a thread) until the process behind a pidfd is gone."""
    poll = select.poll()
    poll.register(pidfd, select.POLLIN)
    return bool(poll.poll(seconds * 1000))


def _mark(directory: str) -> bytes:
    return b"\0" + os.fsencode(f"{MARK}={directory}") + b"\0"


def _carries(process: str, mark: bytes) -> bool:
    try:
        return mark in b"\0" + Path(process, "environ").read_bytes()
    except OSError:  # gone, or another user's
        return False
