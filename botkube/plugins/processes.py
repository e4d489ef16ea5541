"""Facts about Linux processes that prove identity: start time, boot, environment; and how to end them."""

import contextlib
import os
import select
import signal
from collections.abc import Iterator
from pathlib import Path

_PROC = Path("/proc")
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


def holders_of(directory: str) -> Iterator[int]:
    """Find every process whose environment names `directory` as its socket directory, whatever its group.

    A private directory's name is random, so what carries it was started for that plugin: also a
    grandchild that left the process group.
    """
    mark = b"\0PLUGIN_UNIX_SOCKET_DIR=" + os.fsencode(directory) + b"\0"
    for entry in os.scandir(_PROC):
        if entry.name.isdecimal() and int(entry.name) != os.getpid() and _carries(entry.path, mark):
            yield int(entry.name)


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


def wait_gone(pidfd: int, seconds: float) -> bool:
    """Block (call it in a thread) until the process behind a pidfd is gone."""
    poll = select.poll()
    poll.register(pidfd, select.POLLIN)
    return bool(poll.poll(seconds * 1000))


def _carries(process: str, mark: bytes) -> bool:
    try:
        return mark in b"\0" + Path(process, "environ").read_bytes()
    except OSError:  # gone, or another user's
        return False
