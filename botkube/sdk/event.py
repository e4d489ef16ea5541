"""What a source reports."""

from collections.abc import Awaitable, Callable, Mapping
from typing import TypeAlias

import msgspec

from botkube.model.message import Message, SourceEvent, encode_source_event
from botkube.sdk.check import check_message, checked_size


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """A message for people and a raw object, anything msgspec can write as JSON, for sinks and automations.

    `labels` are for usage statistics only and name nothing that belongs to the user.
    """

    message: Message = msgspec.field(default_factory=Message)
    raw: object = None
    labels: Mapping[str, object] | None = None


Emit: TypeAlias = Callable[[Event], Awaitable[None]]
"""Hands an event to the host; waits while the host is not taking any. Raises InvalidMessage, and then sends nothing."""


def encode_event(event: Event) -> bytes:
    """Return the event as it travels.

    Raises:
        InvalidMessage: hosts would drop its message, or a part of it.
        TypeError: the raw object has parts that JSON cannot hold.
    """
    check_message(event.message)
    raw = msgspec.Raw(msgspec.json.encode(event.raw))
    return checked_size(
        encode_source_event(
            SourceEvent(message=event.message, raw_object=raw, analytics_labels=event.labels)
        )
    )
