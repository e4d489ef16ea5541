import pytest

from botkube.runtime.forkorder import (
    LIMIT,
    Order,
    decode_order,
    decode_pid,
    encode_order,
    encode_pid,
)

ORDER = Order(
    argv=(b"botkube", b"plugin", b"serve", b"echo"),
    environ=(b"PATH=/bin", b"EMPTY=", b"ODD=\xff=\n"),
    parent=17,
)


def test_an_order_arrives_byte_for_byte() -> None:
    assert decode_order(encode_order(ORDER)) == ORDER


def test_an_order_that_is_too_long_is_not_sent() -> None:
    fits = Order(argv=(), environ=(b"A=" + b"x" * (LIMIT - 100),), parent=1)
    assert len(encode_order(fits)) <= LIMIT
    with pytest.raises(ValueError, match=r"environment is too long: \d+ bytes, at most 16384"):
        encode_order(Order(argv=(), environ=(b"A=" + b"x" * LIMIT,), parent=1))


@pytest.mark.parametrize("packet", [b"", b"garbage", b"\x80", b"\xc0", encode_order(ORDER)[:-1]])
def test_what_is_no_order_is_refused(packet: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        decode_order(packet)


def test_a_number_arrives() -> None:
    assert decode_pid(encode_pid(4_194_304)) == 4_194_304


@pytest.mark.parametrize("said", [b"", b"0", b"1", b"-5", b"12x", b" 12", b"9" * 20, b"no room"])
def test_what_is_no_number_of_a_process_is_refused(said: bytes) -> None:
    with pytest.raises(ValueError, match="where the number of a process belongs"):
        decode_pid(said)
