"""Ends the program when its shutdown overruns: says where every task and thread is, then exits.

Runs in a thread of its own, so it works while the Trio loop is blocked. Stops when disarmed.
"""

import os
import sys
import threading
import traceback
from collections.abc import Callable

import trio

from botkube.runtime.tasktree import render_task_tree

OVERRUN = 70  # EX_SOFTWARE of sysexits.h
REPORT_SECONDS = 2.0  # for the report itself: a full stderr pipe must not keep the process alive


def write_stderr(report: str) -> None:
    """Write to file descriptor 2, past the loggers: whoever is stuck may hold their locks."""
    os.write(2, report.encode(errors="backslashreplace"))


class Watchdog:
    """Exits with status 70 unless disarmed within some seconds after being armed."""

    def __init__(
        self,
        seconds: float,
        on_overrun: Callable[[str], None] = write_stderr,
        *,
        report_seconds: float = REPORT_SECONDS,
        leave: Callable[[int], object] = os._exit,  # the only exit that waits for nobody
    ) -> None:
        self._seconds = seconds
        self._on_overrun = on_overrun
        self._report_seconds = report_seconds
        self._leave = leave
        self._disarmed = threading.Event()
        self._root: trio.lowlevel.Task | None = None

    def arm(self) -> None:
        """Start the countdown; call it once, on Trio's thread."""
        self._root = trio.lowlevel.current_root_task()
        threading.Thread(target=self._watch, name="watchdog", daemon=True).start()

    def disarm(self) -> None:
        """Call it off for good, from any thread."""
        self._disarmed.set()

    def _watch(self) -> None:
        if self._disarmed.wait(self._seconds):
            return
        speaker = threading.Thread(target=self._speak, name="watchdog report", daemon=True)
        speaker.start()
        speaker.join(self._report_seconds)
        self._leave(OVERRUN)

    def _speak(self) -> None:  # part by part: one that fails or hangs leaves the earlier ones said
        self._on_overrun(f"shutdown took over {self._seconds:g} s: exiting with status {OVERRUN}\n")
        self._on_overrun(f"threads:\n{_thread_stacks()}\n")
        if self._root is not None:
            self._on_overrun(f"tasks:\n{render_task_tree(self._root)}\n")


def _thread_stacks() -> str:
    names = {thread.ident: thread.name for thread in threading.enumerate()}
    frames = sys._current_frames()  # noqa: SLF001  # the documented way to other threads' stacks
    return "\n".join(
        f"{names.get(ident, ident)}:\n{''.join(traceback.format_stack(frame))}"
        for ident, frame in frames.items()
    )
