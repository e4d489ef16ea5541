"""What the playground's stream carries: one frame for each thing that happens in a channel."""

from typing import Final, Literal, TypeAlias

import msgspec

from botkube.runtime import clock

FrameType: TypeAlias = Literal[
    "message", "update", "delete", "ephemeral", "typing", "state", "modal"
]

BOT: Final = "Botkube"


class Frame(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A stored frame, in the form its JSON has. `at` is RFC 3339; `to` is set on frames for one user."""

    seq: int
    type: FrameType
    channel: str
    thread: str = msgspec.field(default_factory=lambda: "")  # a factory: always written
    id: str
    author: str
    at: str
    body: msgspec.Raw
    to: str = ""


class NewFrame(msgspec.Struct, frozen=True, kw_only=True):
    """A frame to be stored; `at` is wall-clock seconds, `body` is JSON."""

    type: FrameType
    channel: str
    id: str
    at: float
    body: bytes
    thread: str = ""
    author: str = BOT
    to: str = ""
    client_id: str = ""

    def stored(self, seq: int) -> Frame:
        """The same frame with the seq it was given."""
        return Frame(
            seq=seq,
            type=self.type,
            channel=self.channel,
            thread=self.thread,
            id=self.id,
            author=self.author,
            at=clock.rfc3339(self.at),
            body=msgspec.Raw(self.body),
            to=self.to,
        )
