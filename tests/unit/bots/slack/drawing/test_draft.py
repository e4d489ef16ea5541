"""Ids are unique and lead back to their text; long texts are split, or filed with a notice."""

import pytest

from botkube.bots.slack.drawing.blocks import context, section
from botkube.bots.slack.drawing.draft import REST, Draft
from botkube.bots.slack.drawing.links import key_of

LINES = "\n".join(["x" * 99] * 40)  # 3999 characters


def test_a_text_that_fits_is_its_own_id() -> None:
    draft = Draft("<@U>")
    assert draft.held("get pods") == "get pods"
    assert draft.held("x" * 256) == key_of("x" * 256)
    assert draft.kept == {key_of("x" * 256): "x" * 256}


def test_a_block_id_that_is_taken_becomes_a_key() -> None:
    draft = Draft("<@U>")
    first, second, third = (draft.block_id("same") for _ in range(3))
    assert first == "same"
    assert len({first, second, third}) == 3
    assert (draft.kept[second], draft.kept[third]) == ("same", "same")
    assert draft.block_id("") == ""


def test_an_action_id_is_unique_beside_others() -> None:
    draft = Draft("<@U>")
    assert draft.action_id("cmd") == "cmd"
    again = draft.action_id("cmd", ["cmd"])
    assert draft.kept[again] == "cmd"
    assert draft.action_id("") != draft.action_id("")


def test_the_bots_name() -> None:
    draft = Draft("<@U>")
    assert draft.named("{{BotName}} x") == "<@U> x"
    assert draft.spoken("{{BotName}} x") == "@Botkube x"
    assert draft.markup("<{{BotName}}>") == "&lt;<@U>&gt;"


@pytest.mark.parametrize(
    ("text", "body", "private", "sections", "filed"),
    [
        ("\n \n", False, False, 0, False),
        ("x" * 3000, True, False, 1, False),
        (LINES, False, False, 2, False),
        (LINES, True, False, 1, True),
        (LINES, True, True, 2, False),
        ("x" * 3001, False, False, 1, True),
        ("x" * 3001, False, True, 2, False),
        ("\n".join([LINES] * 4), False, False, 1, True),
    ],
)
def test_a_text(text: str, sections: int, *, body: bool, private: bool, filed: bool) -> None:
    draft = Draft("<@U>", private=private)
    blocks = draft.text(text, body=body)
    assert len([block for block in blocks if block["type"] == "section"]) == sections
    assert (context(REST) in blocks) is filed
    assert draft.filed is filed


def test_a_text_split_within_its_code_block_has_a_fence_in_each_part() -> None:
    blocks = Draft("<@U>").text(f"before\n```\n{LINES}\n```\nafter")
    shown = [str(block["text"]) for block in blocks]
    assert len(shown) == 2
    assert [text.count("```") for text in shown] == [2, 2]


@pytest.mark.parametrize(
    ("lines", "private", "sections", "filed"),
    [
        ("", False, 0, False),
        ("x" * 2992, False, 1, False),
        ("x" * 2993, False, 1, True),
        (LINES, True, 2, False),
    ],
)
def test_code(lines: str, sections: int, *, private: bool, filed: bool) -> None:
    draft = Draft("<@U>", private=private)
    blocks = [block for block in draft.code(lines) if block["type"] == "section"]
    assert len(blocks) == sections
    assert all(str(block["text"]).count("```") == 2 for block in blocks)
    assert draft.filed is filed


def test_what_is_shown_of_filed_code_is_whole_lines() -> None:
    shown = Draft("<@U>").code(LINES)[0]
    assert shown == section("```\n" + "\n".join(["x" * 99] * 12) + "\n```")
