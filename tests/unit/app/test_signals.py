"""What signals ask for, and how often one has to ask."""

import os
import signal

import pytest
import trio
import trio.testing

from botkube.app.signals import SAME_REQUEST, Stop, watch_signals
from botkube.runtime.doorbell import Doorbell

TERM, INT = signal.SIGTERM, signal.SIGINT
Clock = trio.testing.MockClock


class Asked:
    """A stop, and what it set off."""

    def __init__(self) -> None:
        self.begun = 0
        self.at_once = 0
        self.stop = Stop(begin=self._begin, at_once=self._at_once)

    def _begin(self) -> None:
        self.begun += 1

    def _at_once(self) -> None:
        self.at_once += 1


async def test_the_first_one_drains(autojump_clock: Clock) -> None:
    asked = Asked()
    asked.stop.ask(TERM)
    await asked.stop.wait()
    assert (asked.begun, asked.at_once, asked.stop.exit_code) == (1, 0, 0)


async def test_the_same_request_may_come_twice(autojump_clock: Clock) -> None:
    asked = Asked()
    asked.stop.ask(TERM)
    await trio.sleep(SAME_REQUEST * 0.99)
    asked.stop.ask(TERM)
    asked.stop.ask(INT)
    assert (asked.begun, asked.at_once, asked.stop.exit_code) == (1, 0, 0)


@pytest.mark.parametrize(("number", "code"), [(TERM, 143), (INT, 130)])
async def test_a_second_one_means_at_once(autojump_clock: Clock, number: int, code: int) -> None:
    asked = Asked()
    asked.stop.ask(TERM)
    await trio.sleep(SAME_REQUEST)
    asked.stop.ask(number)
    asked.stop.ask(TERM)
    assert (asked.begun, asked.at_once, asked.stop.exit_code) == (1, 1, code)


async def test_without_being_asked_it_can_stop_at_once_too() -> None:
    asked = Asked()
    asked.stop.now(1)
    await asked.stop.wait()
    asked.stop.ask(TERM)
    assert (asked.begun, asked.at_once, asked.stop.exit_code) == (1, 1, 1)


@pytest.mark.real
async def test_real_signals(caplog: pytest.LogCaptureFixture) -> None:
    asked, hangup = Asked(), Doorbell()
    caplog.set_level("INFO")
    with trio.fail_after(30):
        async with trio.open_nursery() as nursery:
            await nursery.start(watch_signals, asked.stop, hangup)
            os.kill(os.getpid(), signal.SIGHUP)
            await hangup.wait()
            os.kill(os.getpid(), signal.SIGUSR1)
            while "task tree" not in caplog.text:  # noqa: ASYNC110 - a log has no event
                await trio.sleep(0.001)
            assert asked.begun == 0
            os.kill(os.getpid(), TERM)
            await asked.stop.wait()
            nursery.cancel_scope.cancel()
    assert "reload is not available in this version" in caplog.text
    assert "stopping: SIGTERM" in caplog.text
    assert "watch_signals" in caplog.text
    assert asked.begun == 1
