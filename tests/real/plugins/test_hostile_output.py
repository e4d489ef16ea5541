"""What a plugin may print: it becomes log lines, each one line, and the last of it a part of one sentence."""

import json
import logging

import pytest
import trio

from botkube.runtime.logs import JsonFormatter, TextFormatter
from tests.fakes.plugins.hostile import PATIENT, Ordeal, hostile

pytestmark = pytest.mark.real

DIED = "the plugin exited with code 3"
WORDS = DIED + "; its last words: "

LAST = {
    "wrong_types": WORDS + '{"a":[1]}',
    "spoofed_fields": WORDS + "m",
    "forged_line": WORDS + "all is well 2024-05-01T12:00:00Z error plugins: other/good failed",
    "long_line": WORDS + "x" * 200,
    "binary": WORDS,
    "colours": WORDS + "red ]0;title \ufffd31m / last",
    "no_unicode": WORDS + "\ufffd\ufffd\ufffd \ufffd",
    "deep_line": WORDS,
    "big_numbers": WORDS + "9" * 200,
    "many_keys": WORDS,
    "go_panic": WORDS + "panic: boom",
    "prints_secrets_of_nobody": WORDS + "BOTKUBE HOME ",
}
FLOODS = {
    "endless_line": WORDS + "x" * 200,
    "newlines": DIED,
    "short_lines": WORDS + "a / a / a",
}


@pytest.mark.parametrize("act", LAST)
async def test_last_words(ordeal: Ordeal, caplog: pytest.LogCaptureFixture, act: str) -> None:
    caplog.set_level(logging.DEBUG, logger="botkube.plugins")
    async with ordeal.bad(hostile("process", act)):
        assert (await ordeal.fallen()).startswith(LAST[act])
    check_lines(ordeal.printed())


@pytest.mark.parametrize("act", FLOODS)
async def test_a_flood_is_counted(
    ordeal: Ordeal, caplog: pytest.LogCaptureFixture, act: str
) -> None:
    caplog.set_level(logging.DEBUG, logger="botkube.plugins")
    async with ordeal.bad(hostile("process", act)):
        await ordeal.rig.happens(lambda: bool(ordeal.rig.parked("bad")))
    excess, failure = ordeal.complaints()
    assert excess.startswith("the plugin fake/bad prints more than is logged: ")
    assert failure.startswith("plugin:executor/fake/bad is given up for now: " + FLOODS[act])
    check_lines(ordeal.printed())


def check_lines(records: list[logging.LogRecord]) -> None:
    """Each is one line in either format, and says whose it is."""
    assert len(records) <= 5000
    for record in records:
        line = JsonFormatter().format(record)
        assert json.loads(line)["plugin"] == "fake/bad"
        assert "\n" not in line
        assert json.loads(line)["component"].startswith("plugins.output.executor/fake/bad")
        text = TextFormatter(colours=False).format(record)
        assert text.isprintable(), text


async def test_what_was_printed_keeps_its_fields_and_level(
    ordeal: Ordeal, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, logger="botkube.plugins")
    async with ordeal.bad(hostile("process", "spoofed_fields")):
        await ordeal.fallen()
    [record] = ordeal.printed()
    found = json.loads(JsonFormatter().format(record))
    assert (found["msg"], found["level"], found["plugin"]) == ("m", "info", "fake/bad")
    assert (found["msg_"], found["level_"], found["time_"]) == ("y", "x", 1)


@pytest.mark.slow
@pytest.mark.parametrize("act", ["floods_stdout", "floods_stderr", "floods_stdio"])
async def test_a_flood_while_it_starts_is_read_to_its_end(ordeal: Ordeal, act: str) -> None:
    async with ordeal.bad(hostile("process", act), PATIENT):
        await ordeal.rig.slots["bad"].lease()
        await ordeal.works()
    assert len(ordeal.complaints()) <= 3
    assert all("prints more than is logged" in line for line in ordeal.complaints())


async def test_a_flood_of_events_waits_for_whoever_stores_them(ordeal: Ordeal) -> None:
    bad = hostile("process", "floods_events")
    async with ordeal.bad(bad, PATIENT, kind="source"), ordeal.stream() as events:
        while len(events) < 5000:  # noqa: ASYNC110 - another process sends them
            await trio.sleep(0.01)
    assert not ordeal.complaints()
