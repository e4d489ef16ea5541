"""Replies every part may have to give: plain text, code, busy, interrupted."""

from typing import Final

from botkube.model.command import Outcome, Reply
from botkube.model.message import BOT_NAME, Body, Button, Message, Section

BUSY: Final = (
    "Too many commands are waiting, so this one was not run. Please try again in a moment."
)
INTERRUPTED: Final = "`{command}` was interrupted by a restart. Run it again?"


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
    line = " ".join(command.split())
    again = Button(name="Run it again", command=f"{BOT_NAME} {command}", style="primary")
    message = Message(
        base_body=Body(plaintext=INTERRUPTED.format(command=line)),
        sections=(Section(buttons=(again,)),),
    )
    return Reply(message=message, outcome=Outcome.CANCELLED)
