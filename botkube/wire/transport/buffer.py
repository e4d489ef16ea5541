"""grpclib's Buffer for Trio, which hands out whole gRPC messages."""

from collections.abc import Callable

import trio
from grpclib.const import Status
from grpclib.exceptions import GRPCError
from grpclib.protocol import Buffer

from botkube.runtime.override import override
from botkube.wire.errors import MessageTooLong

_ACK_AT = 32 * 1024  # give window back in pieces of this size, not per message
_COMPACT_AT = 64 * 1024
_PREFIX = 5  # compression flag and length in front of each gRPC message


class MessageBuffer(Buffer):
    """Received bytes of one stream; gives flow-control window back as they are taken.

    What is not taken stays inside the stream's window, so a slow consumer stops the producer. grpclib's own gives
    window back per frame, knows no limit, and waits on an asyncio.Queue.
    """

    def __init__(self, ack: Callable[[int], None], limit: int) -> None:
        self._ack = ack
        self._limit = limit
        self._data = bytearray()
        self._pos = 0
        self._eof = False
        self._lot = trio.lowlevel.ParkingLot()
        self._received = self._given_back = self._consumed = 0  # in flow-controlled bytes

    @override
    def add(self, data: bytes, ack_size: int) -> None:
        """Append the payload of a DATA frame that took `ack_size` bytes of window."""
        self._data += data
        self._received += ack_size
        self._consumed += ack_size - len(data)  # padding
        self._lot.unpark_all()

    @override
    def eof(self) -> None:
        """No more data will come."""
        self._eof = True
        self._lot.unpark_all()

    @override
    def unacked_size(self) -> int:
        """Window that was never given back."""
        return self._received - self._given_back

    @override
    async def read(self, size: int) -> bytes:
        """So many bytes, or none behind the last one.

        Raises:
            GRPCError: the stream ended inside of them.
        """
        return self._take(size) if await self._arrived(size) else b""

    def take_message(self) -> bytes | None:
        """The next message if all of it is here.

        Raises:
            GRPCError: it is compressed or larger than the limit.
        """
        size = self._message_size()
        if size is None or self._available() < _PREFIX + size:
            return None
        return self._take(_PREFIX + size)[_PREFIX:]

    async def read_message(self) -> bytes | None:
        """The next message, or None behind the last one.

        Raises:
            GRPCError: it is compressed, larger than the limit, or cut off by the end of the stream.
        """
        if await self._arrived(_PREFIX):
            await self._arrived(_PREFIX + (self._message_size() or 0))
        return self.take_message()

    async def _arrived(self, size: int) -> bool:
        while self._available() < size:
            if self._eof:
                if self._available():
                    raise GRPCError(Status.INTERNAL, "the stream ended inside a message")
                return False
            if size > _ACK_AT:
                self._give_back(self.unacked_size())  # one larger than the window has to arrive
            await self._lot.park()
        return True

    def _available(self) -> int:
        return len(self._data) - self._pos

    def _message_size(self) -> int | None:
        if self._available() < _PREFIX:
            return None
        if self._data[self._pos]:
            raise GRPCError(Status.UNIMPLEMENTED, "compressed messages are not supported")
        length = int.from_bytes(self._data[self._pos + 1 : self._pos + _PREFIX], "big")
        if length > self._limit:
            raise MessageTooLong(
                Status.RESOURCE_EXHAUSTED,
                f"message of {length} bytes over the limit of {self._limit}",
            )
        return length

    def _take(self, size: int) -> bytes:
        end = self._pos + size
        taken = bytes(memoryview(self._data)[self._pos : end])
        self._pos = end
        if end >= len(self._data):
            self._data.clear()
            self._pos = 0
        elif end > _COMPACT_AT:
            del self._data[:end]
            self._pos = 0
        self._consumed += size
        if self._consumed - self._given_back >= _ACK_AT:
            self._give_back(self._consumed - self._given_back)
        return taken

    def _give_back(self, size: int) -> None:
        if size > 0:
            self._given_back += size
            self._ack(size)
