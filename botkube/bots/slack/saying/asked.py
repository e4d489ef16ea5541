"""Where a command was given, as its reply needs it: travels with the command, in `Incoming.trail`. Pure."""

from typing import Final

import msgspec

from botkube.model.command import Incoming

DONE: Final = "white_check_mark"
TRIGGER_LIFE: Final = 3.0  # seconds in which a trigger opens a form


class Asked(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Ids as Slack gives them. `ts`: the message that reactions go to ("": none can be put there)."""

    channel: str
    user: str = ""
    ts: str = ""
    thread: str = ""  # "": the reply goes to the channel itself
    message: str = ""  # whose element was used, and which a reply may take the place of
    response_url: str = ""
    trigger_id: str = ""
    triggered_at: float = 0.0  # wall time
    done: str = DONE  # the emoji of an answer; "": none


def trail_of(asked: Asked) -> bytes:
    """The form in which it travels."""
    return msgspec.json.encode(asked)


def asked_of(incoming: Incoming) -> Asked:
    """Where a command was given; of one without a trail what its address says."""
    if incoming.trail:
        return msgspec.json.decode(incoming.trail, type=Asked)
    address = incoming.address
    return Asked(channel=address.channel, thread=address.thread)
