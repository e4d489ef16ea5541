"""Replies and notifications as the JSON of a frame's body."""

import json

import pytest

from botkube.bots.playground.body import event_body, reply_body, typed_body
from botkube.model.command import Outcome, Reply
from botkube.model.message import Body, Button, Message, Section, encode_message

TICK = Message(
    base_body=Body(plaintext="tick"),
    sections=(Section(buttons=(Button(name="Echo", command="{{BotName}} echo hi"),)),),
)


def test_a_reply_has_all_that_belongs_to_it() -> None:
    reply = Reply(
        message=Message(base_body=Body(code_block="{{BotName}} <x>")),
        messages=(Message(base_body=Body(plaintext="more of {{BotName}}")),),
        header="H",
        description="`x` on `dev`",
        outcome=Outcome.FAILED,
    )
    body = json.loads(reply_body(reply, "m1"))
    assert body["baseBody"] == {"codeBlock": "@Botkube <x>"}
    assert body["messages"][0]["baseBody"] == {"plaintext": "more of @Botkube"}
    assert {name: body[name] for name in ("reply_to", "outcome", "header", "description")} == {
        "reply_to": "m1",
        "outcome": "failed",
        "header": "H",
        "description": "`x` on `dev`",
    }


def test_what_a_reply_does_not_have_is_left_out() -> None:
    body = json.loads(reply_body(Reply(), "m1"))
    assert body.keys().isdisjoint({"header", "description", "messages"})
    assert body["outcome"] == "ok"


def test_a_notification_names_its_event_and_the_bot() -> None:
    body = json.loads(event_body(encode_message(TICK), "e1"))
    assert body["event_id"] == "e1"
    assert body["sections"][0]["buttons"][0]["command"] == "@Botkube echo hi"


def test_a_notification_without_the_bots_name_is_passed_on_byte_for_byte() -> None:
    message = encode_message(Message(base_body=Body(plaintext="a < b & c\u2028")))
    assert event_body(message, "e1") == b'{"event_id":"e1",' + message[1:]


def test_an_empty_message_is_an_object_too() -> None:
    assert json.loads(event_body(b"{}", "e1")) == {"event_id": "e1"}


@pytest.mark.parametrize(
    "text", ["hi", 'quote " and \\', "{{BotName}}", "</script>", "\u2028 ü 🎉", ""]
)
def test_what_a_user_typed_is_kept(text: str) -> None:
    assert json.loads(typed_body(text)) == {"baseBody": {"plaintext": text}}
