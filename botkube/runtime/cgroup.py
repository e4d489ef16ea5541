"""Control groups, version 2: bounds on processor, memory and number of processes for a process and all it starts.

Works where the group this program was started in is its own to divide, as under `Delegate=yes`. Controllers
can only be enabled for the children of a group without processes, so the program first moves to a leaf.
Everything is done by files in a directory; blocking.
"""

import contextlib
import os
import select
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import msgspec

OWN: Final = "agent"
PREFIX: Final = "plugin-"
_PERIOD: Final = 100_000  # microseconds
_PASSES: Final = 5
_LEFT: Final = 0.5  # seconds for what an earlier run left to be gone
_NEEDS: Final = {"cpus": "cpu", "memory": "memory", "processes": "pids"}


class CannotLimit(Exception):
    """Our control group cannot be divided; the text says why."""


class Bounds(msgspec.Struct, frozen=True, kw_only=True):
    """What one group may use; None is no bound."""

    cpus: float | None = None
    memory: int | None = None
    processes: int | None = None


def find_own(process: Path = Path("/proc/self")) -> Path:
    """Give the directory of the group this process is in.

    Raises: CannotLimit if this system has no such groups.
    """
    with contextlib.suppress(OSError):
        inside = _line_of(process / "cgroup", "0::")
        for mount in (process / "mountinfo").read_text().splitlines():
            head, _, tail = mount.partition(" - ")
            if tail.startswith("cgroup2 ") and inside is not None:
                root, point = head.split()[3:5]
                return Path(point, os.path.relpath(inside, root))
    raise CannotLimit("this system shows no cgroup v2")


def _line_of(file: Path, start: str) -> str | None:
    for line in file.read_text().splitlines():
        if line.startswith(start):
            return line.removeprefix(start)
    return None


class ControlGroups:
    """The group that was ours, divided: we are in a leaf of it, and each plugin gets another."""

    def __init__(
        self, path: Path, controllers: frozenset[str], remove: Callable[[Path], None]
    ) -> None:
        self._path = path
        self._controllers = controllers
        self._remove = remove

    def lacking(self, bounds: Bounds) -> tuple[str, ...]:
        """Name those of the bounds that cannot be kept here."""
        return tuple(
            name
            for name, controller in _NEEDS.items()
            if getattr(bounds, name) is not None and controller not in self._controllers
        )

    def make(self, name: str, bounds: Bounds) -> "ControlGroup":
        """Make a group with these bounds, as far as they can be kept.

        Raises: OSError.
        """
        group = ControlGroup(self._path / f"{PREFIX}{name}", self._remove)
        group.path.mkdir(exist_ok=True)
        kept = msgspec.structs.replace(bounds, **dict.fromkeys(self.lacking(bounds)))
        try:
            for file, (text, needed) in _settings(kept).items():
                with contextlib.nullcontext() if needed else contextlib.suppress(OSError):
                    (group.path / file).write_text(text)
        except OSError:
            group.remove(0)
            raise
        return group


def _settings(bounds: Bounds) -> dict[str, tuple[str, bool]]:
    """What to write into which file, and whether a kernel without that file will not do."""
    found: dict[str, tuple[str, bool]] = {}
    if bounds.cpus is not None:
        found["cpu.max"] = (f"{round(bounds.cpus * _PERIOD)} {_PERIOD}", True)
    if bounds.memory is not None:
        found["memory.max"] = (str(bounds.memory), True)
        found["memory.swap.max"] = ("0", False)  # else it would swap where it is to end
        found["memory.oom.group"] = ("1", False)  # all of it, not the largest process
    if bounds.processes is not None:
        found["pids.max"] = (str(bounds.processes), True)
    return found


class ControlGroup:
    """The group of one process and all it starts."""

    def __init__(self, path: Path, remove: Callable[[Path], None]) -> None:
        self.path = path
        self._remove = remove

    @property
    def entrance(self) -> str:
        """The file that a process joins by."""
        return str(self.path / "cgroup.procs")

    def join(self, pid: int) -> None:
        """Put a process into the group; one that is gone is fine.

        Raises: OSError.
        """
        with contextlib.suppress(ProcessLookupError):
            Path(self.entrance).write_text(str(pid))

    def kill(self) -> None:
        """Kill every process in the group, however it hides."""
        with contextlib.suppress(OSError):  # before Linux 5.14 there is no such file
            (self.path / "cgroup.kill").write_text("1")

    def memory_used_up(self) -> bool:
        """Tell whether a process of the group was killed because the group used up its memory."""
        with contextlib.suppress(OSError):
            return int(_line_of(self.path / "memory.events", "oom_kill ") or 0) > 0
        return False

    def remove(self, within: float) -> bool:
        """Remove the group as soon as it is empty; False if it is not within so many seconds."""
        deadline = time.monotonic() + within
        while True:
            with _watched(self.path / "cgroup.events") as wait:
                try:
                    self._remove(self.path)
                except FileNotFoundError:
                    return True
                except OSError:
                    left = deadline - time.monotonic()
                    if wait is None or left <= 0:
                        return False
                    wait(left)
                else:
                    return True


@contextlib.contextmanager
def _watched(events: Path) -> Iterator[Callable[[float], object] | None]:
    """Give what waits for the next change of a group: it counts from here."""
    try:
        descriptor = os.open(events, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        yield None
        return
    try:
        os.read(descriptor, 4096)
        poll = select.poll()
        poll.register(descriptor, select.POLLPRI)
        yield lambda seconds: poll.poll(seconds * 1000)
    finally:
        os.close(descriptor)


def divide(
    own: Path, is_ours: Callable[[int], bool], remove: Callable[[Path], None] = Path.rmdir
) -> ControlGroups:
    """Move this program to a leaf of its group and make the rest of it available for plugins.

    Nothing is moved if other programs than ours are in the group: a login shell's, for instance. What an
    earlier run left in it is killed.

    Raises: CannotLimit.
    """
    try:
        there = frozenset((own / "cgroup.controllers").read_text().split())
        controllers = there & frozenset(_NEEDS.values())
        if not controllers:
            raise CannotLimit(f"{own} has none of the controllers {', '.join(_NEEDS.values())}")
        if strangers := [pid for pid in _processes(own) if not is_ours(pid)]:
            raise CannotLimit(f"other programs are in our {own}, such as process {strangers[0]}")
        _move(own, own / OWN)
        enabled = " ".join(f"+{name}" for name in sorted(controllers))
        (own / "cgroup.subtree_control").write_text(enabled)
    except OSError as error:
        raise CannotLimit(f"{own} is not ours to divide: {error.strerror}") from error
    for left in own.glob(f"{PREFIX}*"):
        group = ControlGroup(left, remove)
        group.kill()
        group.remove(_LEFT)
    return ControlGroups(own, controllers, remove)


def _move(own: Path, leaf: Path) -> None:
    leaf.mkdir(exist_ok=True)
    for _ in range(_PASSES):  # one of them may fork meanwhile
        for pid in _processes(own):
            with contextlib.suppress(ProcessLookupError):
                (leaf / "cgroup.procs").write_text(str(pid))


def _processes(group: Path) -> list[int]:
    return [int(line) for line in (group / "cgroup.procs").read_text().split()]
