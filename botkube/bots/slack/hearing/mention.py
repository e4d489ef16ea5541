"""Whether a text speaks to the bot, and what it says. Pure."""

import re
from typing import Final

from botkube.bots.slack.drawing.escape import said

_MENTION: Final = re.compile(r"^\s*<@([A-Z0-9]+)(?:\|[^<>]*)?>")


def mention_of(bot: str) -> str:
    """How a text names the bot of that user id."""
    return f"<@{bot}>"


def command_in(text: str, bot: str) -> str | None:
    """The typed text behind a mention of the bot (its user id) at the start; None: it is not for the bot."""
    rest = behind_mention(text, bot)
    return None if rest is None else said(rest)


def behind_mention(text: str, bot: str) -> str | None:
    """The same without undoing what Slack does to typed text: for commands of a message's elements."""
    match = _MENTION.match(text)
    if match is None or match[1] != bot:
        return None
    return text[match.end() :].strip()
