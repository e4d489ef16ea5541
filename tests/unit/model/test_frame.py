"""Frames as clients see them."""

import msgspec

from botkube.model.frame import NewFrame


def shown(frame: NewFrame, seq: int) -> dict[str, object]:
    return dict(msgspec.json.decode(msgspec.json.encode(frame.stored(seq))))


def test_a_frame_has_every_member_of_the_interface() -> None:
    frame = NewFrame(type="message", channel="c", id="m", at=0.0, body=b'{"a":1}')
    assert shown(frame, 7) == {
        "seq": 7,
        "type": "message",
        "channel": "c",
        "thread": "",
        "id": "m",
        "author": "Botkube",
        "at": "1970-01-01T00:00:00.000Z",
        "body": {"a": 1},
    }


def test_a_frame_for_one_user_names_them() -> None:
    frame = NewFrame(type="ephemeral", channel="c", id="m", at=0.0, body=b"{}", to="ann")
    assert shown(frame, 1)["to"] == "ann"
