"""What is printed of a plugin's answers, and where."""

import json

import pytest

from botkube.cli.plugins.show import Screen
from botkube.model.message import Message
from botkube.sdk import Event, button, code_block, message, section, skip
from botkube.sdk.testing import Answer
from botkube.wire.messages import Metadata

TEXT = Screen(as_json=False)
JSON = Screen(as_json=True)
PRESS = message(section("Title", buttons=[button("Go", command="run")]))


def test_an_answer_is_text_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    TEXT.answer(Answer(message=Message(), messages=(code_block("one\x1b[31m"), PRESS)))
    said = capsys.readouterr()
    assert said.out == "one\n\nTitle\n  • @Botkube run\n"
    assert said.err == ""


def test_what_is_no_text_is_said_beside_it(capsys: pytest.CaptureFixture[str]) -> None:
    TEXT.answer(Answer(message=skip()))
    TEXT.answer(Answer(message=Message()))
    TEXT.live("working\n")
    TEXT.log('{"@level":"warn","@message":"careful","pod":"web"}')
    TEXT.log("plain")
    TEXT.error("it failed")
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.splitlines() == [
        "(the plugin answers in another way)",
        "(the message is empty)",
        "working",
        "warning careful pod=web",
        "plain",
        "it failed",
    ]


def test_events_of_people_have_a_line_between(capsys: pytest.CaptureFixture[str]) -> None:
    TEXT.event(Event(message=code_block("one"), raw={"n": 1}))
    TEXT.message(code_block("two"))
    assert capsys.readouterr().out == "one\n\ntwo\n"


def test_json_is_one_document_each(capsys: pytest.CaptureFixture[str]) -> None:
    JSON.answer(Answer(message=code_block("a"), output="live"))
    JSON.event(Event(message=code_block("b"), raw={"n": 1}, labels={"k": "v"}))
    JSON.message(code_block("c"))
    JSON.error("it failed")
    answer, event, alone, error = map(json.loads, capsys.readouterr().out.splitlines())
    assert answer["message"]["baseBody"]["codeBlock"] == "a"
    assert (answer["messages"], answer["output"]) == ([], "live")
    assert (event["raw"], event["labels"]) == ({"n": 1}, {"k": "v"})
    assert alone["baseBody"]["codeBlock"] == "c"
    assert error == {"error": "it failed"}


@pytest.mark.parametrize("screen", [TEXT, JSON])
def test_metadata_has_its_schemas_as_values(
    screen: Screen, capsys: pytest.CaptureFixture[str]
) -> None:
    screen.metadata(Metadata(version="1", description="d", json_schema='{"type":"object"}'))
    assert json.loads(capsys.readouterr().out) == {
        "version": "1",
        "description": "d",
        "json_schema": {"type": "object"},
    }
