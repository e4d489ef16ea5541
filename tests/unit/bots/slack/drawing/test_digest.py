"""Many notifications as one message, which leaves nothing out."""

import pytest

from botkube.bots.slack.drawing.digest import CALM, digest, one_by_one
from botkube.bots.slack.drawing.limits import TEXT, size
from botkube.bots.slack.saying.steps import Plan, Say, Share
from botkube.model.message import Button, Message, Section, TextField
from tests.fakes.slack.outbound import delivery
from tests.fakes.slack.validator import problems_of_message

BOT = "<@UBOT>"


def parts(plan: Plan) -> tuple[str, str]:
    """The text, and what is in the file."""
    say, *more = plan.steps
    assert isinstance(say, Say)
    assert problems_of_message(say.post.text, []) == []
    assert size(say.post.text) <= TEXT
    share = more[0] if more else None
    assert share is None or isinstance(share, Share)
    assert share is None or share.below
    return say.post.text, share.file.content if share else ""


@pytest.mark.parametrize(
    ("waiting", "room", "expected"),
    [(1, 0, 1), (CALM, 0, CALM), (5, 5, 5), (5, 2, 1), (1000, 2, 1), (1000, 0, 0)],
)
def test_how_many_are_told_one_by_one(waiting: int, room: int, expected: int) -> None:
    assert one_by_one(waiting, room) == expected


def test_short_ones_are_said_in_a_line_each() -> None:
    text, file = parts(digest([delivery(n, f"event {n}") for n in range(5)], BOT))
    assert text == "*5 more:*\n• event 0\n• event 1\n• event 2\n• event 3\n• event 4"
    assert file == ""


def test_what_does_not_fit_is_counted_and_in_the_file() -> None:
    text, file = parts(digest([delivery(n, f"event {n} of many") for n in range(1000)], BOT))
    lines = text.split("\n")
    shown = sum(line.startswith("•") for line in lines)
    assert 50 < shown < 1000
    assert lines[0] == "*1000 more:*"
    assert lines[-1].startswith(f"… and {1000 - shown} more. ")
    assert all(f"event {n} of many" in file for n in range(1000))


def test_fields_and_buttons_are_in_the_file() -> None:
    section = Section(
        header="Pod created",
        text_fields=(TextField(key="Name", value="nginx"),),
        buttons=(Button(name="Logs", command="{{BotName}} logs"),),
    )
    text, file = parts(digest([delivery(1, Message(sections=(section,)))], BOT))
    assert "• Pod created · Name: nginx" in text
    assert "Name: nginx" in file
    assert "Logs: @Botkube logs" in file
    assert "beat" in file


def test_hostile_text_is_data() -> None:
    text, _ = parts(digest([delivery(1, "<!channel> & ```x\n``` *b*\x00")], BOT))
    assert "&lt;!channel&gt; &amp;" in text


def test_what_says_nothing_is_not_counted() -> None:
    nothing, damaged = delivery(1, Message()), delivery(2, "x")
    assert digest([nothing], BOT) == Plan()
    text, _ = parts(digest([nothing, damaged], BOT))
    assert text == "*1 more:*\n• x"
