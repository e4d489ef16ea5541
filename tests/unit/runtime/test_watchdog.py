"""The watchdog's countdown; its real exit is tested with a real process."""

import queue
import threading
from collections.abc import Callable

import trio

from botkube.runtime.watchdog import Watchdog

Exits = queue.SimpleQueue[int]


async def exit_status(
    on_overrun: Callable[[str], object], *, seconds: float = 0.01, report_seconds: float = 5.0
) -> int:
    exits = Exits()

    def tell(report: str) -> None:
        on_overrun(report)

    Watchdog(seconds, tell, report_seconds=report_seconds, leave=exits.put).arm()
    await trio.lowlevel.checkpoint()
    return exits.get(timeout=10)  # blocks the loop, as the reason for an overrun would


async def test_an_overrun_while_the_loop_is_blocked_is_reported_and_ends_the_program() -> None:
    reports: list[str] = []
    assert await exit_status(reports.append) == 70
    report = "".join(reports)
    assert report.startswith("shutdown took over 0.01 s")
    assert "exits.get(timeout=10)" in report
    assert "tasks:\n<init>" in report


async def test_a_report_that_hangs_does_not_keep_the_program() -> None:
    written = threading.Event()  # a pipe nobody reads
    assert await exit_status(lambda _: written.wait(10), report_seconds=0.05) == 70
    written.set()


async def test_a_disarmed_watchdog_does_nothing() -> None:
    exits = Exits()
    watchdog = Watchdog(0.02, lambda _: None, leave=exits.put)
    watchdog.arm()
    watchdog.disarm()
    await trio.to_thread.run_sync(join_watchdogs)
    assert exits.empty()


def join_watchdogs() -> None:
    for thread in threading.enumerate():
        if thread.name == "watchdog":
            thread.join()
