"""Turns of several test processes (pytest-xdist): a test that loads the machine, or measures it, has it for itself.

A test holds the machine shared, one marked `alone` exclusively. Whoever wants it waits at a gate, so that nobody
comes in while one that is alone waits for the others to leave.
"""

import fcntl
import os
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def turn(*, alone: bool) -> Generator[None]:
    """Wait for the machine, and hold it while the block runs; nothing where there is one process."""
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID")
    if run is None:
        yield
        return
    place = Path(tempfile.gettempdir()) / f"botkube-turns-{run}"
    with place.with_suffix(".gate").open("a") as gate, place.with_suffix(".room").open("a") as room:
        fcntl.flock(gate, fcntl.LOCK_EX)
        fcntl.flock(room, fcntl.LOCK_EX if alone else fcntl.LOCK_SH)
        fcntl.flock(gate, fcntl.LOCK_UN)
        yield
