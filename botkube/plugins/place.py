"""Gives one plugin process its private directory (socket, temporary files) and takes it away again.

The record of it is written first, so a crash at any moment leaves nothing the next start cannot find.
"""

import logging
import os
import secrets
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
import trio

from botkube.plugins.directories import SOCKET_DIR_LIMIT, own_directory
from botkube.plugins.errors import PluginFailed, PluginUnusable
from botkube.plugins.processes import boot_id, start_time
from botkube.plugins.records import Record, remove_record, still_runs, write_record
from botkube.plugins.removal import remove_tree
from botkube.runtime.logs import fields
from botkube.runtime.privileges import User

log = logging.getLogger(__name__)

DIRECTORY_PREFIX = "bk-"
_REMOVAL = 5.0


class Place:
    """The private directory of one plugin process, and its record."""

    def __init__(self, record: Record, record_file: Path, owner: User | None = None) -> None:
        self.directory = Path(record.directory)
        self._record = record
        self._record_file = record_file
        self.owner = owner

    def make(self) -> None:
        """Write the record, then make the directory.

        Raises: OSError if there is no room; PluginUnusable if the runtime directory is not ours.
        """
        own_directory(self._record_file.parent)
        self._write()
        own_directory(self.directory.parent)
        self.directory.mkdir(mode=0o700)
        if self.owner is not None:
            self.directory.parent.chmod(0o711)  # to get there, not to see what else is there
            os.chown(self.directory, self.owner.uid, self.owner.gid)

    def record_process(self, pid: int) -> None:
        """Record the process that now runs here."""
        started = start_time(pid) or 0
        self._record = msgspec.structs.replace(self._record, pid=pid, start=started)
        self._write()

    def remove(self) -> None:
        """Remove the directory and the record (a tree may be large: call it in a thread)."""
        remove_tree(self.directory)
        if not still_runs(
            self._record, boot_id()
        ):  # what even SIGKILL did not end is the next start's
            remove_record(self._record_file)

    def _write(self) -> None:
        try:
            write_record(self._record_file, self._record)
        except OSError as error:  # a full disk is no reason to go without plugins
            text = "plugin process not recorded, a crash now would leave it running: %s"
            log.warning(text, error, extra=fields(plugin=self._record.plugin))


@asynccontextmanager
async def open_place(
    plugin: str, runtime_dir: Path, record_dir: Path, owner: User | None = None
) -> AsyncGenerator[Place]:
    """Make a private directory for one process, which may have a user of its own, and remove it at the end.

    Raises: PluginUnusable if the runtime directory cannot be trusted or its path is too long for a socket;
    PluginFailed if the directory cannot be made.
    Cancellation: removing takes at most 5 s, in a thread.
    """
    place = _new_place(plugin, runtime_dir, record_dir, owner)
    try:
        try:
            place.make()
        except OSError as error:
            raise PluginFailed(f"cannot make the plugin's private directory: {error}") from error
        yield place
    finally:
        with trio.move_on_after(_REMOVAL, shield=True):
            await trio.to_thread.run_sync(place.remove, abandon_on_cancel=True)


def _new_place(plugin: str, runtime_dir: Path, record_dir: Path, owner: User | None) -> Place:
    name = DIRECTORY_PREFIX + secrets.token_hex(4)
    directory = runtime_dir / name
    if len(os.fsencode(directory)) > SOCKET_DIR_LIMIT:
        raise PluginUnusable(
            f"the path of the runtime directory {runtime_dir} is too long for the sockets of plugins: "
            "set RUNTIME_DIRECTORY or TMPDIR to a shorter one"
        )
    record = Record(plugin=plugin, directory=str(directory), boot=boot_id())
    return Place(record, record_dir / f"{name}.json", owner)
