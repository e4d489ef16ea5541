"""How long the program takes to work again after each fault of the network to Slack: until a mention is answered."""

import os
import statistics
import tempfile
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final, NamedTuple

import trio
from figures import Figure, percentile
from slack_config import slack_config

from tests.fakes.program import Program
from tests.fakes.receiver import Answer
from tests.fakes.slack.server import FakeSlack, serving_slack

ROUNDS: Final = int(os.environ.get("BENCH_ROUNDS", "10"))
SLOW_ROUNDS: Final = max(ROUNDS // 3, 1)  # of what is noticed or probed once in a minute
LONGEST: Final = 180.0  # seconds for one round

HOLE: Final = 6.0  # longer than the longest back-off, so that a call is made in it


class Fault(NamedTuple):
    """`cause` does it and returns when recovery can begin: the clock starts there."""

    cause: Callable[[FakeSlack], Awaitable[None]]
    rounds: int
    what: str


async def refuse(slack: FakeSlack) -> None:
    """Connections are refused."""
    await slack.shut()
    await trio.sleep(HOLE)
    await slack.open()


async def blackhole(slack: FakeSlack) -> None:
    """Connections are taken, and nothing is answered."""
    slack.blackhole = True
    await slack.socket.cut(mid_frame=False)
    await trio.sleep(HOLE)
    slack.blackhole = False


async def half_open(slack: FakeSlack) -> None:
    """The socket's other end loses its power."""
    await trio.lowlevel.checkpoint()
    slack.socket.line.silent = True
    slack.socket.closing = True  # the mention is to come to the next one


async def cut(slack: FakeSlack) -> None:
    """The socket breaks off in the middle of a frame."""
    await slack.socket.cut()


async def storm(slack: FakeSlack) -> None:
    """The next calls are too many, each for a second."""
    await trio.lowlevel.checkpoint()
    slack.workspace.storm, slack.workspace.storm_wait = 5, 1


async def broken(slack: FakeSlack) -> None:
    """Slack's own servers fail."""
    slack.workspace.fault = lambda _method, _call: Answer(status=503, body=b"upstream")
    await slack.socket.cut()
    await trio.sleep(HOLE)
    slack.workspace.fault = lambda _method, _call: None


async def revoked(slack: FakeSlack) -> None:
    """The token is revoked, and given back."""
    slack.workspace.auth_error = "token_revoked"
    await slack.socket.cut()
    await trio.sleep(HOLE)
    slack.workspace.auth_error = ""


FAULTS: Final = {
    "refuse": Fault(refuse, ROUNDS, f"since the end of {HOLE:g} s of it"),
    "blackhole": Fault(blackhole, SLOW_ROUNDS, f"since the end of {HOLE:g} s of it"),
    "half-open": Fault(half_open, SLOW_ROUNDS, "since the silence began"),
    "cut": Fault(cut, ROUNDS, "since the cut, in the middle of a frame"),
    "429": Fault(storm, ROUNDS, "since the first of 5 calls with Retry-After: 1"),
    "5xx": Fault(broken, ROUNDS, f"since the end of {HOLE:g} s of 503"),
    "revoked": Fault(
        revoked, SLOW_ROUNDS, "since the token was good again, which is probed each minute"
    ),
}


def faults() -> list[Figure]:
    """Every fault, one after the other, on one running program."""
    return trio.run(_faults)


async def _faults() -> list[Figure]:
    figures: list[Figure] = []
    async with serving_slack() as slack, running(slack):
        await answered(slack, "warm")
        for kind, fault in FAULTS.items():
            times = [await _round(slack, fault, f"{kind}-{n}") for n in range(fault.rounds)]
            conditions = f"{fault.what}, {len(times)} rounds"
            p50, p99 = statistics.median(times), percentile(times, 0.99)
            figures.append(Figure(f"fault.{kind}.p50", p50, "s", conditions))
            figures.append(Figure(f"fault.{kind}.p99", p99, "s", conditions))
    return figures


async def _round(slack: FakeSlack, fault: Fault, name: str) -> float:
    old = slack.socket
    with trio.fail_after(LONGEST):
        await fault.cause(slack)
        began = trio.current_time()
        if old.closing or old not in slack.sockets.sockets:
            await slack.sockets.until(
                lambda: any(not s.closing and not s.line.silent for s in slack.sockets.sockets)
            )
        await answered(slack, name)
        taken = trio.current_time() - began
        if old.line.silent:  # it would count as another program's
            old.line._hung.set()  # noqa: SLF001 - the fake keeps it for ever
        await slack.sockets.connected()
        return taken


async def answered(slack: FakeSlack, name: str) -> None:
    """Ask something, and wait until the answer can be read."""
    slack.mention(f"echo answer-{name}.")
    await slack.says(f"answer-{name}.", "C1")


@asynccontextmanager
async def running(slack: FakeSlack) -> AsyncGenerator[Program]:
    """The program while the block runs, connected."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        program = Program(Path(folder), slack_config(slack.api_url))
        try:
            await trio.to_thread.run_sync(program.start)
            with trio.fail_after(30):
                await slack.sockets.connected()
            yield program
        finally:
            with trio.move_on_after(40, shield=True):
                await trio.to_thread.run_sync(program.close)
