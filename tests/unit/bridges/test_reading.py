"""How many values an answer may have: counted like JSON is read, and bounded."""

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from botkube.bridges.reading import MAX_VALUES, read_event, read_messages
from botkube.model.errors import ProtocolError
from botkube.model.message import Message

MANY = MAX_VALUES // 2
PLAIN = b'{"baseBody":{"plaintext":"fine"}}'


def sections(count: int) -> bytes:
    return b'{"sections":[' + b",".join([b"{}"] * count) + b"]}"


def test_messages_are_decoded() -> None:
    first, second = read_messages([PLAIN, b""])
    assert first.base_body.plaintext == "fine"
    assert second == Message()


@pytest.mark.parametrize(
    "answers",
    [
        [sections(MANY)],
        [sections(MANY // 2)] * 3,
        [b'{"x":[' + b"1," * MAX_VALUES + b"1]}"],
        [b"[" * 100_000],
        [b'{"a":' * 100_000],
        [b'""' * 100_000 + b"," * (MAX_VALUES + 1)],
        [b'"' + b'\\"' * 1_000_000 + b"," * MAX_VALUES + b'"' * 50_000],  # the text has no end
        [PLAIN] * MAX_VALUES,
    ],
)
def test_too_many_values_are_refused_soon(answers: list[bytes]) -> None:
    began = time.process_time()
    with pytest.raises(ProtocolError, match="more than 20000 values"):
        read_messages(answers)
    assert time.process_time() - began < 1


def test_what_stands_in_a_text_is_no_value() -> None:
    code = json.dumps({"items": [{"n": n, "quoted": 'a "b", {c}'} for n in range(20_000)]})
    written = json.dumps({"baseBody": {"codeBlock": code}}).encode()
    [message] = read_messages([written])
    assert message.base_body.code_block == code


@given(st.recursive(st.none() | st.text(max_size=5), lambda inner: st.lists(inner, max_size=5)))
def test_few_values_are_never_refused(value: object) -> None:
    read_messages([json.dumps({"unknown": value, "baseBody": {"plaintext": "x"}}).encode()])


def test_the_raw_object_of_an_event_may_be_large() -> None:
    raw = json.dumps({"items": list(range(2 * MAX_VALUES))}).encode()
    event = read_event(b'{"RawObject":' + raw + b',"message":' + PLAIN + b"}")
    assert bytes(event.raw_object) == raw
    assert event.message.base_body.plaintext == "fine"


@pytest.mark.parametrize(
    "event",
    [
        b'{"Message":' + sections(MANY) + b"}",
        b'{"MESSAGE":' + sections(MANY) + b',"RawObject":{}}',
        b'{"Message":{},"AnalyticsLabels":{"a":[' + b"1," * MAX_VALUES + b"1]}}",
    ],
)
def test_its_message_and_labels_may_not(event: bytes) -> None:
    with pytest.raises(ProtocolError, match="more than 20000 values"):
        read_event(event)


def test_what_comes_twice_is_not_read_twice() -> None:
    large = b'"Message":' + sections(1_000_000)
    began = time.process_time()
    event = read_event(b"{" + large + b',"Message":' + PLAIN + b"}")
    assert event.message.base_body.plaintext == "fine"
    assert time.process_time() - began < 1


@pytest.mark.parametrize("event", [b"[" * 100_000, b"{" + b"," * 100_000])
def test_what_is_no_event_is_an_error(event: bytes) -> None:
    with pytest.raises(ProtocolError, match="event JSON"):
        read_event(event)
