"""How an element leads back to its command: by its ids and value where they can hold it, else by a key. Pure.

A text that does not fit is kept by whoever sends the message, under a key made of its content: `~` and 32 hex
digits. The same text has the same key for ever, so keeping it twice is keeping it once. The options of an external
select are kept under `?` and 32 hex digits, made of where the select stands: the newest message with it counts.
"""

import re
from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import Final

from botkube.bots.slack.drawing.limits import size

_KEY: Final = re.compile(r"~[0-9a-f]{32}")
_FOREIGN: Final = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")  # Slack may clean ids of these


class Forgotten(LookupError):
    """What a key stands for is not kept (any more); the argument is the key."""


def fits(text: str, limit: int) -> bool:
    """Whether an id or a value can hold the text as it is."""
    return (
        bool(text.strip())
        and size(text) <= limit
        and not text.startswith("~")
        and not _FOREIGN.search(text)
    )


def key_of(text: str) -> str:
    """The key under which a text is kept."""
    return f"~{_digest(text)}"


def options_key(block: str, action: str) -> str:
    """The key of the options of the external select that stands there."""
    return f"?{_digest(block, action)}"


def short(*texts: str) -> str:
    """A short name that two different things will not share within a message."""
    return _digest(*texts)[:16]


def keys_in(texts: Iterable[str]) -> tuple[str, ...]:
    """Those of the texts that are keys, each once."""
    return tuple(dict.fromkeys(text for text in texts if _KEY.fullmatch(text)))


def resolved(text: str, kept: Mapping[str, str]) -> str:
    """What an id or a value stands for.

    Raises:
        Forgotten: it is a key, and nothing is kept for it.
    """
    if not _KEY.fullmatch(text):
        return text
    if text not in kept:
        raise Forgotten(text)
    return kept[text]


def where(channel: str, thread: str = "") -> str:
    """What a modal is to remember: the channel, and the thread if there is one."""
    return f"{channel} {thread}" if thread else channel


def place(metadata: str) -> tuple[str, str]:
    """Channel and thread of what a modal remembers."""
    channel, _, thread = metadata.partition(" ")
    return channel, thread


def _digest(*texts: str) -> str:
    whole = "\0".join(texts).encode("utf-8", "surrogatepass")
    return sha256(whole).hexdigest()[:32]
