from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from botkube.model.errors import ProtocolError
from botkube.wire.protobuf import Fields, number_field, read_varint, text_field, varint


@given(st.integers(min_value=0, max_value=2**63))
def test_an_integer_is_read_as_written(value: int) -> None:
    data = varint(value)
    assert read_varint(data + b"rest", 0) == (value, len(data))


@pytest.mark.parametrize(
    "data",
    [
        b"\x0a",  # no length
        b"\x0a\x05h",  # cut off
        b"\x0a\xff\xff\xff\xff\xff\xff\xff\xff\x7f",  # a length beyond everything
        b"\x08",  # no value
        b"\x08\xff",  # half an integer
        b"\xff" * 11,  # an integer that does not end
        b"\x09\0\0",  # half a fixed64
        b"\x0d\0\0",  # half a fixed32
        b"\xf3\x01",  # a group
        b"\x0f",  # no such wire type
        b"\x02\x00",  # field number 0
    ],
)
def test_what_is_not_a_message_is_an_error(data: bytes) -> None:
    with pytest.raises(ProtocolError, match="malformed message"):
        Fields(data)


def test_text_has_to_be_utf8() -> None:
    with pytest.raises(ProtocolError, match="field 1 is not UTF-8"):
        Fields(b"\x0a\x01\xff").text(1)


def test_absent_fields_are_empty() -> None:
    fields = Fields(b"")
    assert (fields.text(1), fields.blob(1), fields.number(1), fields.items(1)) == ("", b"", 0, ())
    assert fields.message(1).text(1) == ""


def test_unknown_fields_are_skipped() -> None:
    unknown = b"\x48\x07" + b"\x51" + bytes(8) + b"\x5d" + bytes(4) + b"\x62\x02zz"
    assert Fields(unknown + text_field(1, "a") + unknown).text(1) == "a"


def test_a_field_of_another_wire_type_is_as_unknown() -> None:
    assert Fields(number_field(1, 5)).text(1) == ""
    assert Fields(text_field(1, "five")).number(1) == 0


def test_the_last_scalar_wins_and_messages_are_merged() -> None:
    assert Fields(text_field(1, "a") + text_field(1, "b")).text(1) == "b"
    assert Fields(number_field(1, 1) + number_field(1, 2)).number(1) == 2
    merged = Fields(b"\x0a\x03\x0a\x01a" + b"\x0a\x03\x12\x01b").message(1)
    assert (merged.text(1), merged.text(2)) == ("a", "b")


@given(st.binary(max_size=64))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    with suppress(ProtocolError):
        Fields(data).items(1)
