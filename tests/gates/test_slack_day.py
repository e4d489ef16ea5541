"""A day of Slack in simulated time: a fault every few minutes, and nothing is lost, doubled or left behind.

The Slack half of the program lives in this process (`tests/fakes/slack/living.py`) with real sockets and a real store;
time passes when nothing else can happen (`tests/fakes/passing.py`, which says why no faster clock). Every hour it is let
come to rest and measured: tasks, descriptors, memory, rows, and what became of everything that was said or happened.
The full gate: `GATE_DAY_HOURS=24 GATE_DEADLINE=900 scripts/test tests/gates/test_slack_day.py -s`; another day with
`GATE_DAY_SEED`.
"""

import gc
import logging
import os
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random
from typing import Final

import msgspec
import pytest
import trio
from trio.testing import MockClock, wait_all_tasks_blocked

from botkube.runtime.override import override
from tests.fakes.slack.faults import Weather
from tests.fakes.slack.living import Half, living, plan_of
from tests.fakes.slack.programs import program_config, slack_config
from tests.fakes.slack.server import FakeSlack, serving_slack
from tests.fakes.slack.workspace import Posted

HOURS = int(os.environ.get("GATE_DAY_HOURS", "2"))  # the full gate: 24
SEED = int(os.environ.get("GATE_DAY_SEED", "1"))
EPOCH: Final = 1_800_000_000.0
HOUR: Final = 3600.0
SETTLE: Final = 1800.0  # seconds after the last fault of an hour in which all must be told
REST: Final = 420.0  # seconds before a measurement: longer than Slack sends an event again
# Events at once; about once an hour more than the lines of one message hold, so that a file says the rest.
BURSTS: Final = (*(1,) * 45, *(12,) * 14, 150)
CHANNELS: Final = 2
KEYS: Final = 2  # by which a mention is known again: its event's, its message's
# At rest the program and the fake may keep a connection more or less to use it again, which is a descriptor at each end
# and a task of the fake.
MORE_TASKS: Final = 4
MORE_DESCRIPTORS: Final = 8
# Bytes: of the store each of three connections keeps pages of 2 MiB, and what was told is counted here.
MEMORY: Final = 12 << 20

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

    @override
    def emit(self, record: logging.LogRecord) -> None:
        if record.exc_info or record.levelno >= logging.ERROR:
            self.broken.append(record.getMessage())


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> Iterator[Log]:
    """The program's log, kept from pytest, which would keep all of it in memory."""
    handler, logger = Log(), logging.getLogger("botkube")
    monkeypatch.setattr(logger, "propagate", False)
    logger.addHandler(handler)
    yield handler
    logger.removeHandler(handler)


def tellings(posts: Sequence[Posted]) -> Counter[int]:
    """How often each event was told.

    A message that says many has some of them in its lines and all of them in the file below it: that is once.
    """
    found = {(post.channel, post.ts): Counter(_events(post)) for post in posts if not post.file}
    told = Counter[int]()
    for counted in found.values():
        told += counted
    for post in posts:
        if post.file:
            told += Counter(_events(post)) - found.get((post.channel, post.thread), Counter())
    return told


def _events(post: Posted) -> list[int]:
    return [int(number) for number in HAPPENED.findall(post.shown)]


