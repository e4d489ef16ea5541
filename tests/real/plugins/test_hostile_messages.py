"""What a plugin may answer over a good connection: taken, or refused in a sentence; nobody waits for it to be read."""

import pytest
import trio

from botkube.model.errors import PluginUnavailable
from tests.fakes.plugins.hostile import PATIENT, Ordeal, hostile

pytestmark = pytest.mark.real

UNUSABLE = "the answer of the fake/bad plugin cannot be used: "
MALFORMED = UNUSABLE + "malformed ExecuteResponse: "
JSON = UNUSABLE + "message JSON: "
EXPECTED = JSON + "Expected `"
TIME = JSON + "expected a time such as 2024-05-01T12:00:00Z - at `$.timestamp`"
TOO_MANY = UNUSABLE + "it has more than 20000 values"

REFUSED = {
    "cut_off": MALFORMED + "a field is cut off",
    "number_for_bytes": UNUSABLE
    + "malformed message: Expected `bytes`, got `int` - at `$.message`",
    "no_such_wire_type": MALFORMED + "wire type 7",
    "endless_integer": MALFORMED + "bad integer",
    "millions_of_messages": MALFORMED + "more than 2000 fields",
    "millions_of_unknown_fields": MALFORMED + "more than 2000 fields",
    "noise": MALFORMED + "field number 0",
    "bad_second_message": JSON,
    "no_json": JSON + "Expecting value",
    "half_json": JSON,
    "more_behind": JSON + "Extra data",
    "array": EXPECTED + "object`, got `array`",
    "number_for_text": EXPECTED + "str`, got `int` - at `$.baseBody.plaintext`",
    "object_for_text": EXPECTED + "str`, got `object` - at `$.baseBody.plaintext`",
    "text_for_object": EXPECTED + "object`, got `str` - at `$.baseBody`",
    "object_for_array": EXPECTED + "array`, got `object` - at `$.sections`",
    "text_for_flag": EXPECTED + "bool`, got `str` - at `$.onlyVisibleForYou`",
    "not_a_number": EXPECTED + "str`, got `float` - at `$.baseBody.plaintext`",
    "raw_newline": JSON + "Invalid control character",
    "time_without_zone": TIME,
    "time_of_words": TIME,
    "time_is_number": EXPECTED + "str`, got `int` - at `$.timestamp`",
    "deep": TOO_MANY,
    "deep_in_a_known_place": TOO_MANY,
    "deep_objects": TOO_MANY,
    "less_deep": JSON + "nested too deeply",
    "long_number": JSON + "Exceeds the limit",
    "ten_thousand_sections": TOO_MANY,
    "million_sections": TOO_MANY,
    "million_options": TOO_MANY,
    "million_items": TOO_MANY,
    "million_numbers": TOO_MANY,
    "million_keys": TOO_MANY,
}


@pytest.mark.parametrize("act", REFUSED)
async def test_an_answer_that_cannot_be_used_says_so(ordeal: Ordeal, act: str) -> None:
    async with ordeal.bad(hostile("answer", act), PATIENT):
        with trio.fail_after(100), pytest.raises(PluginUnavailable) as caught:
            await ordeal.ask()
        assert str(caught.value).startswith(REFUSED[act])
        assert str(caught.value).isprintable()
        await ordeal.works()
    assert not ordeal.complaints()


TAKEN = {
    "empty": "",
    "null": "",
    "unknown_field": "fine",
    "twice": "fine",
    "twenty_messages": "fine",
    "nulls": "fine",
    "other_case": "fine",
    "no_unicode": "\ufffd\ufffdfine",
    "half_a_character": "\ufffdfine",
    "controls": "\0\x1b[31mfine",
    "long_text": "x" * (30 * 2**20),
    "long_key": "fine",
    "thousand_sections": "fine",
    "json_in_a_code_block": "fine",
}


@pytest.mark.parametrize("act", TAKEN)
async def test_an_odd_one_is_taken(ordeal: Ordeal, act: str) -> None:
    async with ordeal.bad(hostile("answer", act), PATIENT):
        with trio.fail_after(100):
            assert (await ordeal.ask()).message.base_body.plaintext == TAKEN[act]
        await ordeal.works()
    assert not ordeal.complaints()


REPLIES = {
    "result": "",
    "two_results": "",
    "output_behind_the_result": "",
    "many_outputs": "",
    "empty_replies": "",
    "no_result": "its output ended without a result",
    "nothing_at_all": "its output ended without a result",
    "output_is_number": "malformed StreamReply: int in place of bytes",
    "result_is_number": "malformed StreamReply: ",
    "result_cut_off": "malformed StreamReply: a field is cut off",
}


@pytest.mark.parametrize("act", REPLIES)
async def test_output_while_a_command_runs(ordeal: Ordeal, act: str) -> None:
    async with ordeal.bad(hostile("replies", act), PATIENT):
        if REPLIES[act]:
            with trio.fail_after(100), pytest.raises(PluginUnavailable) as caught:
                await ordeal.ask()
            assert str(caught.value).startswith(UNUSABLE + REPLIES[act])
        else:
            with trio.fail_after(100):
                assert (await ordeal.ask()).message.base_body.plaintext == "fine"
    assert not ordeal.complaints()


LEFT_OUT = "left out an event of the plugin fake/bad that cannot be read, such as: "
AGAIN = ", again in "
EVENTS = {  # how many are good, and what the log says
    "good_events": (3, ""),
    "empty_events": (3, ""),
    "one_bad_event": (2, LEFT_OUT + "event JSON: "),
    "event_of_another_shape": (1, LEFT_OUT + "message JSON: Expected `object`, got `array`"),
    "labels_are_a_list": (1, LEFT_OUT + "event JSON: Expected `object | null`, got `array`"),
    "number_beyond_all": (2, ""),
    "deep_object": (1, LEFT_OUT + "event JSON: nested too deeply"),
    "event_of_a_million_sections": (1, LEFT_OUT + "it has more than 20000 values"),
    "thousands_of_bad_events": (2, LEFT_OUT + "event JSON: Expected `object | null`, got `array`"),
    "event_cut_off": (1, "source:bad0 failed: INTERNAL: malformed Event: a field is cut off"),
    "unusable_length": (
        1,
        "source:bad0 failed: RESOURCE_EXHAUSTED: message of 2147483648 bytes over",
    ),
    "event_over_the_limit": (
        1,
        "source:bad0 failed: RESOURCE_EXHAUSTED: message of 68157445 bytes",
    ),
}


@pytest.mark.parametrize("act", EVENTS)
async def test_an_event_that_cannot_be_read_costs_that_event(ordeal: Ordeal, act: str) -> None:
    good, complaint = EVENTS[act]
    async with (
        ordeal.bad(hostile("events", act), PATIENT, kind="source"),
        ordeal.stream() as events,
    ):
        with trio.fail_after(100):
            while len(events) < good or len(ordeal.complaints()) < bool(complaint):  # noqa: ASYNC110
                await trio.sleep(0.01)
    assert len(events) == good
    assert len(ordeal.complaints()) == bool(complaint)
    assert all(line.startswith(complaint) for line in ordeal.complaints())
