"""A day of Slack in simulated time: a fault every few minutes, and nothing is lost, doubled or left behind.

The Slack half of the program lives in this process (`tests/fakes/slack/living.py`) with real sockets and a real store;
time passes when nothing else can happen (`tests/fakes/passing.py`, which says why no faster clock). Every hour it is let
come to rest and measured: tasks, descriptors, memory, rows, and what became of everything that was said or happened.
"""

import gc
import logging
import os
import re
from collections import Counter
from pathlib import Path
from random import Random
from typing import Final

import msgspec
import pytest
import trio
from trio.testing import MockClock

from tests.fakes.slack.faults import Weather
from tests.fakes.slack.living import Half, living, plan_of
from tests.fakes.slack.programs import program_config, slack_config
from tests.fakes.slack.server import FakeSlack, serving_slack

HOURS = int(os.environ.get("GATE_DAY_HOURS", "2"))  # the full gate: 24
SEED = int(os.environ.get("GATE_DAY_SEED", "1"))
EPOCH: Final = 1_800_000_000.0
HOUR: Final = 3600.0
SETTLE: Final = 1800.0  # seconds after the last fault of an hour in which all must be told
REST: Final = 120.0  # seconds of quiet before a measurement

pytestmark = [pytest.mark.real, pytest.mark.slow]

SAID = re.compile(r"(m\d+)-out")
MISSED = re.compile(r"I missed `echo (m\d+)`")
HAPPENED = re.compile(r"event (\d+) happened")


class Sample(msgspec.Struct, frozen=True, kw_only=True):
    """What the process has at rest."""

    tasks: int
    descriptors: int
    memory: int  # bytes resident
    rows: dict[str, int]


class Log(logging.Handler):
    """What the log says of faults of ours."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.broken: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if record.exc_info or record.levelno >= logging.ERROR:
            self.broken.append(record.getMessage())


class Day:
    """What was said and happened, and what became of it."""

    def __init__(self, slack: FakeSlack, half: Half, weather: Weather) -> None:
        self.slack, self.half, self.weather = slack, half, weather
        self.mentions = 0
        self.events = 0
        self.answered: Counter[str] = Counter()
        self.asked: Counter[str] = Counter()
        self.notified: Counter[int] = Counter()
        self.contended = 0
        self.samples: list[Sample] = []

    async def talk(self, until: float) -> None:
        random = self.weather.random
        while trio.current_time() < until:
            await trio.sleep(random.uniform(1, 240))
            for _ in range(random.choice((1, 1, 1, 4))):
                self.mentions += 1
                channel = random.choice(("C1", "C2"))
                sent = self.slack.mention(f"echo m{self.mentions}", channel=channel)
                self.weather.recent.append(sent)

    async def happen(self, until: float) -> None:
        random = self.weather.random
        while trio.current_time() < until:
            await trio.sleep(random.uniform(1, 120))
            for _ in range(random.choice((1, 1, 1, 12))):
                self.events += 1
                await self.half.happen(self.events)

    async def hour(self) -> None:
        """Live through an hour, come to rest, and look."""
        until = trio.current_time() + HOUR
        async with trio.open_nursery() as nursery:
            for what in (self.talk, self.happen, self.weather.rage):
                nursery.start_soon(what, until)
        await self.weather.refreshed()  # what another program took is found with the next socket
        with trio.move_on_after(SETTLE):
            await self.slack.until(self.told)
        await trio.sleep(REST)
        self.collect()
        self.samples.append(await self.measured())

    def told(self) -> bool:
        """Whether all that was said and happened shows in some way."""
        shown = [post.shown for post in self.slack.workspace.posts()]
        said = {name for text in shown for name in (*SAID.findall(text), *MISSED.findall(text))}
        seen = {int(number) for text in shown for number in HAPPENED.findall(text)}
        told = len(said | set(self.answered) | set(self.asked))
        return told == self.mentions and len(seen | set(self.notified)) == self.events

    def collect(self) -> None:
        """Count what the channels show; the fake need not keep it."""
        for post in self.slack.workspace.posts():
            self.answered.update(SAID.findall(post.shown))
            self.asked.update(MISSED.findall(post.shown))
            self.notified.update(int(number) for number in HAPPENED.findall(post.shown))
            self.contended += "another program uses this Slack app" in post.shown
        self.slack.forget(self.slack.workspace.wall() - 3 * HOUR)

    async def measured(self) -> Sample:
        gc.collect()
        tables = ("event", "delivery", "command", "result", "ref", "reply", "kept", "seen", "heard")
        query = " UNION ALL ".join(f"SELECT '{name}', count(*) FROM {name}" for name in tables)  # noqa: S608
        rows = await self.half.stored.database.read(
            lambda connection: dict(connection.execute(query).fetchall())
        )
        pages = int(Path("/proc/self/statm").read_text().split()[1])
        return Sample(
            tasks=trio.lowlevel.current_statistics().tasks_living,
            descriptors=len(list(Path("/proc/self/fd").iterdir())),
            memory=pages * os.sysconf("SC_PAGE_SIZE"),
            rows=rows,
        )


async def test_a_day_of_faults_loses_doubles_and_leaks_nothing(
    mock_clock: MockClock, tmp_path: Path
) -> None:
    log, random = Log(), Random(SEED)
    logging.getLogger("botkube").addHandler(log)
    async with serving_slack(lambda: EPOCH + trio.current_time()) as slack:
        weather = Weather(slack, random)
        plan = plan_of(tmp_path, program_config({"default": {"socketSlack": slack_config(slack)}}, events=1))
        wall = lambda: EPOCH + trio.current_time() + weather.skew  # noqa: E731
        async with living(plan, tmp_path, mock_clock, wall, random) as half:
            await slack.sockets.connected()
            day = Day(slack, half, weather)
            for number in range(HOURS):
                await day.hour()
                print(number + 1, trio.current_time(), day.samples[-1], len(day.answered), len(day.asked), day.mentions, len(day.notified), day.events, day.contended)
    print(weather.seen)
    print(half.board.said, half.board.repeated, half.restarts)
    print(log.broken)
    print([n for n in day.notified if day.notified[n]!=1], [n for n in day.answered if day.answered[n] != 1], [n for n in day.asked if n in day.answered], [n for n in day.echo.ran if day.echo.ran[n]!=1] if hasattr(day,'echo') else '')
