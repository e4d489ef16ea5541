"""The control group of one plugin process, where this system lets us have any: made before it, removed after it."""

import logging
import re
import signal
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import trio

from botkube.model.plugin import PluginKey
from botkube.plugins.errors import PluginFailed
from botkube.runtime.cgroup import Bounds, ControlGroup, ControlGroups

log = logging.getLogger(__name__)

_REMOVAL = 1.0
_UNSAFE = re.compile(r"[^A-Za-z0-9_-]")


def group_name(key: PluginKey, directory: Path) -> str:
    """Name a group so that people know it in `systemd-cgls`, and no other process of the plugin has it."""
    return _UNSAFE.sub("_", f"{key.kind}-{key.repo}-{key.name}-{directory.name}")


@asynccontextmanager
async def open_group(
    groups: ControlGroups | None, name: str, bounds: Bounds
) -> AsyncGenerator[ControlGroup | None]:
    """Make a group for one process, and end all that is in it.

    Raises: PluginFailed if it cannot be made.
    Cancellation: ending takes at most 2 s, in a thread.
    """
    if groups is None:
        yield None
        return
    try:
        group = await trio.to_thread.run_sync(groups.make, name, bounds)
    except OSError as error:
        raise PluginFailed(f"cannot put the plugin under its limits: {error}") from error
    try:
        yield group
    finally:
        with trio.move_on_after(2 * _REMOVAL, shield=True):
            await trio.to_thread.run_sync(_end, group, abandon_on_cancel=True)


def _end(group: ControlGroup) -> None:
    group.kill()
    if not group.remove(_REMOVAL):
        log.warning("the control group %s cannot be removed", group.path)


def killed_for_memory(exit_code: int | None, group: ControlGroup | None) -> bool:
    """Tell whether a process that is gone used more than its memory."""
    return exit_code == -signal.SIGKILL and group is not None and group.memory_used_up()
