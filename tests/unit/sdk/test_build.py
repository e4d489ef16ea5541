"""The message builder, by the JSON that comes out."""

import json

import pytest

from botkube.model.message import Message, encode_message
from botkube.sdk import (
    bullet_list,
    button,
    code_block,
    context,
    fields,
    multi_select,
    plaintext,
    section,
    select,
    selects,
    skip,
    text_input,
    url_button,
)


def test_texts_can_be_filtered_unless_told_otherwise() -> None:
    assert code_block("x").type == "baseBodyWithFilter"
    assert code_block("x").base_body.code_block == "x"
    assert plaintext("x", filterable=False).type == ""
    assert plaintext("x").base_body.plaintext == "x"
    assert skip().type == "skipMessage"


def test_a_section_with_every_part() -> None:
    built = section(
        "Title",
        description="about",
        text="text",
        code="code",
        text_fields=fields({"n": 1}),
        bullet_lists=(bullet_list("L", ["a", "b"]),),
        buttons=(
            button("Run", command="echo hi", style="primary", show_command=True),
            url_button("Docs", "https://x"),
        ),
        multi_select=multi_select("Pick", command="{{BotName}} pick", options=["a"], initial=["a"]),
        selects=selects(
            "block",
            select("Verb", command="kubectl", options={"Get": "get"}, initial=("Get", "get")),
        ),
        inputs=(text_input("Name", command="find --name=", placeholder="web"),),
        context=context("small", "print"),
        divider=False,
    )
    assert json.loads(encode_message(Message(sections=(built,))))["sections"] == [
        {
            "style": {"divider": "none"},
            "header": "Title",
            "description": "about",
            "body": {"codeBlock": "code", "plaintext": "text"},
            "buttons": [
                {
                    "description": "{{BotName}} echo hi",
                    "descriptionStyle": "code",
                    "name": "Run",
                    "command": "{{BotName}} echo hi",
                    "style": "primary",
                },
                {"descriptionStyle": "", "name": "Docs", "url": "https://x"},
            ],
            "multiSelect": {
                "name": "Pick",
                "description": {},
                "command": "{{BotName}} pick",
                "options": [{"name": "a", "value": "a"}],
                "initialOptions": [{"name": "a", "value": "a"}],
            },
            "selects": {
                "id": "block",
                "items": [
                    {
                        "type": "static",
                        "name": "Verb",
                        "command": "{{BotName}} kubectl",
                        "optionGroups": [
                            {"name": "Verb", "options": [{"name": "Get", "value": "get"}]}
                        ],
                        "initialOption": {"name": "Get", "value": "get"},
                    }
                ],
            },
            "plaintextInputs": [
                {
                    "command": "{{BotName}} find --name=",
                    "text": "Name",
                    "placeholder": "web",
                    "dispatchedAction": "on_enter_pressed",
                }
            ],
            "textFields": [{"key": "n", "value": "1"}],
            "bulletLists": [{"title": "L", "items": ["a", "b"]}],
            "context": [{"text": "small"}, {"text": "print"}],
        }
    ]


def test_select_options_in_groups() -> None:
    built = select("Any", command="x", groups={"one": ["a"], "two": ["b"]})
    assert [group.name for group in built.option_groups] == ["one", "two"]
    assert built.initial_option is None


@pytest.mark.parametrize(("on", "action"), [("", ""), ("character", "on_character_entered")])
def test_when_an_input_runs(on: str, action: str) -> None:
    assert text_input("l", command="c", on=on).dispatched_action == action  # type: ignore[arg-type]  # a parameter
