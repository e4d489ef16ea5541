"""Many notifications as one message: how many, what each says in a line, and a file with all of it. Pure.

Nothing is left out: what the lines do not say in full stands in the file.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from botkube.bots.slack.drawing.escape import mrkdwn
from botkube.bots.slack.drawing.limits import TEXT, size
from botkube.bots.slack.drawing.pack import Post
from botkube.bots.slack.drawing.render import File
from botkube.bots.slack.drawing.whole import whole_text
from botkube.bots.slack.saying.steps import Plan, Say, Share
from botkube.model.delivery import Delivery
from botkube.model.errors import ProtocolError
from botkube.model.message import BOT_NAME, Message, decode_message, is_empty, plain_text
from botkube.runtime.clock import rfc3339

CALM: Final = 3  # so many are told one by one whatever the pace
LINE: Final = 200  # characters of a line
FILE: Final = "Notifications.txt"
_ROOM: Final = TEXT - 200
_SPOKEN: Final = "@Botkube"


def one_by_one(waiting: int, room: int) -> int:
    """How many of those that wait are told one by one, if so many messages may be sent now; the rest is one message."""
    if waiting <= max(room, CALM):
        return waiting
    return max(room - 1, 0)


def digest(deliveries: Sequence[Delivery], bot: str) -> Plan:
    """The steps that tell all of the notifications in one message."""
    told = [(item, message) for item in deliveries if (message := _message(item)) is not None]
    if not told:
        return Plan()
    shown, complete = _shown([message for _, message in told], bot)
    lines = [f"*{len(told)} more:*", *shown]
    if complete:
        return Plan(steps=(Say(post=Post(text="\n".join(lines))),))
    left = len(told) - len(shown)
    more = f"… and {left} more. " if left else ""
    lines.append(f"{more}All of it is in the file `{FILE}` in the thread.")
    file = File(name=FILE, content="\n".join(_entries(told)))
    return Plan(steps=(Say(post=Post(text="\n".join(lines))), Share(file=file, below=True)))


def _message(delivery: Delivery) -> Message | None:
    """What a notification says; none if it says nothing."""
    try:
        message = decode_message(delivery.message)
    except ProtocolError:
        return None
    return None if is_empty(message) else message


def _shown(messages: Sequence[Message], bot: str) -> tuple[list[str], bool]:
    """A line for each message as long as there is room, and whether these say everything."""
    lines: list[str] = []
    complete, room = True, _ROOM
    for message in messages:
        line, whole = _line(message)
        line = f"• {mrkdwn(line, bot)}"
        room -= size(line) + 1
        if room < 0:
            return lines, False
        lines.append(line)
        complete = complete and whole
    return lines, complete


def _line(message: Message) -> tuple[str, bool]:
    """A message in one line, and whether that is all of it."""
    parts = [part.strip(" •\t") for part in plain_text(message).split("\n")]
    text = " · ".join(part for part in parts if part and part != "Fields").replace("`", "'")
    whole = len(text) <= LINE and whole_text(message).strip() == plain_text(message).strip()
    return (text, whole) if len(text) <= LINE else (f"{text[: LINE - 1]}…", False)


def _entries(told: Sequence[tuple[Delivery, Message]]) -> Iterator[str]:
    for delivery, message in told:
        yield f"— {rfc3339(delivery.received_at)} {delivery.source}".rstrip()
        yield whole_text(message).replace(BOT_NAME, _SPOKEN)
