"""Calls have the form that Slack documents, and each method its rate."""

import json
from urllib.parse import parse_qs

import pytest

from botkube.bots.slack.calling import api
from botkube.bots.slack.calling.api import Call
from botkube.bots.slack.drawing.blocks import section
from botkube.bots.slack.drawing.pack import Post

POST = Post(text="a & b", blocks=(section("a &amp; b"),))
BLOCKS = json.dumps(list(POST.blocks), separators=(",", ":"))


def fields(call: Call) -> dict[str, str]:
    return {
        name: values[0]
        for name, values in parse_qs(call.body.decode(), strict_parsing=True).items()
    }


@pytest.mark.parametrize(
    ("call", "method", "form"),
    [
        (
            api.post_message("C1", POST, "1.2"),
            "chat.postMessage",
            {
                "channel": "C1",
                "text": "a & b",
                "blocks": BLOCKS,
                "thread_ts": "1.2",
                "unfurl_links": "false",
                "unfurl_media": "false",
            },
        ),
        (
            api.post_ephemeral("C1", "U1", Post(text="x")),
            "chat.postEphemeral",
            {"channel": "C1", "user": "U1", "text": "x"},
        ),
        (
            api.update("C1", "1.2", Post(text="x")),
            "chat.update",
            {"channel": "C1", "ts": "1.2", "text": "x", "blocks": "[]"},
        ),
        (
            api.update("C1", "1.2", POST),
            "chat.update",
            {"channel": "C1", "ts": "1.2", "text": "a & b", "blocks": BLOCKS},
        ),
        (
            api.add_reaction("C1", "1.2", "eyes"),
            "reactions.add",
            {"channel": "C1", "timestamp": "1.2", "name": "eyes"},
        ),
        (
            api.remove_reaction("C1", "1.2", "eyes"),
            "reactions.remove",
            {"channel": "C1", "timestamp": "1.2", "name": "eyes"},
        ),
        (
            api.open_view("t.1", {"type": "modal"}),
            "views.open",
            {"trigger_id": "t.1", "view": '{"type":"modal"}'},
        ),
        (
            api.upload_url("Response.txt", "é".encode()),
            "files.getUploadURLExternal",
            {"filename": "Response.txt", "length": "2"},
        ),
        (
            api.complete_upload("F1", "Response.txt", "C1", "why", "1.2"),
            "files.completeUploadExternal",
            {
                "files": '[{"id":"F1","title":"Response.txt"}]',
                "channel_id": "C1",
                "initial_comment": "why",
                "thread_ts": "1.2",
            },
        ),
        (
            api.list_conversations("next"),
            "conversations.list",
            {
                "types": "public_channel,private_channel",
                "exclude_archived": "true",
                "limit": "999",
                "cursor": "next",
            },
        ),
        (api.channel_info("C1"), "conversations.info", {"channel": "C1"}),
        (
            api.history("C1", "1.2"),
            "conversations.history",
            {"channel": "C1", "oldest": "1.2", "limit": "200"},
        ),
        (api.user_info("U1"), "users.info", {"user": "U1"}),
    ],
)
def test_a_call_is_a_form(call: Call, method: str, form: dict[str, str]) -> None:
    assert call.method == method
    assert fields(call) == form
    assert call.content_type.startswith("application/x-www-form-urlencoded")
    assert not call.app
    assert call.channel == form.get("channel", form.get("channel_id", ""))
    assert call.method in api.RATES


def test_calls_without_fields() -> None:
    assert api.auth_test() == Call(method="auth.test")
    assert api.connections_open() == Call(method="apps.connections.open", app=True)
    assert {"auth.test", "apps.connections.open"} <= api.RATES.keys()


def test_an_answer_url_takes_json_and_no_token() -> None:
    call = api.respond("https://h/x", POST, replace=True, thread="1.2")
    assert (call.url, call.method, call.content_type[:16]) == (
        "https://h/x",
        "response_url",
        "application/json",
    )
    assert json.loads(call.body) == {
        "text": "a & b",
        "blocks": list(POST.blocks),
        "replace_original": True,
        "thread_ts": "1.2",
    }
    body = json.loads(api.respond("https://h/x", Post(text="x"), replace=False).body)
    assert body == {"text": "x", "replace_original": False, "response_type": "ephemeral"}


def test_a_file_is_put_as_it_is() -> None:
    call = api.upload("https://files/x", b"\xc3\xa9")
    assert (call.url, call.body) == ("https://files/x", b"\xc3\xa9")


def test_messages_are_limited_by_channel_and_all_else_by_method() -> None:
    by_channel = {method for method, rate in api.RATES.items() if rate.each_channel}
    assert by_channel == {"chat.postMessage"}
    assert api.RATES["chat.postMessage"].a_minute == 60
    assert all(rate.burst <= rate.a_minute for rate in api.RATES.values())
