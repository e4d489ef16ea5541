from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from botkube._proto import executor
from botkube.model.errors import ProtocolError
from botkube.wire.protobuf import check_message, flag_field, read_varint, text_field, varint


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
        check_message(data, executor.ExecuteRequest)


@pytest.mark.parametrize(
    "data",
    [
        b"\x1a\x02\x22\x05",  # in the context, the message is cut off
        b"\x1a\x04\x22\x02\x22\x05",  # in that, the user
        b"\x1a\x00\x1a\x00",  # two halves of a context, of which betterproto takes the last
    ],
)
def test_sub_messages_are_looked_at_too(data: bytes) -> None:
    with pytest.raises(ProtocolError, match="malformed message"):
        check_message(data, executor.ExecuteRequest)


def test_maps_are_looked_at_too() -> None:
    twice = b"\x22\x03\x0a\x01k"
    check_message(twice + twice, executor.MetadataResponse)
    with pytest.raises(ProtocolError, match="cut off"):
        check_message(b"\x22\x03\x0a\x05k", executor.MetadataResponse)


def test_what_is_a_message_passes() -> None:
    unknown = b"\x48\x07" + b"\x51" + bytes(8) + b"\x5d" + bytes(4) + b"\x62\x02zz"
    configs = b"\x12\x00\x12\x03\x0a\x01a"  # several, because it is repeated
    for data in (b"", unknown, unknown + text_field(1, "a") + configs + b"\x1a\x00" + unknown):
        check_message(data, executor.ExecuteRequest)


def test_a_message_of_too_many_parts_is_refused_before_it_is_read() -> None:
    check_message(b"\x12\x00" * 2000, executor.ExecuteRequest)
    nested = b"\x22\x05\x0a\x01k\x12\x00" * 700  # each is one field of ours, and two of its own
    for data in (b"\x12\x00" * 2001, nested):
        with pytest.raises(ProtocolError, match="more than 2000 fields"):
            check_message(data, executor.MetadataResponse)


def test_a_flag_that_is_not_set_is_left_out() -> None:
    assert flag_field(1, flag=True) == b"\x08\x01"
    assert flag_field(1, flag=False) == b""


@given(st.binary(max_size=64))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    with suppress(ProtocolError):
        check_message(data, executor.ExecuteRequest)
