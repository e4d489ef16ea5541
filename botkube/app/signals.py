"""Signals → what they ask for. SIGTERM and SIGINT drain, a second one ends at once, SIGUSR1 shows
the live tasks, SIGHUP tries again what was given up; reload is not there yet.
"""

import logging
import signal
from collections.abc import Callable
from typing import Final

import trio

from botkube.runtime.doorbell import Doorbell
from botkube.runtime.tasktree import render_task_tree

log = logging.getLogger(__name__)

SAME_REQUEST: Final = 1.0  # seconds: a bootloader passes on what its whole group got already
WATCHED: Final = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGUSR1)


class Stop:
    """Whether and how the program was asked to stop."""

    def __init__(self, *, begin: Callable[[], None], at_once: Callable[[], None]) -> None:
        self._asked = trio.Event()
        self._begin = begin
        self._begun = False
        self._asked_at = 0.0
        self._at_once = at_once
        self.exit_code = 0

    def ask(self, number: int) -> None:
        """Ask to stop; asking again a second later means at once."""
        now = trio.current_time()
        if not self._asked.is_set():
            self._asked_at = now
            self._asked.set()
            self.unwinding()
            log.info("stopping: %s", signal.Signals(number).name)
        elif now - self._asked_at >= SAME_REQUEST and not self.exit_code:
            log.warning("stopping at once: %s", signal.Signals(number).name)
            self.now(128 + number)

    def now(self, exit_code: int) -> None:
        """Stop without finishing anything."""
        self.exit_code = exit_code
        self._asked.set()
        self.unwinding()
        self._at_once()

    def unwinding(self) -> None:
        """The end has begun, asked for or not: from now on its time is bounded."""
        if not self._begun:
            self._begun = True
            self._begin()

    async def wait(self) -> None:
        """Until the program is asked to stop."""
        await self._asked.wait()


async def watch_signals(
    stop: Stop, hangup: Doorbell, *, task_status: trio.TaskStatus[None]
) -> None:
    """Act on signals until cancelled; SIGHUP rings."""
    with trio.open_signal_receiver(*WATCHED) as signals:
        task_status.started()
        async for number in signals:
            if number == signal.SIGUSR1:
                tree = render_task_tree(
                    trio.lowlevel.current_root_task() or trio.lowlevel.current_task()
                )
                log.warning("task tree\n%s", tree)
            elif number == signal.SIGHUP:
                log.info(
                    "SIGHUP: reload is not available in this version; what was given up is tried again"
                )
                hangup.ring()
            else:
                stop.ask(number)
