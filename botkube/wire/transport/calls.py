"""One call as its maker sees it: grpclib's client Stream on Trio."""

import math
import time
from types import TracebackType
from typing import TypeVar

import trio
from grpclib.client import Stream
from grpclib.const import Status
from grpclib.exceptions import GRPCError, StreamTerminatedError

from botkube.runtime.override import override
from botkube.wire.errors import PeerStatus
from botkube.wire.transport.headers import check_http_status
from botkube.wire.transport.primitives import CallScope
from botkube.wire.transport.streams import H2Stream

S = TypeVar("S")
R = TypeVar("R")


class Call(Stream[S, R]):
    """Leaving the block early tells the peer to stop. Use by one task.

    Where the connection is lost but a status came before, that status is the error.
    """

    _stream: H2Stream  # type: ignore[mutable-override] # set once
    local_deadline = math.inf

    @override
    async def __aenter__(self) -> "Call[S, R]":
        self._wrapper = CallScope(self.local_deadline)
        self._channel._calls_started += 1
        self._channel._last_call_started = time.monotonic()
        return self

    @override
    async def send_message(self, message: S, *, end: bool = False) -> None:
        try:
            await super().send_message(message, end=end)
        except (StreamTerminatedError, GRPCError):
            self._raise_better()
            raise

    @override
    async def recv_message(self) -> R | None:
        """The next message; None behind the last one, if the call ended with status OK.

        Raises:
            GRPCError: the call ended in another way, or the message cannot be read.
            StreamTerminatedError: the connection is lost.
        """
        await trio.lowlevel.checkpoint()
        try:
            data = self._buffered()
            if data is None:
                data = await self._receive()
        except (StreamTerminatedError, GRPCError):
            self._raise_better()
            raise
        return None if data is None else self._codec.decode(data, self._recv_type)

    @override
    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._cardinality.server_streaming and not self._recv_trailing_metadata_done:
            # left early: grpclib would wait for an end that may never come
            self._cancel_done = True
        await super().__aexit__(kind, error, traceback)  # noqa: ASYNC102 - awaits nothing when cancelled

    @override
    def _raise_for_grpc_status(self, status: Status, message: str | None, details: object) -> None:
        if status is not Status.OK:
            raise PeerStatus(status, message, details)

    @override
    def _raise_for_status(self, headers_map: dict[str, str]) -> None:
        check_http_status(headers_map.get(":status", ""))

    def _buffered(self) -> bytes | None:
        """The busy case: no cancel scope needed."""
        return self._stream.buffer.take_message() if self._recv_initial_metadata_done else None

    async def _receive(self) -> bytes | None:
        if not self._recv_initial_metadata_done:
            await self.recv_initial_metadata()
        if self._recv_trailing_metadata_done:
            return None
        with self._wrapper:
            data = await self._stream.buffer.read_message()
        if data is None:
            # Here and not on leaving: grpclib does not look there once the connection is closing, so an error status
            # that is a dying peer's last word would be taken for success.
            await self.recv_trailing_metadata()
        return data

    def _raise_better(self) -> None:
        if self._send_request_done:
            self._maybe_raise()
