"""Whether a text speaks to the bot, and what it says. Pure."""

import re
from typing import Final

from botkube.model.frame import BOT

MENTION: Final = f"@{BOT}"
_MENTION: Final = re.compile(rf"^\s*@{BOT}(?=\W|$)\s*", re.IGNORECASE)


def command_in(text: str) -> str | None:
    """The text behind a mention at the start; None: it is not for the bot."""
    match = _MENTION.match(text)
    return text[match.end() :].strip() if match else None
