"""Replies every part may have to give: plain text, code, busy, interrupted."""

from typing import Final

from botkube.model.command import Outcome, Reply
from botkube.model.message import BOT_NAME, Body, Button, Message, Section

BUSY: Final = (
    "Too many commands are waiting, so this one was not run. Please try again in a moment."
)
INTERRUPTED: Final = "`{command}` was interrupted by a restart. Run it again?"
MISSED: Final = "I missed `{command}` while I was disconnected. Run it now?"


def code(text: str, description: str = "", outcome: Outcome = Outcome.OK) -> Reply:
    """A reply of one code block."""
    message = Message(base_body=Body(code_block=text))
    return Reply(message=message, description=description, outcome=outcome)


def plain(text: str, description: str = "", outcome: Outcome = Outcome.OK) -> Reply:
    """A reply of plain text."""
    message = Message(base_body=Body(plaintext=text))
    return Reply(message=message, description=description, outcome=outcome)


def interrupted(command: str) -> Reply:
    """The answer to a command that a crash or a stop cut off: nothing runs again by itself."""
    return _asking(INTERRUPTED, "Run it again", command)


def missed(command: str) -> Reply:
    """The answer to a command that was said too long ago to run without asking."""
    return _asking(MISSED, "Run it now", command)


def _asking(text: str, name: str, command: str) -> Reply:
    line = " ".join(command.split())
    again = Button(name=name, command=f"{BOT_NAME} {command}", style="primary")
    message = Message(
        base_body=Body(plaintext=text.format(command=line)),
        sections=(Section(buttons=(again,)),),
    )
    return Reply(message=message, outcome=Outcome.CANCELLED)
