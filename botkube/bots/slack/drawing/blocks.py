"""Block Kit, block by block: plain functions from checked texts to JSON values. Pure; lengths are the callers'."""

from collections.abc import Mapping, Sequence
from typing import Final, TypeAlias

from botkube.bots.slack.drawing.escape import escape
from botkube.bots.slack.drawing.limits import BLOCK_WEIGHT, size

Block: TypeAlias = Mapping[str, object]

DIVIDER: Final[Block] = {"type": "divider"}
_CHOICES: Final = frozenset({"options", "option_groups", "initial_option", "initial_options"})


def mrkdwn(text: str) -> Block:
    """A text with markup; Slack is not to look for names and links in it."""
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def plain(text: str) -> Block:
    """A text without markup, but with `:emoji:`."""
    return {"type": "plain_text", "text": text, "emoji": True}


def section(text: str, accessory: Block | None = None, block_id: str = "") -> Block:
    """A text, with an element beside it."""
    block: dict[str, object] = {"type": "section", "text": mrkdwn(text)}
    if block_id:
        block["block_id"] = block_id
    if accessory is not None:
        block["accessory"] = accessory
    return block


def fields(texts: Sequence[str]) -> Block:
    """Short texts in two columns."""
    return {"type": "section", "fields": [mrkdwn(text) for text in texts]}


def context(text: str) -> Block:
    """Small print."""
    return {"type": "context", "elements": [mrkdwn(text)]}


def actions(elements: Sequence[Block], block_id: str = "") -> Block:
    """Buttons and selects in a row."""
    block: dict[str, object] = {"type": "actions", "elements": list(elements)}
    if block_id:
        block["block_id"] = block_id
    return block


def option(name: str, value: str) -> Block:
    """One choice."""
    return {"text": plain(name), "value": value}


def weight(block: Block) -> int:
    """What a block adds to the length of its message; choices seem not to count."""
    return BLOCK_WEIGHT + _text_in(block)


def texts(block: Block) -> list[str]:
    """What a block says, for a message's text: its markup texts, else the labels of its elements."""
    found = [text for kind, text in _pairs(block) if kind == "mrkdwn"]
    return found or [escape(", ".join(text for _, text in _pairs(block)))]


def _text_in(value: object) -> int:
    if isinstance(value, Mapping):
        return sum(
            size(child) if isinstance(child, str) and key == "text" else _text_in(child)
            for key, child in value.items()
            if key not in _CHOICES
        )
    if isinstance(value, list):
        return sum(map(_text_in, value))
    return 0


def _pairs(value: object) -> list[tuple[str, str]]:
    """Type and text of each text object, choices apart."""
    if isinstance(value, list):
        return [pair for child in value for pair in _pairs(child)]
    if not isinstance(value, Mapping):
        return []
    kind, text = value.get("type"), value.get("text")
    if isinstance(kind, str) and isinstance(text, str):
        return [(kind, text)]
    return [pair for key, child in value.items() if key not in _CHOICES for pair in _pairs(child)]
