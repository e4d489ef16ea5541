"""A plugin message between JSON and values: written byte for byte as Go's encoding/json does, read as leniently.

Owns the codec of `api.Message` and of the source event; what the parts are is `botkube.model.parts`, which is
handed on from here. Exact JSON takes one strict pass; odd JSON (other case, nulls, unknown keys) a second, slow one.
"""

import json
import re
from collections.abc import Mapping
from functools import cache
from types import UnionType
from typing import Final, TypeAlias, get_args, get_origin, get_type_hints

import msgspec

from botkube.model.errors import ProtocolError
from botkube.model.mention import replace_bot_name
from botkube.model.parts import (
    BOT_NAME,
    ZERO_TIME,
    Body,
    BulletList,
    Button,
    ContextItem,
    LabelInput,
    Message,
    MessageType,
    MultiSelect,
    OptionGroup,
    OptionItem,
    Part,
    Section,
    SectionStyle,
    Select,
    Selects,
    SourceEvent,
    TextField,
)
from botkube.model.plaintext import plain_text, sent_at

__all__ = [
    "BOT_NAME",
    "ZERO_TIME",
    "Body",
    "BulletList",
    "Button",
    "ContextItem",
    "LabelInput",
    "Message",
    "MessageType",
    "MultiSelect",
    "OptionGroup",
    "OptionItem",
    "Section",
    "SectionStyle",
    "Select",
    "Selects",
    "SourceEvent",
    "TextField",
    "decode_message",
    "decode_source_event",
    "encode_message",
    "encode_source_event",
    "is_empty",
    "plain_text",
    "replace_bot_name",
    "sent_at",
]

_ENCODE: Final = msgspec.json.Encoder().encode
_MESSAGE: Final = msgspec.json.Decoder(Message)
_EVENT: Final = msgspec.json.Decoder(SourceEvent)
_EVENT_KEYS: Final = msgspec.json.Decoder(dict[str, msgspec.Raw] | None)
# A whole pair, the half of one (the group), or any other escape, which must not be cut in two.
_ESCAPES: Final = re.compile(
    rb"\\u[dD][89abAB]..\\u[dD][c-fC-F]..|(\\u[dD][89a-fA-F]..)|\\.", re.DOTALL
)
_PATTERN: Final = re.compile(r"Expected `str` matching regex '.*'")  # the one there is
_BAD_JSON: Final = (msgspec.MsgspecError, ValueError, RecursionError)

_Kind: TypeAlias = "type | UnionType"


def encode_message(message: Message) -> bytes:
    """Return the message as Go's encoding/json writes it: compact, `<`, `>`, `&`, U+2028 and U+2029 escaped."""
    return _escape(_ENCODE(message))


def decode_message(data: bytes) -> Message:
    """Read a message; no bytes and `null` are the empty message.

    Raises:
        ProtocolError: not JSON, or a value of the wrong type (named).
    """
    try:
        return _MESSAGE.decode(data)
    except _BAD_JSON:
        return _decode_odd_message(data)


def encode_source_event(event: SourceEvent) -> bytes:
    """Return the event as Go writes it: capitalised keys, absent values as `null`."""
    return _escape(_ENCODE(event))


def decode_source_event(data: bytes) -> SourceEvent:
    """Read an event of a source; no bytes and `null` are the empty event.

    Raises:
        ProtocolError: not JSON, or a value of the wrong type (named).
    """
    data = _valid_utf8(data)
    try:
        return _EVENT.decode(data)
    except _BAD_JSON:
        return _decode_odd_event(data)


def is_empty(message: Message) -> bool:
    """Tell whether there is nothing to show; type and flags do not count."""
    return (
        not (message.base_body.code_block or message.base_body.plaintext)
        and not message.sections
        and not message.plaintext_inputs
        and message.timestamp == ZERO_TIME
    )


def _escape(data: bytes) -> bytes:
    # Outside of strings JSON has none of these, so replacing in the encoded text is exact.
    data = data.replace(b"<", b"\\u003c").replace(b">", b"\\u003e").replace(b"&", b"\\u0026")
    if data.isascii():
        return data
    return data.replace(b"\xe2\x80\xa8", b"\\u2028").replace(b"\xe2\x80\xa9", b"\\u2029")


def _valid_utf8(data: bytes) -> bytes:
    """Replace what is not UTF-8, as Go does; the raw object is copied unread, so this is the only look at it."""
    if data.isascii():
        return data
    try:
        data.decode()
    except UnicodeDecodeError:
        return data.decode(errors="replace").encode()
    return data


def _without_surrogates(data: bytes) -> bytes:
    """Replace escapes of half a character, as Go does: nothing could read what we pass on."""
    return _ESCAPES.sub(lambda found: rb"\ufffd" if found[1] else found[0], data)


def _decode_odd_message(data: bytes) -> Message:
    if not data:
        return Message()
    try:
        tree: object = json.loads(_without_surrogates(_valid_utf8(data)))
        return msgspec.convert(_normal(tree, Message), Message)
    except _BAD_JSON as error:
        raise ProtocolError(f"message JSON: {_why(error)}") from error


def _decode_odd_event(data: bytes) -> SourceEvent:
    if not data:
        return SourceEvent()
    try:
        found = _EVENT_KEYS.decode(_without_surrogates(data)) or {}
        values = {key.casefold(): value for key, value in found.items()}
        labels = values.get("analyticslabels", msgspec.Raw(b"null"))
        return SourceEvent(
            message=decode_message(bytes(values.get("message", b""))),
            raw_object=values.get("rawobject", msgspec.Raw(b"null")),
            analytics_labels=msgspec.json.decode(labels, type=dict[str, object] | None),
        )
    except _BAD_JSON as error:
        raise ProtocolError(f"event JSON: {_why(error)}") from error


def _why(error: Exception) -> str:
    if isinstance(error, RecursionError):
        return "nested too deeply"
    return _PATTERN.sub("expected a time such as 2024-05-01T12:00:00Z", str(error))


def _normal(value: object, kind: _Kind) -> object:
    """Bring odd but legal JSON into the exact form that the strict types take; wrong types are left to them."""
    if isinstance(kind, UnionType):
        kind = get_args(kind)[0]  # `OptionItem | None`: nulls are dropped by the object around it
    if isinstance(kind, type) and issubclass(kind, Part):
        return _normal_object(value, kind)
    if get_origin(kind) is tuple and isinstance(value, list):
        return [_normal(item, get_args(kind)[0]) for item in value]
    return "" if value is None and kind is str else value


def _normal_object(value: object, kind: type[Part]) -> object:
    if value is None:
        return {}
    if not isinstance(value, dict):
        return value
    known = _fields_of(kind)
    pairs = (
        (known.get(str(key).casefold()), item) for key, item in value.items() if item is not None
    )
    return {found[0]: _normal(item, found[1]) for found, item in pairs if found is not None}


@cache
def _fields_of(kind: type[Part]) -> Mapping[str, tuple[str, _Kind]]:
    hints = get_type_hints(kind)
    return {
        field.encode_name.casefold(): (field.encode_name, hints[field.name])
        for field in msgspec.structs.fields(kind)
    }
