"""Ends and removes what a crashed run of this program left behind; run once at the start, in a thread.

Kills only what is proven to be ours: the recorded process of this boot, or one whose environment names the
recorded private directory.
"""

import contextlib
import logging
import os
from pathlib import Path

from botkube.plugins.place import DIRECTORY_PREFIX
from botkube.plugins.processes import (
    boot_id,
    holders_of,
    kill_group,
    kill_holders,
    kill_user,
    wait_gone,
)
from botkube.plugins.records import Record, read_record, remove_record, still_runs
from botkube.plugins.removal import remove_tree
from botkube.plugins.users import EXCLUSIVE
from botkube.runtime.logs import fields

log = logging.getLogger(__name__)

_GONE = 2.0


def sweep(record_dir: Path) -> int:
    """Kill the plugin processes an earlier run left and remove their directories; the number of processes killed.

    Only the holder of the state directory's lock may call it. Blocks up to 2 s for each process.
    """
    boot = boot_id()
    for unfinished in record_dir.glob("*.new"):
        remove_record(unfinished)
    return sum(_sweep_one(path, boot) for path in sorted(record_dir.glob("*.json")))


def _sweep_one(path: Path, boot: str) -> int:
    record = read_record(path)
    killed = 0
    if record is not None and Path(record.directory).name.startswith(DIRECTORY_PREFIX):
        killed = _end(record, boot)
        _remove_directory(Path(record.directory))
    remove_record(path)
    return killed


def _end(record: Record, boot: str) -> int:
    if record.boot != boot:
        return 0
    killed = set(holders_of(record.directory))
    if _kill_recorded(record, boot):
        killed.add(record.pid)
    kill_holders(record.directory)
    killed.update(_kill_user_of(Path(record.directory)))
    if killed:
        text = "killed what an earlier run left of a plugin"
        log.warning(text, extra=fields(plugin=record.plugin, processes=sorted(killed)))
    return len(killed)


def _kill_user_of(directory: Path) -> tuple[int, ...]:
    """Kill what changed its environment and its group, but could not change its user."""
    try:
        uid = directory.lstat().st_uid
    except OSError:
        return ()
    return kill_user(uid) if uid in EXCLUSIVE else ()


def _kill_recorded(record: Record, boot: str) -> bool:
    try:
        pidfd = os.pidfd_open(record.pid) if record.pid else -1
    except OSError:
        return False
    if pidfd < 0:
        return False
    try:
        # Checked after the pidfd is open: from here on it is the same process or a dead one.
        if not still_runs(record, boot) or os.getpgid(record.pid) != record.pid:
            return False
        kill_group(record.pid)
        return wait_gone(pidfd, _GONE)
    finally:
        os.close(pidfd)


def _remove_directory(directory: Path) -> None:
    # That of a plugin with a user of its own belongs to it, and is in one of ours: there it can put no link.
    with contextlib.suppress(OSError):
        owner = directory.lstat().st_uid
        if os.geteuid() in {0, owner}:
            remove_tree(directory)
