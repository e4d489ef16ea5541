"""The heartbeat source on a virtual clock."""

from datetime import UTC, datetime

import msgspec
import pytest
import trio
import trio.testing

from botkube.builtin.heartbeat import Heartbeat, HeartbeatConfig, beat_event
from botkube.sdk import Duration, Event, StreamInput, override
from botkube.sdk.config import decode_configs
from botkube.sdk.errors import UserError
from botkube.sdk.event import encode_event

AT = datetime(2026, 11, 22, 12, 0, 0, 500_000, tzinfo=UTC)
INTERACTIVE = StreamInput(interactive=True, cluster_name="dev", source_name="beat")


class Reader:
    """Takes events, each taking `slowness` seconds; remembers when they came."""

    def __init__(self, slowness: float = 0) -> None:
        self.slowness = slowness
        self.times: list[float] = []
        self.raw: list[dict[str, object]] = []

    async def emit(self, event: Event) -> None:
        await trio.sleep(self.slowness)
        self.times.append(trio.current_time())
        self.raw.append(msgspec.json.decode(msgspec.json.encode(event.raw)))


async def read(config: HeartbeatConfig, seconds: float, slowness: float = 0) -> Reader:
    reader = Reader(slowness)
    start = trio.current_time()
    with trio.move_on_after(seconds) as scope:
        await Heartbeat().stream(INTERACTIVE, config, reader.emit)
    assert scope.cancelled_caught, "a stream never ends by itself"
    reader.times = [at - start for at in reader.times]
    return reader


async def test_the_first_comes_at_once_and_then_at_the_interval(
    autojump_clock: trio.testing.MockClock,
) -> None:
    reader = await read(HeartbeatConfig(interval=Duration(10)), 25)
    assert reader.times == [0, 10, 20]
    assert [raw["N"] for raw in reader.raw] == [1, 2, 3]


async def test_bursts_until_the_count_then_idle(autojump_clock: trio.testing.MockClock) -> None:
    reader = await read(HeartbeatConfig(interval=Duration(1), burst=3, count=7), 100)
    assert reader.times == [0, 0, 0, 1, 1, 1, 2]


async def test_a_slow_reader_is_not_flooded_afterwards(
    autojump_clock: trio.testing.MockClock,
) -> None:
    reader = await read(HeartbeatConfig(interval=Duration(1)), 10, slowness=2.5)
    assert reader.times == [2.5, 5, 7.5, 10][: len(reader.times)]
    assert len(reader.times) >= 3


class Fastest(Reader):
    """Takes events without ever waiting, which no real host does."""

    def __init__(self) -> None:
        super().__init__()
        self.ten = trio.Event()

    @override
    async def emit(self, event: Event) -> None:
        self.raw.append({"event": event})
        if len(self.raw) == 10:
            self.ten.set()


async def test_without_interval_other_tasks_still_run() -> None:
    reader = Fastest()
    with trio.fail_after(30):
        async with trio.open_nursery() as nursery:
            config = HeartbeatConfig(interval=Duration(0))
            nursery.start_soon(Heartbeat().stream, INTERACTIVE, config, reader.emit)
            await reader.ten.wait()
            nursery.cancel_scope.cancel()


async def test_every_stream_is_a_run_of_its_own(autojump_clock: trio.testing.MockClock) -> None:
    one, two = [await read(HeartbeatConfig(text="{run}/{n}", count=2), 1) for _ in range(2)]
    assert one.raw[0]["Run"] != two.raw[0]["Run"]
    assert [raw["Text"] for raw in one.raw] == [f"{one.raw[0]['Run']}/1"]


def test_an_event_says_everything() -> None:
    event = beat_event(HeartbeatConfig(level="error", text="t {n}"), INTERACTIVE, "r", 7, AT)
    (section,) = event.message.sections
    assert section.header.endswith("Heartbeat")
    assert section.body.plaintext == "t 7"
    assert {field.key: field.value for field in section.text_fields} == {
        "Level": "error",
        "N": "7",
        "Run": "r",
        "Time": "2026-11-22T12:00:00.500Z",
    }
    assert section.buttons[0].command == "{{BotName}} echo heartbeat 7"
    assert event.message.timestamp == "2026-11-22T12:00:00.500Z"
    assert msgspec.to_builtins(event.raw) == {
        "Title": "Heartbeat",
        "Level": "error",
        "Text": "t 7",
        "Run": "r",
        "N": 7,
        "TimeStamp": "2026-11-22T12:00:00.500Z",
        "Source": "beat",
        "Cluster": "dev",
    }


def test_without_interactivity_there_is_no_button() -> None:
    event = beat_event(HeartbeatConfig(), StreamInput(), "r", 1, AT)
    assert event.message.sections[0].buttons == ()
    assert event.message.sections[0].context == ()


@pytest.mark.parametrize("size", [2000, 2001, 100_000])
def test_events_are_padded_to_the_byte(size: int) -> None:
    event = beat_event(HeartbeatConfig(size=size, text="<é>"), INTERACTIVE, "r", 1, AT)
    assert len(encode_event(event)) == size


def test_an_event_longer_than_its_size_is_left_alone() -> None:
    assert beat_event(HeartbeatConfig(size=10), INTERACTIVE, "r", 1, AT) == beat_event(
        HeartbeatConfig(), INTERACTIVE, "r", 1, AT
    )


@pytest.mark.parametrize(
    ("document", "named"),
    [
        (b"burst: 0", "burst is "),
        (b"count: -1", "count is "),
        (b"level: loud", "level is "),
        (b"interval: often", "'often' is not a duration"),
        (b"size: 99999999999", "size is "),
    ],
)
def test_settings_out_of_range_are_refused(document: bytes, named: str) -> None:
    with pytest.raises(UserError) as raised:
        decode_configs((document,), HeartbeatConfig)
    assert named in str(raised.value)
