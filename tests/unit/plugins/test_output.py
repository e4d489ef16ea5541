import logging

import pytest

from botkube.model.plugin import parse_plugin_key
from botkube.plugins.output import PluginOutput
from botkube.wire.messages import StdioChunk

KEY = parse_plugin_key("executor", "botkube/kubectl@v1.0")


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def output(clock: Clock, caplog: pytest.LogCaptureFixture) -> PluginOutput:
    caplog.set_level(logging.DEBUG)
    return PluginOutput(KEY, clock)


def told(caplog: pytest.LogCaptureFixture) -> list[tuple[str, str]]:
    return [(record.levelname, record.getMessage()) for record in caplog.records]


def test_each_channel_has_its_level(output: PluginOutput, caplog: pytest.LogCaptureFixture) -> None:
    output.stdout(b"one\n")
    output.stderr(b'two\n{"@level":"warn","@message":"three","port":1}\n')
    output.stdio(StdioChunk(channel="stdout", data=b"four\n"))
    output.stdio(StdioChunk(channel="stderr", data=b"five\n[INFO] six\n"))
    assert told(caplog) == [
        ("DEBUG", "one"),
        ("DEBUG", "two"),
        ("WARNING", "three"),
        ("DEBUG", "four"),
        ("ERROR", "five"),
        ("INFO", "six"),
    ]
    assert vars(caplog.records[2])["fields"] == {"plugin": "botkube/kubectl@v1.0", "port": 1}


def test_unfinished_lines_are_logged_at_the_end(
    output: PluginOutput, caplog: pytest.LogCaptureFixture
) -> None:
    output.stderr(b"no newline")
    assert not told(caplog)
    output.end()
    assert told(caplog) == [("DEBUG", "no newline")]


def test_the_excess_is_counted_and_summarised(
    output: PluginOutput, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    chunk = b"x" * 65535 + b"\n"
    for _ in range(1024):
        output.stderr(chunk)
        clock.now += 0.001
    output.end()
    logged = sum(len(text) for level, text in told(caplog) if level == "DEBUG")
    warnings = [record for record in caplog.records if record.levelno == logging.WARNING]
    left_out = sum(int(vars(record)["fields"]["left_out"]) for record in warnings)
    assert logged <= 2 * 2**20
    assert left_out + logged == pytest.approx(64 * 2**20, abs=1024)
    assert len(warnings) == 1


def test_a_flood_that_lasts_is_summarised_now_and_then(
    output: PluginOutput, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(200):
        output.stdout(b"x" * 65536)
        clock.now += 0.1
    warnings = [record for record in caplog.records if record.levelno == logging.WARNING]
    assert 3 <= len(warnings) <= 4


def test_the_reader_is_told_to_pause(output: PluginOutput) -> None:
    pauses = [output.stdout(b"x" * 65536) for _ in range(1024)]
    assert pauses[0] == 0
    assert pauses[-1] == pytest.approx((64 - 4) / 32)


def test_the_rate_is_each_plugins_own(clock: Clock) -> None:
    slow, usual = PluginOutput(KEY, clock, read_rate=2**20), PluginOutput(KEY, clock)
    assert slow.stdout(b"x" * 2**17) == 0  # an eighth of a second's at once
    assert slow.stdout(b"x" * 2**20) == pytest.approx(1)
    assert usual.stdout(b"x" * 2**20) == 0


def test_a_message_costs_more_than_its_bytes(output: PluginOutput) -> None:
    chunk = StdioChunk(channel="stdout", data=b"x")
    pauses = [output.stdio(chunk) for _ in range(4096)]
    assert pauses[-1] > 0.5


def test_the_last_words_are_those_of_stderr(output: PluginOutput) -> None:
    assert output.last_lines() == ()
    output.stderr(b"1\n2\n3\n" + b'{"@level":"error","@message":"4"}\n\n5')
    assert output.last_lines() == ("3", "4", "5")


def test_what_is_there_for_debugging_is_no_last_word(output: PluginOutput) -> None:
    output.stderr(b'{"@level":"debug","@message":"plugin address"}\n[TRACE] x\n')
    assert output.last_lines() == ()
    output.stdio(StdioChunk(channel="stdout", data=b"no\n"))
    output.stdio(StdioChunk(channel="stderr", data=b'{"level":"fatal","msg":"no cluster"}\n'))
    assert output.last_lines() == ('{"level":"fatal","msg":"no cluster"}',)
    output.stderr(b"the end\n")
    assert output.last_lines() == ("the end",)


def test_a_panic_is_what_counts(output: PluginOutput) -> None:
    output.stderr(b"panic: boom\n\ngoroutine 1 [running]:\nmain.main()\n")
    assert output.last_lines() == ("panic: boom",)


def test_last_words_are_few(output: PluginOutput) -> None:
    output.stderr(b"x" * 5000 + b"\n" + b"y" * 5000)
    assert output.last_lines() == ("y" * 200,)
