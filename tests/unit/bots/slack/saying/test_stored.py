"""A reply comes back from the disk as it went."""

import msgspec
import pytest

from botkube.bots.slack.saying.stored import decode_reply, encode_reply
from botkube.model.command import Kept, Outcome, Reply
from botkube.model.message import Body, Button, Message, Section
from botkube.model.replies import code
from tests.fakes.slack.gallery import GALLERY, messages

REPLIES = [
    code("a <b> & \u2028 c", "`x` on `dev`"),
    Reply(header="h", silent=True),
    Reply(
        message=Message(sections=(Section(buttons=(Button(name="n", command="c"),)),)),
        messages=(Message(base_body=Body(plaintext="second")), Message(only_visible_for_you=True)),
    ),
    *(
        Reply(message=outgoing.message)
        for path in sorted(GALLERY.glob("*.json"))
        for outgoing in messages(path)
    ),
]


@pytest.mark.parametrize("reply", REPLIES)
def test_what_is_shown_is_stored(reply: Reply) -> None:
    assert decode_reply(encode_reply(reply)) == reply


def test_the_outcome_and_the_kept_result_are_elsewhere() -> None:
    reply = msgspec.structs.replace(
        code("x"), outcome=Outcome.FAILED, kept=Kept(command="x", message=b"{}")
    )
    assert decode_reply(encode_reply(reply)) == code("x")
