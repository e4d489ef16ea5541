"""SIGHUP tries again what was given up, and says in one line what that is."""

import logging

import pytest
import trio.testing

from botkube.app.hangup import retrying
from botkube.runtime.doorbell import Doorbell
from botkube.runtime.policy import Fatal
from botkube.runtime.supervisor import ChildSpec
from tests.fakes.children import Failing, Steady
from tests.fakes.supervision import supervision


def missing() -> Exception:
    return Fatal("the executable is not there")


async def test_all_that_is_parked_is_tried_again(
    autojump_clock: trio.testing.MockClock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="botkube.app.hangup")
    steady, hangup = Steady(), Doorbell()
    async with supervision() as one, supervision() as two:
        await one.reconcile(
            [ChildSpec("plugin:a", Failing(missing, times=1)), ChildSpec("plugin:b", steady)]
        )
        await two.reconcile([ChildSpec("source:c", Failing(missing, times=1))])
        await one.wait_ready()
        await two.wait_ready()
        async with retrying(hangup, (one, two)):
            hangup.ring()
            await trio.testing.wait_all_tasks_blocked()
            assert {s.state for s in (*one.states().values(), *two.states().values())} == {"ready"}
            hangup.ring()
            await trio.testing.wait_all_tasks_blocked()
    assert steady.runs == 1
    assert [record.message for record in caplog.records] == [
        "SIGHUP: trying again what was given up: plugin:a, source:c",
        "SIGHUP: nothing was given up",
    ]
