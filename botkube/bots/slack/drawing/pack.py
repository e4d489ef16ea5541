"""Blocks → as many messages as they need, each with the text that notifications and screen readers get. Pure."""

from collections.abc import Sequence
from typing import Final

import msgspec

from botkube.bots.slack.drawing.blocks import DIVIDER, Block, context, texts, weight
from botkube.bots.slack.drawing.draft import REST
from botkube.bots.slack.drawing.limits import BLOCKS, TEXT, WEIGHT, each_fenced, head

POSTS: Final = 10  # messages that one message may become; what is between goes into the file
_NOTHING: Final = "…"


class Post(msgspec.Struct, frozen=True, kw_only=True):
    """One Slack message. Without blocks the text is the message."""

    text: str
    blocks: tuple[Block, ...] = ()


def packed(blocks: Sequence[Block]) -> tuple[Post, ...]:
    """The blocks in messages that Slack takes, in their order."""
    rows: list[list[Block]] = [[]]
    weighed = 0
    for block in blocks:
        more = weight(block)
        if len(rows[-1]) == BLOCKS or weighed + more > WEIGHT:
            rows.append([])
            weighed = 0
        rows[-1].append(block)
        weighed += more
    trimmed = (_without_outer_dividers(row) for row in rows)
    return tuple(Post(text=fallback(row), blocks=tuple(row)) for row in trimmed if row)


def shortened(posts: tuple[Post, ...]) -> tuple[Post, ...]:
    """The first ones, a notice, and the last one, which has the buttons of the whole."""
    notice = Post(text=REST, blocks=(context(REST),))
    return (*posts[: POSTS - 2], notice, posts[-1])


def fallback(blocks: Sequence[Block]) -> str:
    """What the blocks say, as far as a notification shows it."""
    lines = [text for block in blocks for text in texts(block) if text]
    return next(each_fenced([head("\n".join(lines), TEXT)])) or _NOTHING


def _without_outer_dividers(row: list[Block]) -> list[Block]:
    while row and row[0] == DIVIDER:
        row = row[1:]
    while row and row[-1] == DIVIDER:
        row = row[:-1]
    return row
