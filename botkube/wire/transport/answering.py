"""One connection's calls as their answerer sees them: grpclib's server Stream and Handler on Trio."""

import logging
from collections.abc import Mapping
from types import TracebackType
from typing import TYPE_CHECKING, TypeVar

import trio
from grpclib.const import Handler as Method
from grpclib.const import Status
from grpclib.events import _DispatchServerEvents
from grpclib.exceptions import GRPCError, StreamTerminatedError
from grpclib.metadata import _MetadataLike
from grpclib.protocol import Stream as GrpclibStream
from grpclib.server import Handler, Stream
from h2.exceptions import H2Error

from botkube.runtime.override import override
from botkube.wire.errors import CallError
from botkube.wire.transport.codec import StrictCodec
from botkube.wire.transport.headers import Headers, check_request, refusal, shortened
from botkube.wire.transport.primitives import CallScope
from botkube.wire.transport.streams import H2Stream, close_stream

if TYPE_CHECKING:
    from botkube.wire.transport.connection import ReleaseStream

log = logging.getLogger(__name__)

R = TypeVar("R")
S = TypeVar("S")


class Answer(Stream[R, S]):
    """One call being answered."""

    _stream: H2Stream  # type: ignore[mutable-override] # set once

    @override
    async def recv_message(self) -> R | None:
        """The next message of the caller, or None behind the last one of a stream.

        Raises:
            GRPCError: it is missing, too large or cannot be read.
        """
        data = await self._stream.buffer.read_message()
        if data is not None:
            message: R = self._codec.decode(data, self._recv_type)
            return message
        if self._cardinality.client_streaming:
            return None
        raise GRPCError(Status.INTERNAL, "the request has no message")

    @override
    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> bool | None:
        if error is not None and not isinstance(error, Exception):
            return None  # grpclib's swallows being cancelled once the connection is closing
        return await super().__aexit__(kind, error, traceback)  # noqa: ASYNC102 - the answer's end

    @override
    async def send_message(self, message: S) -> None:
        """Send one message; blocks while the caller is not reading."""
        # the socket may take everything: a fast producer must let others run
        await trio.lowlevel.checkpoint()
        await super().send_message(message)

    @override
    async def send_trailing_metadata(
        self,
        *,
        status: Status = Status.OK,
        status_message: str | None = None,
        status_details: object = None,
        metadata: _MetadataLike | None = None,
    ) -> None:
        await super().send_trailing_metadata(
            status=status,
            status_message=None if status_message is None else shortened(status_message),
            status_details=status_details,
            metadata=metadata,
        )


class Answerer(Handler):
    """Starts a task in `calls` for each request of one connection."""

    def __init__(self, mapping: Mapping[str, Method], calls: trio.Nursery) -> None:
        # grpclib's own wants an asyncio loop for its tasks
        self.mapping = dict(mapping)
        self.codec = StrictCodec()
        self.dispatch = _DispatchServerEvents()
        self._calls = calls

    @override
    def accept(
        self, stream: GrpclibStream, headers: Headers, release_stream: "ReleaseStream"
    ) -> None:
        """Answer a request; the stream's failure cancels the method."""
        stream.wrapper = scope = CallScope()
        name = f"call:{dict(headers).get(':path', '')}"
        self._calls.start_soon(self._answer, stream, scope, headers, release_stream, name=name)

    @override
    def cancel(self, stream: GrpclibStream) -> None:
        """The stream's scope is cancelled already."""

    @override
    def close(self) -> None:
        """The connection is closed; its streams' scopes are cancelled already."""
        self.closing = True

    async def _answer(
        self, stream: GrpclibStream, scope: CallScope, headers: Headers, release: "ReleaseStream"
    ) -> None:
        try:
            await self._serve(stream, scope, headers)
        except (StreamTerminatedError, H2Error):
            pass  # the caller has gone
        except Exception:  # one call's fault must not end the others
            log.exception("answering a call failed")
        finally:
            close_stream(stream, release)

    async def _serve(self, stream: GrpclibStream, scope: CallScope, headers: Headers) -> None:
        try:
            path, seconds = check_request(headers)
            method = self._method(path)
        except GRPCError as error:
            await stream.send_headers(refusal(error.status, error.message or ""), end_stream=True)
            return
        scope.deadline = trio.current_time() + seconds
        call = self._call(stream, path, method)
        async with call:
            await _run(method, call, scope)

    def _method(self, path: str) -> Method:
        if path not in self.mapping:
            raise GRPCError(Status.UNIMPLEMENTED, f"unknown method {path}")
        return self.mapping[path]

    def _call(self, stream: GrpclibStream, path: str, method: Method) -> Answer[object, object]:
        return Answer(
            stream,
            path,
            method.cardinality,
            method.request_type,
            method.reply_type,
            codec=self.codec,
            status_details_codec=None,
            dispatch=self.dispatch,
        )


async def _run(method: Method, call: Answer[object, object], scope: CallScope) -> None:
    """Let a method answer; what it raises becomes the status that the caller sees."""
    try:
        with scope:
            await method.func(call)
    except (GRPCError, H2Error):
        raise
    except StreamTerminatedError as error:
        if scope.cancelled:
            raise  # nobody is there to be told
        raise GRPCError(Status.UNAVAILABLE, str(error)) from error
    except CallError as error:
        raise GRPCError(_status(error.status), error.message) from error
    except Exception as error:
        if isinstance(error, TimeoutError) and scope.cancelled:
            raise GRPCError(Status.DEADLINE_EXCEEDED, str(error)) from error
        log.exception("a method failed")
        raise GRPCError(Status.UNKNOWN, str(error) or type(error).__name__) from error


def _status(name: str) -> Status:
    return Status.__members__.get(name, Status.UNKNOWN)
