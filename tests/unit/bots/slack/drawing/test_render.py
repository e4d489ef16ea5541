"""A message → what is sent. The gallery has the looks; here is what becomes several messages or a file."""

import msgspec
import pytest

from botkube.bots.slack.drawing.blocks import Block, context, fields, section
from botkube.bots.slack.drawing.draft import REST
from botkube.bots.slack.drawing.pack import Post
from botkube.bots.slack.drawing.render import File, Outgoing, Rendered, outgoing_of, render
from botkube.model.command import Reply
from botkube.model.message import (
    Body,
    BulletList,
    ContextItem,
    LabelInput,
    Message,
    Section,
    SectionStyle,
    TextField,
)

BY = "`x` on `dev` by <@U1>"


def rendered(message: Message, header: str = "", description: str = "") -> Rendered:
    return render(Outgoing(message=message, header=header, description=description), "<@UBOT>")


def blocks(part: Section) -> list[Block]:
    (post,) = rendered(Message(sections=(part,))).posts
    return list(post.blocks)


@pytest.mark.parametrize(
    "message",
    [
        Message(),
        Message(type="skipMessage", base_body=Body(plaintext="x")),
        Message(sections=(Section(),)),
        Message(base_body=Body(plaintext="\n", code_block=" ")),
    ],
)
def test_nothing_to_show_is_nothing_to_send(message: Message) -> None:
    assert rendered(message) == Rendered()


def test_a_simple_reply_is_a_text() -> None:
    message = Message(base_body=Body(plaintext="p <b>", code_block="pong\n"))
    found = rendered(message, "H", BY)
    assert found == Rendered(posts=(Post(text=f"*H*\n{BY}\np &lt;b&gt;\n```\npong\n```"),))


def test_a_reply_that_is_just_too_long_for_a_text_has_blocks() -> None:
    found = rendered(Message(base_body=Body(code_block="x" * 2992)), description=BY)
    assert found.file is None
    assert [len(post.blocks) for post in found.posts] == [2]


def test_a_long_output_is_a_file_and_its_description_the_comment() -> None:
    output = "y" * 5000
    found = rendered(Message(base_body=Body(code_block=output)), description=BY)
    assert found == Rendered(file=File(content=f"{BY}\n{output}\n", comment=BY))


def test_a_long_output_with_an_input_is_a_message_with_its_begin_and_a_file() -> None:
    lines = "\n".join(["y" * 99] * 60)
    message = Message(
        base_body=Body(code_block=lines), plaintext_inputs=(LabelInput(command="{{BotName}} f="),)
    )
    found = rendered(message, description=BY)
    (post,) = found.posts
    assert [block["type"] for block in post.blocks] == ["section", "section", "context", "input"]
    assert post.blocks[2] == context(REST)
    assert found.file is not None
    assert lines in found.file.content
    assert found.file.comment == ""


def test_a_comment_that_is_too_long_is_a_message() -> None:
    found = rendered(Message(base_body=Body(code_block="y" * 5000)), "h" * 2990, "d" * 20)
    assert found.file is not None
    assert found.file.comment == ""
    assert len(found.posts) == 1


def test_what_only_one_user_sees_is_split_and_not_filed() -> None:
    lines = "\n".join(["y" * 99] * 60)
    found = rendered(Message(base_body=Body(code_block=lines), only_visible_for_you=True))
    assert found.file is None
    assert found.private
    (post,) = found.posts
    assert len(post.blocks) == 3


def test_a_message_for_ten_messages_and_more_is_filed_too() -> None:
    sections = tuple(Section(header=f"Part {index}.") for index in range(400))
    found = rendered(Message(sections=sections))
    assert len(found.posts) == 10
    assert found.posts[-2].text == REST
    assert found.file is not None
    assert all(f"Part {index}." in found.file.content for index in range(400))


def test_flags_are_passed_on() -> None:
    message = Message(
        type="threadMessage",
        base_body=Body(plaintext="x"),
        replace_original=True,
        user_handle="U1",
        parent_activity_id="1.2",
    )
    found = msgspec.structs.replace(rendered(message), posts=())
    assert found == Rendered(replaces=True, threaded=True, to_user="U1", thread="1.2")


def test_the_order_within_a_section() -> None:
    part = Section(
        header="h",
        description="d",
        text_fields=(TextField(key="k", value="v"),),
        body=Body(plaintext="p", code_block="c"),
        bullet_lists=(BulletList(title="t", items=("i\nj",)),),
        context=(ContextItem(text="x"), ContextItem(text=" ")),
    )
    assert blocks(part) == [
        section("*h*"),
        section("d"),
        fields(["*k:* v"]),
        section("p"),
        section("`c`"),
        section("*t*\n• i\n   j"),
        context("x"),
    ]


@pytest.mark.parametrize(
    ("code", "text"),
    [
        (" one line ", "`one line`"),
        ("two\nlines", "```\ntwo\nlines\n```"),
        ("a `tick`", "```\na `tick`\n```"),
        ("x" * 2992, "`" + "x" * 2992 + "`"),
    ],
)
def test_code_of_a_section(code: str, text: str) -> None:
    assert blocks(Section(body=Body(code_block=code))) == [section(text)]


@pytest.mark.parametrize(
    ("values", "rows"),
    [
        (["v"] * 10, [10]),
        (["v"] * 11, [10, 1]),
        (["v", "v" * 1996], [1, 0]),
        (["v", "v" * 1996, "v", ""], [1, 0, 2]),
        (["v" * 1995], [1]),
    ],
)
def test_fields(values: list[str], rows: list[int]) -> None:
    part = Section(text_fields=tuple(TextField(key="k", value=value) for value in values))
    found = [block.get("fields", []) for block in blocks(part)]
    assert [len(row) for row in found if isinstance(row, list)] == rows


def test_small_print_that_is_too_long_is_a_section() -> None:
    part = Section(context=(ContextItem(text="x" * 2000), ContextItem(text="x" * 2001)))
    assert [block["type"] for block in blocks(part)] == ["context", "section"]


@pytest.mark.parametrize(
    ("dividers", "kinds"),
    [
        (("", ""), ["section", "divider", "section"]),
        (("none", ""), ["section", "section"]),
        (("", "none"), ["section", "divider", "section"]),
    ],
)
def test_a_line_is_drawn_between_sections(dividers: tuple[str, ...], kinds: list[str]) -> None:
    parts = tuple(Section(style=SectionStyle(divider=one), header="h") for one in dividers)
    (post,) = rendered(Message(sections=parts)).posts
    assert [block["type"] for block in post.blocks] == kinds


def test_the_file_names_the_bot_as_people_do() -> None:
    found = rendered(Message(base_body=Body(plaintext="{{BotName}} " + "x" * 4000)))
    assert found.file is not None
    assert found.file.content.startswith("@Botkube x")


def test_every_message_of_a_reply_has_its_description() -> None:
    first, more = Message(base_body=Body(plaintext="a")), Message(base_body=Body(plaintext="b"))
    reply = Reply(message=first, messages=(more,), header="H", description=BY)
    assert outgoing_of(reply) == (
        Outgoing(message=first, header="H", description=BY),
        Outgoing(message=more, header="H", description=BY),
    )
    assert outgoing_of(msgspec.structs.replace(reply, silent=True)) == ()
