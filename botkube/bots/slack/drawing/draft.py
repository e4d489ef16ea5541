"""What is gathered while a message is drawn: ids that are taken, texts to keep, and whether a file is needed.

Lives as long as the drawing of one message; what came of it is copied into a frozen value (`render`).
"""

from collections.abc import Iterable
from typing import Final

from botkube.bots.slack.drawing.blocks import Block, context, section
from botkube.bots.slack.drawing.escape import fence, mrkdwn
from botkube.bots.slack.drawing.limits import (
    FENCE,
    FENCE_END,
    ID,
    TEXT,
    each_fenced,
    head,
    pieces,
    size,
    splits_between_lines,
)
from botkube.bots.slack.drawing.links import fits, key_of
from botkube.model.message import BOT_NAME

FILE: Final = "Response.txt"
REST: Final = f"The whole text is in the file `{FILE}`."
_SPOKEN: Final = "@Botkube"
_MENTIONS: Final = 100
_PREVIEW: Final = 1200  # characters of a text that goes into the file
_PARTS: Final = 4  # sections that one text may fill


class Draft:
    """One message on its way to blocks. `private`: only one user sees it, so it has no file as long as it can."""

    def __init__(self, bot: str, *, private: bool = False) -> None:
        """Start with nothing; `bot` is the mention that stands for the placeholder."""
        self.bot = bot
        self.private = private
        self.kept: dict[str, str] = {}
        self.notices: list[str] = []
        self.filed = False
        self._taken: set[str] = set()
        self._serial = 0

    def markup(self, text: str) -> str:
        """A text of the message as mrkdwn."""
        return mrkdwn(text, self.bot)

    def named(self, text: str) -> str:
        """A command or a value: the mention in it is read back, never shown."""
        return text.replace(BOT_NAME, self.bot, _MENTIONS)

    def spoken(self, text: str) -> str:
        """A label, where Slack shows no mentions."""
        return text.replace(BOT_NAME, _SPOKEN, _MENTIONS)

    def held(self, text: str, limit: int = ID) -> str:
        """The text, if an id or value of that length holds it; else its key, and the text is kept."""
        if fits(text, limit):
            return text
        self.kept[key_of(text)] = text
        return key_of(text)

    def serial(self) -> int:
        """A number that no other element of this message has."""
        self._serial += 1
        return self._serial

    def block_id(self, wanted: str) -> str:
        """An id for a block, the wanted one if it fits and is free; none if none is wanted."""
        if not wanted:
            return ""
        found = self.held(wanted)
        if found in self._taken:
            found = key_of(f"{wanted}\0{self.serial()}")
            self.kept[found] = wanted
        self._taken.add(found)
        return found

    def action_id(self, command: str, beside: Iterable[str] = ()) -> str:
        """An id that leads to the command and that no element `beside` has."""
        found = self.held(command) if command else f"none:{self.serial()}"
        if found in beside:
            found = key_of(f"{command}\0{self.serial()}")
            self.kept[found] = command
        return found

    def text(self, text: str, *, body: bool = False) -> list[Block]:
        """Sections of mrkdwn. A `body` that is too long goes into the file; others only if they cannot be split."""
        text = text.strip("\n")
        if not text.strip():
            return []
        if size(text) <= TEXT:
            return [section(text)]
        room = TEXT - len(FENCE + FENCE_END)
        divisible = not body and size(text) <= _PARTS * room and splits_between_lines(text, room)
        if self.private or divisible:
            return [section(part) for part in each_fenced(pieces(text, room))]
        self.filed = True
        return [*map(section, each_fenced([head(text, _PREVIEW)])), context(REST)]

    def code(self, lines: str) -> list[Block]:
        """Sections of a code block, its lines escaped already; each has its own fence."""
        limit = TEXT - len(FENCE + FENCE_END)
        if not lines.strip():
            return []
        if size(lines) <= limit or self.private:
            return [section(fence(part)) for part in pieces(lines, limit)]
        self.filed = True
        return [section(fence(head(lines, _PREVIEW))), context(REST)]
