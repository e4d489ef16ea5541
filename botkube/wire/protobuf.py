"""The protobuf wire format: just the kinds of fields the plugin messages have, read strictly.

Generated code takes several hundred microseconds for one ExecuteRequest and accepts truncated fields.
Semantics as protobuf's own parsers: unknown fields and fields of another wire type are skipped, the last
scalar wins, repeated occurrences of a sub-message are merged.
"""

from botkube.model.errors import ProtocolError

_VARINT, _I64, _LEN, _I32 = 0, 1, 2, 5
_MAX_VARINT_BITS = 64
_MORE = 0x80  # this byte of an integer is not the last


class Fields:
    """The fields of one message. Absent fields read as empty, as in proto3.

    Raises (from the constructor and from `text`):
        ProtocolError: the bytes are not a protobuf message, or a string is not UTF-8.
    """

    __slots__ = ("_fields",)

    def __init__(self, data: bytes) -> None:
        self._fields: dict[int, list[int | bytes]] = {}
        position, end = 0, len(data)
        while position < end:
            key, position = read_varint(data, position)
            value, position = _read_value(data, position, key & 7)
            if key >> 3 == 0:
                raise ProtocolError("malformed message: field number 0")
            self._fields.setdefault(key >> 3, []).append(value)

    def items(self, number: int) -> tuple[bytes, ...]:
        """All occurrences of a repeated bytes or message field."""
        return tuple(value for value in self._fields.get(number, ()) if isinstance(value, bytes))

    def blob(self, number: int) -> bytes:
        """A bytes field."""
        return next(reversed(self.items(number)), b"")

    def text(self, number: int) -> str:
        """A string field."""
        try:
            return self.blob(number).decode()
        except UnicodeDecodeError:
            raise ProtocolError(f"malformed message: field {number} is not UTF-8") from None

    def number(self, number: int) -> int:
        """A bool, enum or unsigned integer field."""
        values = [value for value in self._fields.get(number, ()) if isinstance(value, int)]
        return values[-1] if values else 0

    def message(self, number: int) -> "Fields":
        """A sub-message; joined encodings are, by definition of the format, the merged message."""
        return Fields(b"".join(self.items(number)))


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


def number_field(number: int, value: int) -> bytes:
    """Encode a bool, enum or unsigned integer field; zero is left out."""
    return varint(number << 3 | _VARINT) + varint(value) if value else b""


def _read_value(data: bytes, position: int, wire_type: int) -> tuple[int | bytes, int]:
    if wire_type == _VARINT:
        return read_varint(data, position)
    if wire_type == _LEN:
        length, position = read_varint(data, position)
        return _slice(data, position, length)
    if wire_type in {
        _I64,
        _I32,
    }:  # no message of ours has one: an unknown field, kept out of the way as an integer
        _, position = _slice(data, position, 8 if wire_type == _I64 else 4)
        return 0, position
    raise ProtocolError(f"malformed message: wire type {wire_type}")


def _slice(data: bytes, position: int, length: int) -> tuple[bytes, int]:
    end = position + length
    if end > len(data):
        raise ProtocolError("malformed message: a field is cut off")
    return data[position:end], end
