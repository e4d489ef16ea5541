"""Replies and notifications as steps."""

import pytest
from msgspec.structs import replace

from botkube.bots.slack.drawing.blocks import Block, section
from botkube.bots.slack.drawing.pack import Post
from botkube.bots.slack.drawing.render import Outgoing
from botkube.bots.slack.saying.asked import Asked
from botkube.bots.slack.saying.steps import (
    GONE,
    Edit,
    Open,
    Respond,
    Say,
    Share,
    as_text,
    of_message,
    of_partial,
    of_reply,
)
from botkube.model.command import Reply
from botkube.model.message import Body, LabelInput, Message, MessageType, Section
from botkube.model.replies import code

BOT = "<@UBOT>"
LONG = "\n".join(f"line {n}" for n in range(700))
ASKED = Asked(channel="C1", user="U1", ts="1.1", thread="1.0")
CLICK = Asked(channel="C1", user="U1", message="2.2", trigger_id="t", triggered_at=100.0)
FORM = Reply(
    header="Form",
    message=Message(type=MessageType.FORM, plaintext_inputs=(LabelInput(command="c", text="l"),)),
)


def kinds(reply: Reply, asked: Asked = ASKED, shown: str = "", now: float = 100.0) -> list[type]:
    return [type(step) for step in of_reply(reply, asked, shown, BOT, now).steps]


def message(text: str, *, private: bool = False, replace: bool = False) -> Message:
    return Message(
        base_body=Body(plaintext=text), only_visible_for_you=private, replace_original=replace
    )


def blocks_of(*lines: str) -> tuple[Block, ...]:
    return tuple(section(line) for line in lines)


def test_a_plain_reply_is_one_message_where_it_was_asked() -> None:
    (step,) = of_reply(code("pong"), ASKED, "", BOT, 100.0).steps
    assert isinstance(step, Say)
    assert (step.thread, step.user, step.to) == ("1.0", "", "")


@pytest.mark.parametrize(
    ("reply", "asked", "shown", "expected"),
    [
        (code("pong"), ASKED, "9.9", [Edit]),
        (code(LONG), ASKED, "", [Share]),
        (code(LONG), ASKED, "9.9", [Edit, Share]),
        (Reply(silent=True), ASKED, "", []),
        (Reply(silent=True), ASKED, "9.9", [Edit]),
        (Reply(message=message("a"), messages=(message("b"),)), ASKED, "9.9", [Edit, Say]),
        (FORM, CLICK, "", [Open]),
        (FORM, CLICK, "9.9", [Open, Edit]),
        (FORM, ASKED, "", [Say]),
        (Reply(message=message("x", private=True)), ASKED, "", [Say]),
        (Reply(message=message("x", private=True)), ASKED, "9.9", [Say, Edit]),
        (Reply(message=message("x", replace=True)), CLICK, "", [Edit]),
        (Reply(message=message("x", replace=True)), ASKED, "", [Say]),
    ],
)
def test_what_a_reply_takes(reply: Reply, asked: Asked, shown: str, expected: list[type]) -> None:
    assert kinds(reply, asked, shown) == expected


def test_what_showed_the_command_never_stays_as_if_it_ran() -> None:
    *_, last = of_reply(Reply(silent=True), ASKED, "9.9", BOT, 100.0).steps
    assert last == Edit(ts="9.9", post=GONE, thread="1.0")


def test_a_form_is_opened_only_while_its_click_lives() -> None:
    (step,) = of_reply(FORM, CLICK, "", BOT, 102.0).steps
    assert isinstance(step, Open)
    assert step.trigger == "t"
    assert [type(say) for say in step.otherwise] == [Say]
    assert kinds(FORM, CLICK, now=102.9) == [Say]


def test_a_private_message_is_for_the_asker_and_its_file_goes_to_them() -> None:
    lines = tuple(Section(body=Body(code_block="x\n" * 1400)) for _ in range(60))
    plan = of_reply(
        Reply(message=Message(sections=lines, only_visible_for_you=True)), ASKED, "", BOT, 0.0
    )
    *posts, notice, share = plan.steps
    assert all(isinstance(step, Say) and step.user == "U1" for step in posts)
    assert isinstance(notice, Say)
    assert notice.to == "U1"
    assert isinstance(share, Share)
    assert share.below


def test_an_answer_url_takes_the_place_of_the_message() -> None:
    asked = Asked(channel="C1", user="U1", message="2.2", response_url="https://r")
    (step,) = of_reply(Reply(message=message("x", replace=True)), asked, "", BOT, 0.0).steps
    assert step == Respond(url="https://r", post=Post(text="x"), message="2.2")
    both = Reply(message=message("x", private=True, replace=True))
    (step,) = of_reply(both, asked, "", BOT, 0.0).steps
    assert step == Respond(url="https://r", post=Post(text="x"), user="U1")


def test_a_notification_may_name_a_user_or_a_thread() -> None:
    (step,) = of_message(Outgoing(message=Message(base_body=Body(plaintext="x"))), BOT).steps
    assert step == Say(post=Post(text="x"))
    to_user = Message(base_body=Body(plaintext="x"), user_handle="U2")
    (step,) = of_message(Outgoing(message=to_user), BOT).steps
    assert step == Say(post=Post(text="x"), to="U2")
    threaded = Message(base_body=Body(plaintext="x"), parent_activity_id="7.7")
    (step,) = of_message(Outgoing(message=threaded), BOT).steps
    assert step == Say(post=Post(text="x"), thread="7.7")


def test_the_steps_are_the_same_each_time() -> None:
    reply = Reply(message=message(LONG), messages=(message("b"),))
    plans = [of_reply(reply, ASKED, "", BOT, now) for now in (100.0, 200.0)]
    assert plans[0] == plans[1]


def test_a_running_command_is_shown_by_one_message() -> None:
    post, kept = of_partial(Outgoing(message=Message(sections=(Section(header="h"),))), BOT)
    assert (post.text, len(post.blocks), kept) == ("*h*", 1, {})


@pytest.mark.parametrize("step", [Say(post=GONE, thread="1.0"), Edit(ts="9.9", post=GONE)])
def test_plain_text_for_refused_blocks_with_a_file_of_what_it_leaves_out(step: Say | Edit) -> None:
    assert as_text(step) == ()
    whole = replace(step, post=Post(text="h", blocks=blocks_of("h")))
    assert as_text(whole) == (replace(step, post=Post(text="h")),)
    cut = replace(step, post=Post(text="h", blocks=blocks_of("h", "more")))
    plain, share = as_text(cut)
    assert plain == replace(step, post=Post(text="h"))
    assert isinstance(share, Share)
    assert (share.file.content, share.thread, share.below) == ("h\nmore", step.thread, True)


def test_what_one_user_sees_becomes_no_file_that_all_see() -> None:
    said = Say(post=Post(text="h", blocks=blocks_of("h", "more")), user="U1")
    assert as_text(said) == (replace(said, post=Post(text="h")),)
