"""Commands that are asked to stop."""

import os
import signal
import subprocess
import sys

import pytest
import trio

from botkube.cli.interrupt import run_until_signalled
from botkube.packages.errors import PackageRefused

pytestmark = pytest.mark.real


async def nothing() -> int:
    await trio.lowlevel.checkpoint()
    return 3


def test_the_code_is_the_body_s() -> None:
    assert run_until_signalled(nothing) == 3


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_cancels_it(number: signal.Signals, code: int) -> None:
    cancelled = []

    async def body() -> int:
        os.kill(os.getpid(), number)
        try:
            await trio.sleep(30)
        finally:
            cancelled.append(True)
        return 0

    assert run_until_signalled(body) == code
    assert cancelled == [True]


def test_a_known_error_comes_by_itself_out_of_any_nursery() -> None:
    async def break_off(text: str) -> None:
        await trio.lowlevel.checkpoint()
        raise PackageRefused(text)

    async def body() -> int:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(break_off, "one")
            nursery.start_soon(break_off, "two")
        return 0

    with pytest.raises(PackageRefused, match=r"one|two"):
        run_until_signalled(body)


INSISTING = """
import os, signal, trio
from botkube.cli.interrupt import run_until_signalled

async def body():
    os.kill(os.getpid(), signal.SIGINT)
    with trio.CancelScope(shield=True):
        await trio.sleep(1.1)
        os.kill(os.getpid(), signal.SIGINT)
        await trio.sleep(200)
    return 0

raise SystemExit(run_until_signalled(body, insisting=True))
"""


def test_one_that_insists_waits_no_longer() -> None:
    done = subprocess.run([sys.executable, "-c", INSISTING], check=False, timeout=100)
    assert done.returncode == 130
