"""Results → replies: header, filter, filter input, the placeholder for nothing, what is not shown."""

import pytest

from botkube.engine.commands.output import EMPTY, FILTER_LINES, describe, filterable, present
from botkube.engine.commands.parse import parse_command
from botkube.model.command import Incoming, Origin, User
from botkube.model.message import Body, LabelInput, Message, MessageType, Section
from tests.fakes.engine import ADDRESS, said

TEXT_ONLY = MessageType.BASE_BODY_WITH_FILTER


def lines(count: int) -> str:
    return "\n".join(f"line {number}" for number in range(count))


def text_only(code: str = "", plain: str = "") -> Message:
    return Message(type=TEXT_ONLY, base_body=Body(code_block=code, plaintext=plain))


@pytest.mark.parametrize(
    ("typed", "origin", "shown"),
    [
        ("ping", Origin.TYPED, "`ping` on `dev`"),
        ("get\n  po  --filter=x", Origin.TYPED, "`get po --filter=x` on `dev`"),
        ("ping", Origin.BUTTON, "`ping` on `dev` by @ann"),
        ("ping", Origin.UNKNOWN, "`ping` on `dev` by @ann"),
        ('ping --bk-cmd-header="Are you there"', Origin.TYPED, "Are you there on `dev`"),
        ('ping --bk-cmd-header="X"', Origin.SELECT, "X on `dev` by @ann"),
    ],
)
def test_the_line_above_a_reply(typed: str, origin: Origin, shown: str) -> None:
    assert describe(parse_command(typed, {}), said(typed, origin=origin), "dev") == shown


def test_without_a_mention_nobody_is_named() -> None:
    nobody = Incoming(
        id="c", text="ping", user=User(name="x"), address=ADDRESS, origin=Origin.BUTTON
    )
    assert describe(parse_command("ping", {}), nobody, "dev") == "`ping` on `dev`"


@pytest.mark.parametrize(
    ("text", "wanted", "left"),
    [
        ("one\ntwo\nthree", "t", "two\nthree"),
        ("one\ntwo", "One", ""),
        ("a.c\nabc", "a.c", "a.c"),  # no pattern
        ("x" * 70_000 + "needle\nother", "needle", "x" * 70_000 + "needle"),
        ("one\r\ntwo", "one", "one"),
    ],
)
@pytest.mark.parametrize("place", ["code", "plain"])
def test_a_filter_keeps_the_lines_with_its_text(
    text: str, wanted: str, left: str, place: str
) -> None:
    message = text_only(code=text) if place == "code" else text_only(plain=text)
    reply = filterable(message, parse_command(f'x --filter="{wanted}"', {}), "d")
    body = reply.message.base_body
    if left:
        assert (body.code_block or body.plaintext) == left
    else:
        assert body.plaintext == EMPTY


@pytest.mark.parametrize(("count", "offered"), [(1, False), (15, False), (16, True), (400, True)])
def test_a_long_text_offers_a_filter(count: int, *, offered: bool) -> None:
    reply = filterable(text_only(lines(count)), parse_command("get po --cluster-name=dev", {}), "d")
    expected = LabelInput(
        command="{{BotName}} get po --filter=",
        text="Filter output",
        placeholder="String pattern to filter by",
        dispatched_action="on_enter_pressed",
    )
    assert reply.message.plaintext_inputs == ((expected,) if offered else ())


def test_a_filtered_text_that_is_still_long_offers_a_filter_again() -> None:
    parsed = parse_command("get po --filter=line", {})
    reply = filterable(text_only(lines(FILTER_LINES)), parsed, "d")
    assert reply.message.plaintext_inputs[0].command == "{{BotName}} get po --filter="


def test_only_the_text_of_a_filterable_message_is_kept() -> None:
    message = Message(
        type=TEXT_ONLY, base_body=Body(code_block="a"), sections=(Section(header="dropped"),)
    )
    reply = present(message, (), parse_command("x", {}), "d")
    assert reply.message == Message(type=TEXT_ONLY, base_body=Body(code_block="a"))
    assert reply.description == "d"


def test_nothing_is_said_to_be_nothing() -> None:
    reply = present(Message(), (), parse_command("x", {}), "d")
    assert (reply.message.base_body.plaintext, reply.description) == (EMPTY, "d")


SKIP = Message(type=MessageType.SKIP)
SHOWN = Message(base_body=Body(plaintext="shown"))


@pytest.mark.parametrize(
    ("message", "messages", "silent"),
    [(SKIP, (), True), (SKIP, (SKIP,), True), (SKIP, (SHOWN,), False), (SHOWN, (SKIP,), False)],
)
def test_a_reply_is_silent_when_all_of_it_is(
    message: Message, messages: tuple[Message, ...], *, silent: bool
) -> None:
    assert present(message, messages, parse_command("x", {}), "d").silent is silent


def test_any_other_message_is_shown_as_it_is_and_not_filtered() -> None:
    message = Message(base_body=Body(code_block=lines(20)), sections=(Section(header="kept"),))
    reply = present(message, (SHOWN,), parse_command("x --filter=nothing", {}), "d")
    assert (reply.message, reply.messages, reply.description) == (message, (SHOWN,), "d")


def test_what_only_one_user_sees_has_no_line_above() -> None:
    message = Message(base_body=Body(plaintext="psst"), only_visible_for_you=True)
    assert present(message, (), parse_command("x", {}), "d").description == ""
