"""Blocks have Slack's form, and say what they weigh and tell."""

import pytest

from botkube.bots.slack.drawing.blocks import (
    DIVIDER,
    Block,
    actions,
    context,
    fields,
    mrkdwn,
    option,
    plain,
    section,
    texts,
    weight,
)

BUTTON: Block = {"type": "button", "text": plain("Go & see"), "value": "v"}
SELECT: Block = {
    "type": "static_select",
    "placeholder": plain("Pick"),
    "options": [option("a" * 75, "b")],
}


def test_markup_is_verbatim() -> None:
    assert mrkdwn("*x*") == {"type": "mrkdwn", "text": "*x*", "verbatim": True}
    assert plain("x") == {"type": "plain_text", "text": "x", "emoji": True}


def test_an_empty_block_id_is_left_out() -> None:
    assert "block_id" not in section("x")
    assert section("x", BUTTON, "b") == {
        "type": "section",
        "text": mrkdwn("x"),
        "block_id": "b",
        "accessory": BUTTON,
    }
    assert "block_id" not in actions([BUTTON])
    assert actions([BUTTON], "b")["block_id"] == "b"


@pytest.mark.parametrize(
    ("block", "weighs"),
    [
        (DIVIDER, 100),
        (section("abc"), 103),
        (section("🎉", BUTTON), 110),
        (fields(["ab", "c"]), 103),
        (actions([SELECT]), 104),
    ],
)
def test_a_block_weighs_its_texts_but_not_its_choices(block: Block, weighs: int) -> None:
    assert weight(block) == weighs


@pytest.mark.parametrize(
    ("block", "tells"),
    [
        (section("a", BUTTON), ["a"]),
        (fields(["a", "b"]), ["a", "b"]),
        (context("c"), ["c"]),
        (actions([SELECT, BUTTON]), ["Pick, Go &amp; see"]),
        (DIVIDER, [""]),
    ],
)
def test_what_a_block_tells(block: Block, tells: list[str]) -> None:
    assert texts(block) == tells
