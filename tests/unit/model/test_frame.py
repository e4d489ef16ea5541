"""A frame's JSON is what clients of the stream read."""

import json

import msgspec

from botkube.model.frame import NewFrame

NEW = NewFrame(type="message", channel="general", id="m1", at=1767582000.0, body=b'{"a":1}')


def test_the_json_of_a_frame() -> None:
    assert json.loads(msgspec.json.encode(NEW.stored(7))) == {
        "seq": 7,
        "type": "message",
        "channel": "general",
        "thread": "",
        "id": "m1",
        "author": "Botkube",
        "at": "2026-01-05T03:00:00.000Z",
        "body": {"a": 1},
    }


def test_a_frame_for_one_user_names_them() -> None:
    shown = json.loads(msgspec.json.encode(msgspec.structs.replace(NEW, to="ann").stored(7)))
    assert shown["to"] == "ann"


def test_the_clients_own_id_is_not_shown() -> None:
    assert b"secret" not in msgspec.json.encode(
        msgspec.structs.replace(NEW, client_id="secret").stored(7)
    )
