"""What a one-file executable needs: it is two processes, a bootloader that unpacks and the program,
its child. They must not outlive each other, and what was unpacked must not stay.
"""

import os
import sys
import tempfile
from pathlib import Path

from botkube.app.signals import Stop
from botkube.plugins.unpacked import mark_unpack_dir, own_unpack_dir, sweep_unpack_dirs
from botkube.runtime.parentwatch import wait_parent_exit

# Taken before anything else can happen: a bootloader killed later than this is noticed.
_PARENT = os.getppid()


def tidy_unpacked() -> None:
    """Mark our own unpack directory as in use and remove those that killed runs left."""
    own = own_unpack_dir()
    if own is not None:
        mark_unpack_dir(own)
    sweep_unpack_dirs(own.parent if own else Path(tempfile.gettempdir()))


async def watch_bootloader(stop: Stop) -> None:
    """Stop at once when the bootloader is gone: nobody would pass signals on, or tidy up."""
    if own_unpack_dir() is None or not _parent_is_bootloader():
        return
    await wait_parent_exit(_PARENT)
    stop.now(1)


def _parent_is_bootloader() -> bool:
    try:
        return Path(f"/proc/{_PARENT}/exe").samefile(sys.executable)
    except OSError:
        return True  # it is gone already, and then so should we be
