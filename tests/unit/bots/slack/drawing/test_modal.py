"""Forms become modals, unless they are too much for one."""

import pytest

from botkube.bots.slack.drawing.blocks import plain, section
from botkube.bots.slack.drawing.links import place, where
from botkube.bots.slack.drawing.modal import modal
from botkube.bots.slack.drawing.render import Outgoing
from botkube.model.message import Body, LabelInput, Message, Section

FORM = Message(type="form", plaintext_inputs=(LabelInput(command="{{BotName}} note "),))


def test_a_form() -> None:
    found = modal(Outgoing(message=FORM, header="Note", description="Say it."), "<@U>", "C1 10.1")
    assert found is not None
    blocks = found.view["blocks"]
    assert isinstance(blocks, list)
    assert found.view == {
        "type": "modal",
        "title": plain("Note"),
        "submit": plain("Apply"),
        "close": plain("Cancel"),
        "private_metadata": "C1 10.1",
        "blocks": blocks,
    }
    assert [block["type"] for block in blocks] == ["section", "input"]


@pytest.mark.parametrize(
    ("header", "title", "above"),
    [
        ("", "Botkube", 0),
        ("t" * 24, "t" * 24, 0),
        ("t" * 25, "t" * 23 + "…", 1),
    ],
)
def test_a_title_that_was_cut_stands_in_full_below(header: str, title: str, above: int) -> None:
    found = modal(Outgoing(message=FORM, header=header), "<@U>", "C1")
    assert found is not None
    assert found.view["title"] == plain(title)
    assert found.view["blocks"] == [*[section(f"*{header}*")] * above, *_inputs()]


def _inputs() -> list[object]:
    found = modal(Outgoing(message=FORM), "<@U>", "C1")
    assert found is not None
    blocks = found.view["blocks"]
    assert isinstance(blocks, list)
    return list(blocks)


@pytest.mark.parametrize(
    "message",
    [
        Message(base_body=Body(plaintext="no form")),
        Message(type="form"),
        Message(type="form", sections=(Section(),)),
        Message(type="form", plaintext_inputs=(LabelInput(command="c"),) * 101),
    ],
)
def test_what_is_no_modal(message: Message) -> None:
    assert modal(Outgoing(message=message), "<@U>", "C1") is None


def test_a_modal_of_a_hundred_blocks_and_what_it_remembers() -> None:
    form = Message(type="form", plaintext_inputs=(LabelInput(command="c"),) * 100)
    found = modal(Outgoing(message=form), "<@U>", "C1")
    assert found is not None
    assert len(found.kept) == 99
    assert modal(Outgoing(message=FORM), "<@U>", "x" * 3001) is None


def test_where_a_modal_came_from_is_read_back() -> None:
    assert place(where("C1", "10.1")) == ("C1", "10.1")
    assert place(where("C1")) == ("C1", "")
    assert place("") == ("", "")
