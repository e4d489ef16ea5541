"""A notification on its way to one target, and what became of an attempt to send it."""

from typing import TypeAlias

import msgspec


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """One event for one target, as it waits in the outbox. Times are wall-clock seconds."""

    id: int  # the event's row; with the target it names the delivery
    target: str
    event_id: str
    source: str
    message: bytes  # JSON of `model.message.Message`
    raw: bytes  # JSON of the plugin's raw object
    received_at: float
    due: float = 0.0
    attempts: int = 0


class Delivered(msgspec.Struct, frozen=True, kw_only=True):
    """The target has it. `ref` names it there (for later edits).

    `settled`: already recorded by the notifier, in the same transaction as the send.
    """

    ref: str = ""
    settled: bool = False


class Retry(msgspec.Struct, frozen=True, kw_only=True):
    """Not now: try again after at least `after` seconds."""

    reason: str
    after: float = 0.0


class Rejected(msgspec.Struct, frozen=True, kw_only=True):
    """Never: trying the same again is useless. It becomes a dead letter that can be looked at."""

    reason: str


Outcome: TypeAlias = Delivered | Retry | Rejected
