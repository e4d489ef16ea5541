"""One small file per plugin process, so that the next start can end what a crash left behind.

Written twice: before the process exists, naming its private directory (its environment carries that name),
and right after, with pid and start time.
"""

import contextlib
import os
from pathlib import Path

import msgspec

from botkube.plugins.processes import start_time


class Record(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which process in which directory; pid 0 while it is about to be started."""

    plugin: str
    directory: str
    boot: str
    pid: int = 0
    start: int = 0


def write_record(path: Path, record: Record) -> None:
    """Write or replace a record whole.

    Raises: OSError if the disk does not take it.
    """
    temporary = path.with_suffix(".new")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(msgspec.json.encode(record))
    temporary.replace(path)


def read_record(path: Path) -> Record | None:
    """Read a record, None if the file is damaged."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Record)
    except (OSError, msgspec.DecodeError):
        return None


def still_runs(record: Record, boot: str) -> bool:
    """Tell whether the very process that was recorded is running: same boot, pid and start time."""
    return record.pid > 0 and record.boot == boot and start_time(record.pid) == record.start


def remove_record(path: Path) -> None:
    """Remove a record; one that is gone is fine."""
    with contextlib.suppress(OSError):
        path.unlink(missing_ok=True)