def test_what_a_message_and_its_file_say_is_told_once() -> None:
    def post(ts: str, *numbers: int, thread: str = "", file: tuple[int, ...] = ()) -> Posted:
        text, content = (
            "\n".join(f"event {number} happened" for number in group) for group in (numbers, file)
        )
        return Posted(channel="C1", ts=ts, text=text, blocks=[], thread=thread, file=content)

    digest = [post("1", 1, 2), post("2", thread="1", file=(1, 2, 3))]
    assert tellings(digest) == Counter((1, 2, 3))
    assert tellings([*digest, digest[1]]) == Counter((1, 2, 3, 3))  # the file came twice
    assert tellings([*digest, post("3", 2)]) == Counter((1, 2, 2, 3))
    assert tellings([post("4", file=(1,))]) == Counter((1,))  # a file by itself


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
            for _ in range(random.choice(BURSTS)):
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
        seen = tellings(self.slack.workspace.posts())
        told = len(said | set(self.answered) | set(self.asked))
        return told == self.mentions and len(set(seen) | set(self.notified)) == self.events

    def collect(self) -> None:
        """Count what the channels show; the fake need not keep it."""
        posts = self.slack.workspace.posts()
        self.notified.update(tellings(posts))
        for post in posts:
            self.answered.update(set(SAID.findall(post.shown)))  # text and blocks say the same
            self.asked.update(set(MISSED.findall(post.shown)))
            self.contended += "another program uses this Slack app" in post.shown
        self.slack.forget(self.slack.workspace.wall() - 3 * HOUR)

    async def measured(self) -> Sample:
        gc.collect()
        tables = ("event", "delivery", "command", "result", "ref", "reply", "kept", "seen", "heard")
        query = " UNION ALL ".join(f"SELECT '{name}', count(*) FROM {name}" for name in tables)
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

    def check(self) -> None:
        """Of what was said and happened: each thing was told once, and nothing ran twice."""
        told = self.answered + self.asked
        assert told == Counter(f"m{number + 1}" for number in range(self.mentions))
        assert self.notified == Counter(range(1, self.events + 1))
        assert self.half.echo.ran == self.answered
        assert self.contended <= CHANNELS * self.weather.seen["shared"]
        assert self.half.board.repeated == []
        assert self.half.restarts == 0

    def check_samples(self) -> None:
        """Nothing grows but what is kept for a day, or longer."""
        warm, last = self.samples[0], self.samples[-1]
        assert last.tasks <= warm.tasks + MORE_TASKS
        assert last.descriptors <= warm.descriptors + MORE_DESCRIPTORS
        assert last.memory <= warm.memory + MEMORY
        rows = last.rows
        kept = min(self.events, int(self.events * 25 / HOURS))
        assert rows["event"] <= kept
        assert rows["delivery"] <= kept  # one channel takes events
        assert rows["command"] == self.mentions
        assert rows["seen"] <= KEYS * self.mentions
        assert rows["heard"] == CHANNELS
        assert (rows["reply"], rows["kept"], rows["result"]) == (0, 0, 0)

    def figures(self) -> str:
        """The line that is printed."""
        warm, last = self.samples[0], self.samples[-1]
        return (
            f"{HOURS} h: {sum(self.weather.seen.values())} faults of {len(self.weather.seen)} kinds, "
            f"{self.slack.sockets.opened} sockets; {self.mentions} mentions: {len(self.answered)} ran, "
            f"{len(self.asked)} asked about, 0 lost, 0 twice; {self.events} events told once; "
            f"{sum(self.half.board.said.values())} changes of state, 0 repeated; tasks {warm.tasks} → {last.tasks}, "
            f"descriptors {warm.descriptors} → {last.descriptors}, "
            f"memory {warm.memory / 2**20:.1f} → {last.memory / 2**20:.1f} MiB"
        )


async def test_a_day_of_faults_loses_doubles_and_leaves_nothing(
    mock_clock: MockClock, tmp_path: Path, log: Log
) -> None:
    random = Random(SEED)
    async with serving_slack(lambda: EPOCH + trio.current_time()) as slack:
        before = trio.lowlevel.current_statistics().tasks_living
        weather = Weather(slack, random)

        def wall() -> float:
            return EPOCH + trio.current_time() + weather.skew

        config = program_config({"default": {"socketSlack": slack_config(slack)}}, events=1)
        plan = plan_of(tmp_path, config)
        async with living(plan, tmp_path, mock_clock, wall, random) as half:
            day = Day(slack, half, weather)
            for _ in range(HOURS):
                await day.hour()
            day.check()
        await slack.sockets.connected(0)
        await wait_all_tasks_blocked()
        assert trio.lowlevel.current_statistics().tasks_living == before
    print(day.figures())
    day.check_samples()
    assert log.broken == []
