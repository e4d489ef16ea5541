"""Notices the end of the parent process, so that a child left alone can go too. Linux, pidfd_open(2)."""

import os

import trio


async def wait_parent_exit(parent: int | None = None) -> None:
    """Return when our parent is gone; for ever if it cannot be seen at all.

    `parent` is what getppid() said at an earlier time: one that ended since then is gone too.

    Raises: OSError where the kernel or its seccomp filter has no pidfd_open.
    """
    await trio.lowlevel.checkpoint()
    parent = os.getppid() if parent is None else parent
    if parent == 0:  # it lives in another pid namespace
        await trio.sleep_forever()
    try:
        pidfd = os.pidfd_open(parent)
    except ProcessLookupError:
        return
    try:
        if os.getppid() == parent:  # else it died before the pidfd, which may be a stranger's
            await trio.lowlevel.wait_readable(pidfd)
    finally:
        os.close(pidfd)
