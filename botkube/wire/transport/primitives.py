"""What streams are made of: a clearable event, a buffer of messages, and the scope that a failure wakes."""

from collections.abc import Callable
from types import TracebackType

import trio

from botkube.wire.errors import CallError

_ACK_AT = 32 * 1024  # give window back in pieces of this size, not per message
_COMPACT_AT = 64 * 1024
_PREFIX = 5  # compression flag and length in front of each gRPC message


def frame(message: bytes) -> bytes:
    """A message as it travels: not compressed, with its length in front."""
    return b"\0" + len(message).to_bytes(4, "big") + message


class Event:
    """Unlike Trio's it can be cleared, and `wait` does not yield once it is set."""

    __slots__ = ("_flag", "_lot")

    def __init__(self) -> None:
        self._flag = False
        self._lot = trio.lowlevel.ParkingLot()

    def is_set(self) -> bool:
        """Whether `wait` returns at once."""
        return self._flag

    def set(self) -> None:
        """Wake everybody."""
        self._flag = True
        self._lot.unpark_all()

    def clear(self) -> None:
        """Let the next `wait` block again."""
        self._flag = False

    async def wait(self) -> None:
        """Block until set."""
        while not self._flag:  # another one woken may have cleared it
            await self._lot.park()


class MessageBuffer:
    """Received bytes of one stream, handed out as gRPC messages; gives flow-control window back as they are taken.

    What is not taken stays inside the stream's window, so a slow consumer stops the producer.
    """

    __slots__ = (
        "_ack",
        "_acked",
        "_consumed",
        "_data",
        "_eof",
        "_limit",
        "_lot",
        "_pos",
        "_received",
    )

    def __init__(self, ack: Callable[[int], None], limit: int) -> None:
        self._ack = ack
        self._limit = limit
        self._data = bytearray()
        self._pos = 0
        self._eof = False
        self._lot = trio.lowlevel.ParkingLot()
        self._received = self._acked = self._consumed = 0  # in flow-controlled bytes

    def add(self, data: bytes, ack_size: int) -> None:
        """Append the payload of a DATA frame that took `ack_size` bytes of window."""
        self._data += data
        self._received += ack_size
        self._consumed += ack_size - len(data)  # padding
        self._lot.unpark_all()

    def eof(self) -> None:
        """No more data will come."""
        self._eof = True
        self._lot.unpark_all()

    def unacked_size(self) -> int:
        """Window that was never given back."""
        return self._received - self._acked

    def take_message(self) -> bytes | None:
        """The next message if all of it is here.

        Raises:
            CallError: it is compressed or larger than the limit.
        """
        size = self._message_size()
        if size is None or self._available() < _PREFIX + size:
            return None
        start = self._pos + _PREFIX
        message = bytes(memoryview(self._data)[start : start + size])
        self._discard(_PREFIX + size)
        return message

    async def read_message(self) -> bytes | None:
        """The next message, or None behind the last one.

        Raises:
            CallError: as `take_message`, or the stream ended inside a message.
        """
        while (message := self.take_message()) is None:
            if self._eof:
                if self._available():
                    raise CallError("UNAVAILABLE", "the stream ended inside a message")
                return None
            if (self._message_size() or 0) > _ACK_AT:
                self._give_back(
                    self.unacked_size()
                )  # so that a message larger than the window arrives
            await self._lot.park()
        return message

    def _available(self) -> int:
        return len(self._data) - self._pos

    def _message_size(self) -> int | None:
        if self._available() < _PREFIX:
            return None
        flag, size = self._data[self._pos], self._data[self._pos + 1 : self._pos + _PREFIX]
        if flag:
            raise CallError("UNIMPLEMENTED", "compressed messages are not supported")
        length = int.from_bytes(size, "big")
        if length > self._limit:
            raise CallError(
                "RESOURCE_EXHAUSTED", f"message of {length} bytes over the limit of {self._limit}"
            )
        return length

    def _discard(self, size: int) -> None:
        self._pos += size
        if self._pos >= len(self._data):
            self._data.clear()
            self._pos = 0
        elif self._pos > _COMPACT_AT:
            del self._data[: self._pos]
            self._pos = 0
        self._consumed += size
        if self._consumed - self._acked >= _ACK_AT:
            self._give_back(self._consumed - self._acked)

    def _give_back(self, size: int) -> None:
        self._acked += size
        self._ack(size)


class CallScope:
    """Wakes the task inside `with scope:` when the call fails, and raises why.

    One task at a time; entering it after the failure raises at once.
    """

    def __init__(self) -> None:
        self._failure: tuple[str, str] | None = None
        self._scope: trio.CancelScope | None = None
        self.deadline = float("inf")

    def fail(self, status: str, message: str) -> None:
        """End the call; the first reason counts."""
        if self._failure is None:
            self._failure = (status, message)
        if self._scope is not None:
            self._scope.cancel(reason=message)

    def __enter__(self) -> None:
        self._raise_failure()
        self._scope = trio.CancelScope(deadline=self.deadline)
        self._scope.__enter__()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        scope, self._scope = self._scope, None
        assert scope is not None  # noqa: S101 - __enter__ came first
        scope.__exit__(kind, error, traceback)
        if scope.cancelled_caught and self._failure is None:
            self._failure = ("DEADLINE_EXCEEDED", "deadline exceeded")
        # a result in hand is kept, the next step will raise; being cancelled from outside wins
        if scope.cancelled_caught or isinstance(error, Exception):
            self._raise_failure()

    def _raise_failure(self) -> None:
        if self._failure is not None:
            raise CallError(*self._failure) from None
