"""JSON of plugins → messages and events, unless it has so many values that reading it would hold up everything else.

Decoding is quick for each byte of a text, and slow for each value: a million sections in 3 MiB stopped the program
for 2.5 seconds, and nobody shows them. Pure.
"""

import re
from collections.abc import Sequence
from typing import Final

import msgspec

from botkube.model.errors import ProtocolError
from botkube.model.message import Message, SourceEvent, decode_message, decode_source_event

MAX_VALUES: Final = 20_000
_SEPARATORS: Final = (b",", b"{", b"[")
# The closing quote may be missing: a match that could fail would be tried again from every quote within.
_TEXT: Final = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?', re.DOTALL)
_KEYS: Final = msgspec.json.Decoder(dict[str, msgspec.Raw] | None)


def read_messages(answers: Sequence[bytes]) -> tuple[Message, ...]:
    """Decode the messages of one answer.

    Raises:
        ProtocolError: one is malformed, or they have too many values together.
    """
    _check(answers)
    return tuple(map(decode_message, answers))


def read_event(data: bytes) -> SourceEvent:
    """Decode an event; its raw object may be of any size, since it is not looked into.

    Raises:
        ProtocolError: it is malformed, or has too many values.
    """
    if _separators(data) > MAX_VALUES:
        data = _without_doubles(data)
    return decode_source_event(data)


def _without_doubles(data: bytes) -> bytes:
    """The event with each of its keys once, so that nothing is read but what was counted."""
    try:
        found = _KEYS.decode(data) or {}
    except RecursionError as error:
        raise ProtocolError("event JSON: nested too deeply") from error
    except (msgspec.MsgspecError, ValueError) as error:
        raise ProtocolError(f"event JSON: {error}") from error
    members = {name.casefold(): bytes(value) for name, value in found.items()}
    message, labels = (members.get(name, b"null") for name in ("message", "analyticslabels"))
    _check([message, labels])
    raw = members.get("rawobject", b"null")
    return b'{"Message":%b,"RawObject":%b,"AnalyticsLabels":%b}' % (message, raw, labels)


def _check(texts: Sequence[bytes]) -> None:
    seen = 0
    for data in texts:
        few = _separators(data)
        seen += 1 + (few if few <= MAX_VALUES else _values(data))
        if seen > MAX_VALUES:
            raise ProtocolError(f"it has more than {MAX_VALUES} values")


def _separators(data: bytes) -> int:
    """How many there are, at most one more than is allowed; those in texts count too. Quick: looks at no byte itself."""
    seen = 0
    for separator in _SEPARATORS:
        at = data.find(separator)
        while at >= 0 and seen <= MAX_VALUES:
            seen += 1
            at = data.find(separator, at + 1)
    return seen


def _values(data: bytes) -> int:
    """How many values there are, at most one more than is allowed; what stands in texts does not count."""
    seen = position = 0
    for text in _TEXT.finditer(data):
        seen += 1 + _separators(data[position : text.start()])
        position = text.end()
        if seen > MAX_VALUES:
            return seen
    return seen + _separators(data[position:])
