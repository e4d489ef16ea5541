"""An event of a source, once it has an identity of its own."""

import msgspec


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """What a source plugin said, received at `received_at` (wall-clock seconds)."""

    id: str
    source: str
    message: bytes  # JSON of `model.message.Message`
    raw: bytes  # JSON of the plugin's raw object; b"null" when there is none
    received_at: float


class Routed(msgspec.Struct, frozen=True, kw_only=True):
    """An event and the targets it is for."""

    event: Event
    targets: tuple[str, ...]
