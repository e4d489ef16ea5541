"""Blocks are dealt out to messages in their order, none too many and none too heavy."""

import pytest

from botkube.bots.slack.drawing.blocks import DIVIDER, Block, actions, plain, section
from botkube.bots.slack.drawing.draft import REST
from botkube.bots.slack.drawing.pack import POSTS, Post, fallback, packed, shortened

BUTTON: Block = {"type": "button", "text": plain("Go")}


@pytest.mark.parametrize(
    ("blocks", "counts"),
    [
        ([], []),
        ([DIVIDER], []),
        ([section("x")] * 50, [50]),
        ([section("x")] * 51, [50, 1]),
        ([section("x" * 2900)] * 4, [4]),
        ([section("x" * 2901)] * 4, [3, 1]),
        ([DIVIDER, section("x"), DIVIDER], [1]),
        ([*[section("x")] * 49, DIVIDER, section("y")], [49, 1]),
    ],
)
def test_messages(blocks: list[Block], counts: list[int]) -> None:
    posts = packed(blocks)
    assert [len(post.blocks) for post in posts] == counts
    said = [block for post in posts for block in post.blocks if block != DIVIDER]
    assert said == [block for block in blocks if block != DIVIDER]


@pytest.mark.parametrize(
    ("blocks", "text"),
    [
        ([section("a"), actions([BUTTON])], "a\nGo"),
        ([section("")], "…"),
        ([section("```\n" + "x\n" * 1600 + "```")], "```\n" + "x\n" * 1497 + "x\n```"),
    ],
)
def test_the_text_of_notifications(blocks: list[Block], text: str) -> None:
    assert fallback(blocks) == text


def test_too_many_messages_keep_the_first_ones_and_the_last() -> None:
    posts = tuple(Post(text=str(index)) for index in range(30))
    kept = [post.text for post in shortened(posts)]
    assert kept == ["0", "1", "2", "3", "4", "5", "6", "7", REST, "29"]
    assert len(kept) == POSTS
