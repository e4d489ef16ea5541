import pytest
import trio
import trio.testing

from botkube.wire.errors import CallError
from botkube.wire.transport.primitives import CallScope, Event, MessageBuffer, frame

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
    data = frame(b"one") + frame(b"") + frame(b"three")
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
    with pytest.raises(CallError) as caught:
        buffer_with(data).take_message()
    assert caught.value.status == status


async def test_the_end_of_the_stream() -> None:
    buffer = buffer_with(frame(b"last"))
    buffer.eof()
    assert await buffer.read_message() == b"last"
    assert await buffer.read_message() is None
    cut = buffer_with(frame(b"last")[:-1])
    cut.eof()
    with pytest.raises(CallError, match="UNAVAILABLE: the stream ended inside a message"):
        await cut.read_message()


def test_window_is_given_back_in_pieces_and_never_twice() -> None:
    window = Window()
    buffer = MessageBuffer(window, WINDOW)
    received = 0
    for _ in range(100):
        data = frame(b"x" * 1019)
        buffer.add(data, len(data) + 1)  # a byte of padding
        received += len(data) + 1
        assert buffer.take_message() is not None
        assert window.back + buffer.unacked_size() == received
        assert buffer.unacked_size() <= 33 * 1024
    assert window.back > 0


async def test_a_message_larger_than_the_window_arrives() -> None:
    window = Window()
    buffer = MessageBuffer(window, 10 * WINDOW)
    data = frame(b"x" * 4 * WINDOW)
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


async def test_a_failure_wakes_the_task_inside_the_scope() -> None:
    scope = CallScope()

    async def wait() -> None:
        with pytest.raises(CallError, match="UNAVAILABLE: lost"), scope:
            await trio.sleep_forever()

    async with trio.open_nursery() as nursery:
        nursery.start_soon(wait)
        await trio.testing.wait_all_tasks_blocked()
        scope.fail("UNAVAILABLE", "lost")
        scope.fail("UNKNOWN", "later")
    with pytest.raises(CallError, match="UNAVAILABLE: lost"), scope:
        pytest.fail("entered after the failure")


async def test_a_failure_explains_the_error_it_caused() -> None:
    async def fail() -> None:
        with scope:
            await trio.lowlevel.checkpoint()
            scope.fail("UNAVAILABLE", "lost")
            raise RuntimeError("a consequence")

    scope = CallScope()
    with pytest.raises(CallError, match="lost"):
        await fail()


async def test_a_result_in_hand_survives_a_failure() -> None:
    scope = CallScope()
    with scope:
        await trio.lowlevel.checkpoint()
        scope.fail("UNAVAILABLE", "lost")
        result = 1
    assert result == 1


async def test_cancelling_from_outside_is_no_failure() -> None:
    scope = CallScope()
    with trio.CancelScope() as outer, scope:
        scope.fail("UNAVAILABLE", "lost")
        outer.cancel()
        await trio.sleep_forever()
    assert outer.cancelled_caught


async def test_the_deadline_of_a_scope(autojump_clock: trio.testing.MockClock) -> None:
    scope = CallScope()
    scope.deadline = trio.current_time() + 5
    with pytest.raises(CallError, match="DEADLINE_EXCEEDED"), scope:
        await trio.sleep(10)
    assert trio.current_time() == scope.deadline


async def test_an_event_that_was_cleared_again_does_not_let_through() -> None:
    event, passed = Event(), []

    async def wait() -> None:
        await event.wait()
        passed.append(1)

    async with trio.open_nursery() as nursery:
        nursery.start_soon(wait)
        await trio.testing.wait_all_tasks_blocked()
        event.set()
        event.clear()
        await trio.testing.wait_all_tasks_blocked()
        assert not passed
        event.set()
        assert event.is_set()
    assert passed
