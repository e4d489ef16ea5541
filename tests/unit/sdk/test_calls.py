"""Values for calls and from them."""

import json

import msgspec
import pytest

from botkube.model.message import encode_message
from botkube.sdk import Duration, Event, Message, code_block, duration, plaintext, skip
from botkube.sdk.calls import Answer, Collected, documents, read_answer, read_event, slack_state
from botkube.sdk.event import encode_event
from botkube.sdk.request import parse_state
from botkube.wire.messages import ExecuteResponse


class Settings(msgspec.Struct):
    every: Duration = duration("90s")


@pytest.mark.parametrize(
    ("config", "sent"),
    [
        (None, ()),
        ("a: 1", (b"a: 1",)),
        (b"a: 1", (b"a: 1",)),
        ({"a": 1}, (b'{"a":1}',)),
        (Settings(), (b'{"every":"1m30s"}',)),
        ([{"a": 1}, {"b": 2}], (b'{"a":1}', b'{"b":2}')),
    ],
)
def test_a_configuration_of_each_form(config: object, sent: tuple[bytes, ...]) -> None:
    assert documents(config) == sent  # type: ignore[arg-type]  # a parameter


def test_the_state_is_what_plugins_read() -> None:
    assert slack_state(None) == b""
    state = parse_state(slack_state({"b": {"one": "x", "many": ["y", "z"]}}))
    assert state["b"]["one"].value == "x"
    assert state["b"]["many"].values == ("y", "z")


def test_a_reply_as_text() -> None:
    both = read_answer(
        ExecuteResponse(
            message=encode_message(code_block("one")), messages=(encode_message(plaintext("two")),)
        ),
        "shown",
    )
    assert (both.text, both.output, both.skipped) == ("one\n\ntwo", "shown", False)
    assert read_answer(ExecuteResponse(), "") == Answer(message=Message())
    assert Answer(message=Message()).text == ""
    assert Answer(message=skip()).skipped


def test_output_is_whole_characters() -> None:
    heard: list[str] = []
    output = Collected(heard.append)
    for byte in "größe".encode():
        output.take(bytes([byte]))
    output.take(b"")
    assert heard == list("größe")
    assert output.text == "größe"


def test_an_event_comes_back() -> None:
    event = Event(message=plaintext("x"), raw={"n": [1]}, labels={"k": "v"})
    assert read_event(encode_event(event)) == event
    assert json.loads(encode_event(read_event(b"")))["RawObject"] is None
