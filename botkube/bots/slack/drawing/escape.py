"""Text ⇄ mrkdwn. Pure.

Outgoing text is data: nothing in it can become a mention, a link with a foreign label or an end of its code block.
What is wanted on purpose comes in by name: the bot's mention for its placeholder, the mention of a user in a
description, bare URLs as links. The texts are sent as `verbatim`, since otherwise Slack looks for names itself.
"""

import re
from itertools import accumulate
from typing import Final

from botkube.bots.slack.drawing.limits import FENCE, FENCE_END, size
from botkube.model.message import BOT_NAME

ELLIPSIS: Final = "…"
_MENTIONS: Final = 100  # placeholders of a text that are replaced, as everywhere
_URL: Final = re.compile(r"https?://(?:(?!&[lg]t;)[^\s<>|`*~\"'{}])+")
_URL_END: Final = re.compile(r"(?:&amp;|[.,:;!?)\]_])+$")  # is of the sentence around it
_URL_LIMIT: Final = 1000
_CODE: Final = re.compile(r"(```.*?```|`[^`\n]+`)", re.DOTALL)
_USER: Final = re.compile(r"&lt;@([UW][A-Z0-9]{1,30})&gt;")
# Slack shows no control characters, and may refuse them: Unicode has a picture of each.
_PICTURES: Final = {code: 0x2400 + code for code in range(32) if chr(code) not in "\t\n"}
_PICTURES[0x7F] = 0x2421
_PICTURES.update(dict.fromkeys(range(0xD800, 0xE000), 0xFFFD))  # halves of characters

_LINK: Final = re.compile(r"<((?:https?://|mailto:|tel:)[^<>|]*)(?:\|([^<>]*))?>", re.IGNORECASE)
_CHANNEL: Final = re.compile(r"<#[A-Z0-9]+\|([^<>]+)>")
_EVERYBODY: Final = re.compile(r"<!(here|channel|everyone)(?:\|[^<>]*)?>")
_QUOTES: Final = str.maketrans(
    dict.fromkeys("\u201c\u201d\u201e\u201f", '"') | dict.fromkeys("\u2018\u2019\u201a\u201b", "'")
)
_MAIL: Final = "mailto:"


def escape(text: str) -> str:
    """Any text as data: no markup but Slack's own for emphasis."""
    text = visible(text)
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def visible(text: str) -> str:
    """The text with a picture for each character that has none and is no space."""
    if text.isprintable():
        return text
    return text.replace("\r\n", "\n").translate(_PICTURES)


def unescape(text: str) -> str:
    """What `escape` did to `&`, `<` and `>` undone; other entities are none to Slack."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def mrkdwn(text: str, bot: str) -> str:
    """A text of a message: escaped, with the bot's mention and with links for bare URLs outside of code, which ends in it."""
    parts = _CODE.split(escape(text))  # every second one is code
    parts[::2] = [_URL.sub(_link, part) for part in parts[::2]]
    whole = "".join(parts).replace(BOT_NAME, bot, _MENTIONS)
    return f"{whole}```" if whole.count("```") % 2 else whole


def label(text: str, limit: int) -> str:
    """A plain text on one line, with an ellipsis if it had to be cut. Slack escapes it itself, and may count that."""
    line = " ".join(visible(text).split())
    if size(escape(line)) <= limit:
        return line
    lengths = list(accumulate(size(escape(character)) for character in line[: limit + 1]))
    kept = sum(1 for length in lengths if length < limit)
    return line[:kept].rstrip() + ELLIPSIS


def described(text: str, bot: str) -> str:
    """A reply's description: as `mrkdwn`, and a user's mention stays one."""
    return _USER.sub(r"<@\1>", mrkdwn(text, bot))


def bold(text: str, bot: str) -> str:
    """A header: each of its lines bold; emphasis does not reach over the end of a line."""
    lines = mrkdwn(text, bot).split("\n")
    return "\n".join(f"*{line.strip()}*" if line.strip() else "" for line in lines)


def code(text: str, bot: str) -> str:
    """The lines of a code block, without its fence; a fence within is broken up by a mark without width."""
    escaped = escape(text).replace(BOT_NAME, bot, _MENTIONS)
    return escaped.replace("```", "``\u200b`").replace("```", "``\u200b`")


def inline(text: str, bot: str) -> str:
    """Code within a line; fenced if it has several lines or a backtick."""
    if "\n" in text or "`" in text:
        return fence(code(text.strip(), bot))
    return f"`{code(text, bot)}`"


def fence(lines: str) -> str:
    """A code block of escaped lines."""
    return f"{FENCE}{lines}{FENCE_END}"


def said(text: str) -> str:
    """What a user typed, as they typed it: links and entities undone, typographic quotes made plain."""
    text = _LINK.sub(_typed, text)
    text = _CHANNEL.sub(r"#\1", text)
    text = _EVERYBODY.sub(r"@\1", text)
    return unescape(text).translate(_QUOTES).strip()


def _link(found: re.Match[str]) -> str:
    url = _URL_END.sub("", found[0])
    if len(url) > _URL_LIMIT or url.endswith("//"):
        return found[0]
    return f"<{url}>{found[0][len(url) :]}"


def _typed(found: re.Match[str]) -> str:
    """Slack writes `x.org` as `<http://x.org|x.org>`: the label is what was typed."""
    url, label = found[1], found[2]
    if url.lower().startswith(_MAIL):
        return label or url[len(_MAIL) :]
    return label or url
