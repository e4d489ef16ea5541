"""A message's own time in the reader's zone. Pure."""

from datetime import UTC, datetime
from typing import Final

from botkube.model.message import Message, sent_at

_FORMAT: Final = "{date_num} {time_secs}"


def stamp(message: Message) -> str:
    """Slack's token for the time, with a text for those who cannot show it; nothing if the message has no time."""
    sent = sent_at(message)
    if sent is None:
        return ""
    shown = datetime.fromtimestamp(sent, UTC).strftime("%a, %d %b %Y %H:%M:%S UTC")
    return f"<!date^{int(sent)}^{_FORMAT}|{shown}>"
