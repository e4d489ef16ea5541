"""How much one plugin may take, and the part of it that is set on its process from outside."""

import contextlib
import resource
from typing import Final

import msgspec

from botkube.plugins.output import READ_RATE
from botkube.runtime.cgroup import Bounds
from botkube.wire.limits import MAX_RESPONSE

LIMITS: Final = "plugins.limits"  # where a user finds them in the configuration
_UNITS: Final = ("bytes", "KiB", "MiB", "GiB", "TiB")
_STEP: Final = 1024


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """The limits of one plugin; None is none."""

    cpus: float | None = None
    memory: int | None = None
    processes: int = 4096  # threads are counted too, and 64 commands at once have a thousand
    open_files: int = 16_384
    max_message: int = MAX_RESPONSE
    stdio_rate: int = READ_RATE

    @property
    def bounds(self) -> Bounds:
        """What a control group is to keep."""
        return Bounds(cpus=self.cpus, memory=self.memory, processes=self.processes)

    @property
    def memory_used_up(self) -> str:
        """Say in words that the plugin was killed for its memory."""
        return f"the plugin used more than its {show_size(self.memory or 0)} of memory ({LIMITS}.memory)"


def limit_process(pid: int, limits: Limits) -> None:
    """Bound the files that a running process may open; one that is gone is fine.

    From outside, after the start: a preexec_fn would run Python code between fork and exec. Not its
    processes, which the kernel counts for each user: a user of its own is given that limit by `confine`.
    """
    with contextlib.suppress(OSError):
        hard = resource.prlimit(pid, resource.RLIMIT_NOFILE)[1]
        most = limits.open_files
        value = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.prlimit(pid, resource.RLIMIT_NOFILE, (value, value))


def show_size(size: int) -> str:
    """Write a number of bytes as people do: `512 MiB`."""
    value, unit = float(size), 0
    while value >= _STEP and unit < len(_UNITS) - 1:
        value, unit = value / _STEP, unit + 1
    return f"{value:.4g} {_UNITS[unit]}"
