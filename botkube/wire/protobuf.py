"""The protobuf wire format: what generated code leaves to be checked, and writers for the one message that is hot.

betterproto takes a field that is cut off for a shorter one, and the last of two halves of a sub-message. Both are
refused here, whatever the nesting; so is a message of so many parts that to read them would stop everything else.
"""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Final

from botkube.model.errors import ProtocolError

_VARINT, _I64, _LEN, _I32 = 0, 1, 2, 5
_FIXED = {_I64: 8, _I32: 4}
_MAX_VARINT_BITS = 64
_MAX_FIELDS: Final = (
    2000  # of sub-messages too; reading one takes microseconds, 64 MiB hold 30 million
)
_MORE = 0x80  # this byte of an integer is not the last


def check_message(data: bytes, message_type: type) -> None:
    """Look at the structure of an encoded message, its sub-messages included.

    Raises:
        ProtocolError: the bytes are not one.
    """
    _check(data, message_type, _MAX_FIELDS)


def _check(data: bytes, message_type: type, budget: int) -> int:
    """Look at one message, and return what is left of the number of fields that there may be."""
    nested = _nested(message_type)
    seen: set[int] = set()
    for number, start, end in _fields(data):
        budget -= 1
        if budget < 0:
            raise ProtocolError(f"malformed message: more than {_MAX_FIELDS} fields")
        if number in nested:
            inner, repeated = nested[number]
            if number in seen and not repeated:
                raise ProtocolError(f"malformed message: field {number} comes twice")
            seen.add(number)
            budget = _check(data[start:end], inner, budget)
    return budget


@cache
def _nested(message_type: type) -> Mapping[int, tuple[type, bool]]:
    """The sub-messages of a generated message: number → their type, and whether there may be several."""
    about = getattr(message_type, "_betterproto", None)
    if about is None:
        return {}
    return {
        meta.number: (about.cls_by_field[name], about.default_gen[name] in {list, dict})
        for name, meta in about.meta_by_field_name.items()
        if meta.proto_type in {"message", "map"}
    }


def _fields(data: bytes) -> Iterator[tuple[int, int, int]]:
    """Number, start and end of each field; a field that holds no bytes is empty."""
    position, size = 0, len(data)
    while position < size:
        key, position = read_varint(data, position)
        start, end = _extent(data, position, key & 7)
        if end > size:
            raise ProtocolError("malformed message: a field is cut off")
        if key >> 3 == 0:
            raise ProtocolError("malformed message: field number 0")
        yield key >> 3, start, end
        position = end


def _extent(data: bytes, position: int, wire_type: int) -> tuple[int, int]:
    if wire_type == _LEN:
        length, position = read_varint(data, position)
        return position, position + length
    if wire_type == _VARINT:
        _, position = read_varint(data, position)
        return position, position
    if wire_type in _FIXED:
        end = position + _FIXED[wire_type]
        return end, end
    raise ProtocolError(f"malformed message: wire type {wire_type}")


def read_varint(data: bytes, position: int) -> tuple[int, int]:
    """Read a variable-length integer; return it and the position behind it.

    Raises:
        ProtocolError: it is cut off or too long.
    """
    result = shift = 0
    while shift < _MAX_VARINT_BITS and position < len(data):
        byte = data[position]
        position += 1
        result |= (byte & ~_MORE) << shift
        if byte < _MORE:
            return result, position
        shift += 7
    raise ProtocolError("malformed message: bad integer")


def varint(value: int) -> bytes:
    """Encode an unsigned integer."""
    out = bytearray()
    while value >= _MORE:
        out.append(value & 0x7F | _MORE)
        value >>= 7
    out.append(value)
    return bytes(out)


def message_field(number: int, data: bytes) -> bytes:
    """Encode a sub-message or an item of a repeated field: present even if empty."""
    return varint(number << 3 | _LEN) + varint(len(data)) + data


def blob_field(number: int, data: bytes) -> bytes:
    """Encode a bytes field; an empty one is left out, as proto3 demands."""
    return message_field(number, data) if data else b""


def text_field(number: int, text: str) -> bytes:
    """Encode a string field; an empty one is left out."""
    return message_field(number, text.encode()) if text else b""


def flag_field(number: int, *, flag: bool) -> bytes:
    """Encode a bool field; false is left out."""
    return varint(number << 3 | _VARINT) + b"\1" if flag else b""
