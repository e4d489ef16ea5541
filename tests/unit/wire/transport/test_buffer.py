import pytest
import trio
import trio.testing
from grpclib.exceptions import GRPCError

from botkube.wire.transport.buffer import MessageBuffer
from tests.fakes.wire.peers import framed

WINDOW = 256 * 1024


class Window:
    """Counts what a buffer gives back."""

    def __init__(self) -> None:
        self.back = 0

    def __call__(self, size: int) -> None:
        assert size > 0
        self.back += size


def buffer_with(data: bytes, *, limit: int = 100) -> MessageBuffer:
    buffer = MessageBuffer(Window(), limit)
    buffer.add(data, len(data))
    return buffer


def test_messages_come_out_as_they_were_framed() -> None:
    data = framed(b"one") + framed(b"") + framed(b"three")
    buffer = MessageBuffer(Window(), 100)
    messages = []
    for position in range(len(data)):
        buffer.add(data[position : position + 1], 1)
        message = buffer.take_message()
        if message is not None:
            messages.append(message)
    assert messages == [b"one", b"", b"three"]
    assert buffer.take_message() is None


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"\1\0\0\0\0", "UNIMPLEMENTED"),
        (b"\0\0\0\0\x65", "RESOURCE_EXHAUSTED"),
        (b"\0\xff\xff\xff\xff", "RESOURCE_EXHAUSTED"),
    ],
)
def test_a_prefix_alone_is_enough_to_refuse_a_message(data: bytes, status: str) -> None:
    with pytest.raises(GRPCError) as caught:
        buffer_with(data).take_message()
    assert caught.value.status.name == status


async def test_the_end_of_the_stream() -> None:
    buffer = buffer_with(framed(b"last"))
    buffer.eof()
    assert await buffer.read_message() == b"last"
    assert await buffer.read_message() is None
    cut = buffer_with(framed(b"last")[:-1])
    cut.eof()
    with pytest.raises(GRPCError, match="the stream ended inside a message"):
        await cut.read_message()


def test_window_is_given_back_in_pieces_and_never_twice() -> None:
    window = Window()
    buffer = MessageBuffer(window, WINDOW)
    received = 0
    for _ in range(100):
        data = framed(b"x" * 1019)
        buffer.add(data, len(data) + 1)  # a byte of padding
        received += len(data) + 1
        assert buffer.take_message() is not None
        assert window.back + buffer.unacked_size() == received
        assert buffer.unacked_size() <= 33 * 1024
    assert window.back > 0


async def test_a_message_larger_than_the_window_arrives() -> None:
    window = Window()
    buffer = MessageBuffer(window, 10 * WINDOW)
    data = framed(b"x" * 4 * WINDOW)
    got: list[bytes | None] = []

    async def read() -> None:
        got.append(await buffer.read_message())

    async with trio.open_nursery() as nursery:
        nursery.start_soon(read)
        sent = 0
        while sent < len(data):
            await trio.testing.wait_all_tasks_blocked()
            room = WINDOW - (sent - window.back)
            assert room > 0
            buffer.add(data[sent : sent + room], min(room, len(data) - sent))
            sent += room
    assert got == [data[5:]]


async def test_bytes_are_read_as_grpclib_would() -> None:
    buffer = buffer_with(b"abcd")
    buffer.eof()
    assert await buffer.read(3) == b"abc"
    with pytest.raises(GRPCError):
        await buffer.read(2)
    assert await buffer.read(1) == b"d"
    assert await buffer.read(1) == b""
