"""Wall time: the only place that asks the system what time it is. Intervals use Trio's clock."""

import os
import time
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path


def wall() -> float:
    """Return seconds since the epoch."""
    return time.time()  # noqa: TID251  # this module is the one the ban points to


@lru_cache(maxsize=64)  # a window of messages shares its time
def rfc3339(t: float) -> str:
    """Return a wall time as RFC 3339 in UTC with milliseconds: `2026-11-22T21:23:00.000Z`."""
    moment = datetime.fromtimestamp(t, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def process_age() -> float:
    """Return the seconds since this process was executed, to the kernel's clock tick (10 ms)."""
    stat = Path("/proc/self/stat").read_text("utf-8", "replace")
    started = int(stat.rpartition(")")[2].split()[19]) / os.sysconf("SC_CLK_TCK")
    return time.clock_gettime(time.CLOCK_BOOTTIME) - started
