"""A reply as it waits on disk: its messages in the form in which plugins' are. Pure."""

import msgspec

from botkube.model.command import Reply
from botkube.model.message import decode_message, encode_message


class _Stored(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    messages: tuple[msgspec.Raw, ...]
    header: str = ""
    description: str = ""
    silent: bool = False


def encode_reply(reply: Reply) -> bytes:
    """What is stored of a reply; its result is kept elsewhere, its outcome in the journal."""
    messages = (reply.message, *reply.messages)
    return msgspec.json.encode(
        _Stored(
            messages=tuple(msgspec.Raw(encode_message(message)) for message in messages),
            header=reply.header,
            description=reply.description,
            silent=reply.silent,
        )
    )


def decode_reply(data: bytes) -> Reply:
    """The reply that was stored.

    Raises:
        msgspec.MsgspecError, ProtocolError: it is damaged.
    """
    stored = msgspec.json.decode(data, type=_Stored)
    first, *more = (decode_message(bytes(item)) for item in stored.messages)
    return Reply(
        message=first,
        messages=tuple(more),
        header=stored.header,
        description=stored.description,
        silent=stored.silent,
    )
