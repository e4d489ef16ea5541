"""What a source reports."""

from collections.abc import Awaitable, Callable, Mapping
from typing import TypeAlias

import msgspec

from botkube.model.message import Message, SourceEvent, encode_source_event


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """A message for people and a raw object, anything msgspec can write as JSON, for sinks and automations.

    `labels` are for usage statistics only and name nothing that belongs to the user.
    """

    message: Message = msgspec.field(default_factory=Message)
    raw: object = None
    labels: Mapping[str, object] | None = None


Emit: TypeAlias = Callable[[Event], Awaitable[None]]
"""Hands an event to the host; waits while the host is not taking any."""


def encode_event(event: Event) -> bytes:
    """Return the event as it travels."""
    raw = msgspec.Raw(msgspec.json.encode(event.raw))
    return encode_source_event(
        SourceEvent(message=event.message, raw_object=raw, analytics_labels=event.labels)
    )
