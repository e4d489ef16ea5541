"""The host's side of a plugin: typed calls over one channel. Every failure of a call is a CallError.

A channel belongs to one life of a plugin process; it stops with the block that opened it. Calls are made with the
generated messages, but not by the generated stubs: the constructor of these hides the method `metadata`, and a stream
that is left early would be reset only when its generator is collected.
"""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Generic, TypeVar

from grpclib.const import Cardinality

from botkube._proto import executor, plugin, source
from botkube._proto.grpc.health import v1 as health
from botkube.wire import codec, methods
from botkube.wire.codec import Encoded, Event, StreamReply, Unread
from botkube.wire.errors import BadAnswer, CallError, calls_translated
from botkube.wire.handshake import Handshake
from botkube.wire.limits import MAX_RESPONSE, check_size
from botkube.wire.messages import (
    ExecuteRequest,
    ExecuteResponse,
    ExternalRequest,
    Metadata,
    StdioChunk,
    StreamRequest,
)
from botkube.wire.metadata import read_metadata
from botkube.wire.transport.calls import Call
from botkube.wire.transport.channel import Channel, open_channel

T = TypeVar("T")
R = TypeVar("R")


class Incoming(Generic[T]):
    """The messages of an open server stream, for `async for`; ends when the plugin ends the stream well.

    Raises (from iteration):
        CallError: any other end.
    """

    def __init__(self, receive: Callable[[], Awaitable[T | None]], limit_name: str) -> None:
        self._receive = receive
        self._limit_name = limit_name

    def __aiter__(self) -> "Incoming[T]":
        return self

    async def __anext__(self) -> T:
        with calls_translated(self._limit_name):
            message = await self._receive()
        if message is None:
            raise StopAsyncIteration
        return message


class PluginClient:
    """Calls to one running plugin.

    A call with one answer takes the surrounding deadline, and the plugin is told of it; a stream is open for as
    long as its block. All raise CallError; cancelling one tells the plugin.
    """

    def __init__(self, channel: Channel, limit_name: str = "") -> None:
        self._channel = channel
        self._limit_name = limit_name
        self.streams_output = False

    async def discover(self) -> None:
        """Find out what the plugin has beyond the original's services: sets `streams_output`.

        It is asked, never tried: a command must not run twice because the first way was not there.
        """
        request = health.HealthCheckRequest(service=methods.STREAMING_SERVICE)
        try:
            await self._call(methods.HEALTH, request, Unread, _ignore)
        except CallError:
            return
        self.streams_output = True

    @asynccontextmanager
    async def execute_stream(
        self, request: ExecuteRequest
    ) -> AsyncGenerator["Incoming[StreamReply]"]:
        """Run a command that sends output as it comes: output, and in the last reply the result."""
        encoded = Encoded(check_size(request, codec.encode_execute(request)))
        async with self._open(methods.EXECUTE_STREAM, encoded, StreamReply) as call:
            yield Incoming(call.recv_message, self._limit_name)

    async def execute(self, request: ExecuteRequest) -> ExecuteResponse:
        """Run a command."""
        encoded = Encoded(check_size(request, codec.encode_execute(request)))
        return await self._call(
            methods.EXECUTE, encoded, executor.ExecuteResponse, codec.read_execute_response
        )

    async def help(self) -> bytes:
        """The JSON of an executor's help message."""
        reply = executor.HelpResponse
        return await self._call(methods.HELP, executor.Empty(), reply, codec.read_help)

    async def executor_metadata(self) -> Metadata:
        """What an executor says about itself."""
        path, reply = methods.EXECUTOR_METADATA, executor.MetadataResponse
        return await self._call(path, executor.Empty(), reply, read_metadata)

    async def source_metadata(self) -> Metadata:
        """What a source says about itself."""
        path, reply = methods.SOURCE_METADATA, source.MetadataResponse
        return await self._call(path, source.Empty(), reply, read_metadata)

    @asynccontextmanager
    async def stream(self, request: StreamRequest) -> AsyncGenerator[Incoming[bytes]]:
        """Open an event stream: the JSON of each event."""
        encoded = Encoded(check_size(request, bytes(codec.stream_request(request))))
        async with self._open(methods.STREAM, encoded, Event) as call:

            async def receive() -> bytes | None:
                event = await call.recv_message()
                return None if event is None else event.data

            yield Incoming(receive, self._limit_name)

    async def handle_external_request(self, request: ExternalRequest) -> bytes:
        """Let a source turn an HTTP request into an event; its JSON."""
        encoded = Encoded(check_size(request, bytes(codec.external_request(request))))
        return await self._call(
            methods.EXTERNAL, encoded, source.ExternalRequestResponse, codec.read_event
        )

    async def check_health(self) -> None:
        """Return if the plugin answers; like go-plugin's host, whatever it answers."""
        request = health.HealthCheckRequest(service=methods.HEALTH_SERVICE)
        await self._call(methods.HEALTH, request, Unread, _ignore)

    async def shutdown(self) -> None:
        """Ask the plugin to end. Existing plugins drop the connection instead of answering: that is success."""
        try:
            await self._call(methods.SHUTDOWN, plugin.Empty(), Unread, _ignore)
        except CallError as error:
            if error.status != "UNAVAILABLE":
                raise

    @asynccontextmanager
    async def stdio(self) -> AsyncGenerator[Incoming[StdioChunk]]:
        """Open the mirror of what the plugin's code prints. Read it always: some plugins block otherwise."""
        async with self._open(methods.STDIO, plugin.Empty(), plugin.StdioData) as call:

            async def receive() -> StdioChunk | None:
                while (data := await call.recv_message()) is not None:
                    if (chunk := codec.read_stdio(data)) is not None:
                        return chunk
                return None

            yield Incoming(receive, self._limit_name)

    async def _call(
        self, path: str, request: object, reply_type: type[R], read: Callable[[R], T]
    ) -> T:
        with calls_translated(self._limit_name):
            call = self._channel.request(path, Cardinality.UNARY_UNARY, type(request), reply_type)
            async with call:
                await call.send_message(request, end=True)
                reply = await call.recv_message()
                if reply is not None and await call.recv_message() is not None:
                    raise BadAnswer("INTERNAL", "several messages where one belongs")
            if reply is None:
                raise BadAnswer("INTERNAL", "no message")
            return read(reply)

    @asynccontextmanager
    async def _open(
        self, path: str, request: object, reply_type: type[R]
    ) -> AsyncGenerator[Call[object, R]]:
        call = self._channel.request(path, Cardinality.UNARY_STREAM, type(request), reply_type)
        async with call:
            with calls_translated():
                await call.send_message(request, end=True)
            yield call


@asynccontextmanager
async def open_client(
    handshake: Handshake,
    *,
    max_response: int = MAX_RESPONSE,
    limit_name: str = "",
    owner: Callable[[int], bool] | None = None,
) -> AsyncGenerator[PluginClient]:
    """Connect to the plugin behind a handshake. The body's exceptions come out bare.

    A call that is answered with more than `max_response` bytes fails, with a text that says `limit_name`.
    `owner` tells of a pid whether it may be the one that listens there: a plugin could name the socket of another
    one, which would get its calls and its Shutdown.

    Raises:
        CallError: nobody answers at its address, or somebody else.
    """
    async with open_channel(
        handshake.network, handshake.address, max_message=max_response, owner=owner
    ) as channel:
        yield PluginClient(channel, limit_name)


def _ignore(_: object) -> None:
    pass
