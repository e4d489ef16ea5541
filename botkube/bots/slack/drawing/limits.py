"""Slack's limits, and texts made to keep them. Pure.

A length is counted in UTF-16 units: never less than what Slack counts, whichever of its counts applies.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Final

BLOCKS: Final = 50
MODAL_BLOCKS: Final = 100
TEXT: Final = 3000  # of a section, and of any text object without a limit of its own
FIELDS: Final = 10
FIELD_TEXT: Final = 2000
CONTEXT_TEXT: Final = 2000
ACTIONS: Final = 25
BUTTON_TEXT: Final = 75
BUTTON_VALUE: Final = 2000
URL: Final = 3000
ID: Final = 255  # of a block or an action
OPTION_TEXT: Final = 75
OPTION_VALUE: Final = 150
OPTIONS: Final = 100
PLACEHOLDER: Final = 150
LABEL: Final = 2000
TITLE: Final = 24
METADATA: Final = 3000
# Not documented: `msg_blocks_too_long` comes at about 13,200 characters, less what blocks take by themselves.
WEIGHT: Final = 12_000
BLOCK_WEIGHT: Final = 100

FENCE: Final = "```\n"
FENCE_END: Final = "\n```"
_LONGEST_TOKEN: Final = 1100
# Escaped text consists of these: an entity or a reference counts as one, and is never cut.
_TOKENS: Final = re.compile(r"<[^<>\n]*>|&(?:amp|lt|gt);|.", re.DOTALL)


def size(text: str) -> int:
    """How long a text is for Slack."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def pieces(text: str, limit: int) -> list[str]:
    """Split escaped text: between lines, and within a line only if it alone is too long. Blank pieces are left out.

    The pieces, joined with newlines, are the text, but for newlines within a line that was too long.
    """
    found: list[str] = []
    lines: list[str] = []
    room = limit
    for line in (part for whole in text.split("\n") for part in _cut(whole, limit)):
        length = size(line)
        if lines and length + 1 > room:
            found.append("\n".join(lines))
            lines, room = [], limit
        room -= length + (1 if lines else 0)
        lines.append(line)
    found.append("\n".join(lines))
    return [piece for piece in found if piece.strip()]


def splits_between_lines(text: str, limit: int) -> bool:
    """Whether each line is short enough to stay whole."""
    return all(size(line) <= limit for line in text.split("\n"))


def head(text: str, limit: int) -> str:
    """The first lines of escaped text that fit; of a longer first line its begin."""
    if size(text) <= limit:
        return text
    return next(iter(pieces(text[: limit + _LONGEST_TOKEN], limit)), "")


def each_fenced(parts: Iterable[str]) -> Iterator[str]:
    """Parts of a text, each with its own code fence where the text was split within one."""
    inside = False
    for part in parts:
        whole = FENCE + part if inside else part
        inside = whole.count("```") % 2 == 1
        yield whole + FENCE_END if inside else whole


def _cut(line: str, limit: int) -> Iterator[str]:
    if size(line) <= limit:
        yield line
        return
    part: list[str] = []
    length = 0
    for token in _TOKENS.findall(line):
        more = size(token)
        if part and length + more > limit:
            yield "".join(part)
            part, length = [], 0
        part.append(token)
        length += more
    yield "".join(part)
