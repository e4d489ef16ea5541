"""Messages and sections, by the JSON that comes out."""

import json
from datetime import UTC, datetime, timedelta, timezone

import pytest

from botkube.model.message import encode_message
from botkube.sdk import (
    bullet_list,
    button,
    code_block,
    context,
    fields,
    message,
    multi_select,
    plaintext,
    section,
    select,
    selects,
    skip,
    text_input,
    url_button,
)
from botkube.sdk.build import Kind
from botkube.sdk.check import check_message


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
            select("Verb", command="kubectl", options={"Get": "get"}, initial="get"),
        ),
        inputs=(text_input("Name", command="find --name=", placeholder="web"),),
        context=context("small", "print"),
        divider=False,
    )
    check_message(message(built))
    assert json.loads(encode_message(message(built)))["sections"] == [
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


def test_a_message_with_every_flag() -> None:
    east = timezone(timedelta(hours=2))
    built = message(
        section("One"),
        section("Two"),
        text="above",
        inputs=[text_input("Name", command="find ")],
        at=datetime(2024, 5, 1, 14, 0, 0, 123456, tzinfo=east),
        ephemeral=True,
        replace=True,
        user_handle="U1",
        parent_activity_id="1.2",
    )
    check_message(built)
    written = json.loads(encode_message(built))
    assert [each["header"] for each in written.pop("sections")] == ["One", "Two"]
    assert [each["text"] for each in written.pop("plaintextInputs")] == ["Name"]
    assert written == {
        "baseBody": {"plaintext": "above"},
        "timestamp": "2024-05-01T12:00:00.123456Z",
        "onlyVisibleForYou": True,
        "replaceOriginal": True,
        "userHandle": "U1",
        "parentActivityId": "1.2",
    }


@pytest.mark.parametrize(
    ("kind", "type_"),
    [
        ("", ""),
        ("thread", "threadMessage"),
        ("form", "form"),
        ("single_section", "nonInteractiveEventSingleSection"),
    ],
)
def test_each_kind_has_its_type(kind: Kind, type_: str) -> None:
    built = message(section("x"), kind=kind)
    check_message(built)
    assert built.type == type_


def test_a_time_needs_a_zone() -> None:
    assert message(at=datetime(2024, 5, 1, tzinfo=UTC)).timestamp == "2024-05-01T00:00:00Z"
    with pytest.raises(ValueError, match="has no zone"):
        message(at=datetime(2024, 5, 1))  # noqa: DTZ001 - that is the mistake
