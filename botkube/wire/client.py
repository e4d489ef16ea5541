"""The host's side of a plugin: typed calls over one channel. Every failure of a call is a CallError.

A channel belongs to one life of a plugin process; it stops with the block that opened it.
"""

import math
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, closing
from typing import Generic, TypeVar

import msgspec

from botkube.wire import codec, methods
from botkube.wire.errors import CallError, calls_translated
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
from botkube.wire.transport.channel import Call, Channel, open_channel

T = TypeVar("T")


class Incoming(Generic[T]):
    """The messages of an open server stream, for `async for`; ends when the plugin ends the stream well.

    Raises (from iteration):
        CallError: any other end.
    """

    def __init__(self, call: Call, decode: Callable[[bytes], T | None]) -> None:
        self._call = call
        self._decode = decode

    def __aiter__(self) -> "Incoming[T]":
        return self

    async def __anext__(self) -> T:
        with calls_translated():
            while (data := await self._call.receive()) is not None:
                message = self._decode(data)
                if message is not None:
                    return message
        raise StopAsyncIteration


class PluginClient:
    """Calls to one running plugin.

    A call with one answer takes the surrounding deadline, and the plugin is told of it; a stream is open for as
    long as its block. All raise CallError; cancelling one tells the plugin.
    """

    def __init__(self, channel: Channel) -> None:
        self._channel = channel

    async def execute(self, request: ExecuteRequest) -> ExecuteResponse:
        """Run a command."""
        encoded = check_size(request, codec.encode_execute(request))
        return await self._call(methods.EXECUTE, encoded, codec.decode_execute_response)

    async def help(self) -> bytes:
        """The JSON of an executor's help message."""
        return await self._call(methods.HELP, b"", codec.decode_blob)

    async def executor_metadata(self) -> Metadata:
        """What an executor says about itself."""
        from botkube.wire import metadata  # noqa: PLC0415 - costly, and running plugins are never asked

        return await self._call(methods.EXECUTOR_METADATA, b"", metadata.decode_executor_metadata)

    async def source_metadata(self) -> Metadata:
        """What a source says about itself."""
        from botkube.wire import metadata  # noqa: PLC0415 - costly, and running plugins are never asked

        return await self._call(methods.SOURCE_METADATA, b"", metadata.decode_source_metadata)

    def stream(self, request: StreamRequest) -> AbstractAsyncContextManager[Incoming[bytes]]:
        """Open an event stream: the JSON of each event."""
        encoded = codec.encode_stream_request(request)
        return self._open(methods.STREAM, encoded, codec.decode_blob, request)

    async def handle_external_request(self, request: ExternalRequest) -> bytes:
        """Let a source turn an HTTP request into an event; its JSON."""
        encoded = check_size(request, codec.encode_external(request))
        return await self._call(methods.EXTERNAL, encoded, codec.decode_blob)

    async def check_health(self) -> None:
        """Return if the plugin answers; like go-plugin's host, whatever it answers."""
        request = codec.encode_health_request(methods.HEALTH_SERVICE)
        await self._call(methods.HEALTH, request, bytes)

    async def shutdown(self) -> None:
        """Ask the plugin to end. Existing plugins drop the connection instead of answering: that is success."""
        try:
            await self._call(methods.SHUTDOWN, b"", bytes)
        except CallError as error:
            if error.status != "UNAVAILABLE":
                raise

    def stdio(self) -> AbstractAsyncContextManager[Incoming[StdioChunk]]:
        """Open the mirror of what the plugin's code prints. Read it always: some plugins block otherwise."""
        return self._open(methods.STDIO, b"", codec.decode_stdio, None)

    async def _call(self, path: str, request: bytes, decode: Callable[[bytes], T]) -> T:
        with calls_translated():
            return decode(await self._channel.unary(path, request))

    @asynccontextmanager
    async def _open(
        self,
        path: str,
        encoded: bytes,
        decode: Callable[[bytes], T | None],
        request: msgspec.Struct | None,
    ) -> AsyncGenerator[Incoming[T]]:
        if request is not None:
            check_size(request, encoded)
        with calls_translated():
            call = await self._channel.open(path, encoded, math.inf)
        with closing(call):
            yield Incoming(call, decode)


@asynccontextmanager
async def open_client(
    handshake: Handshake, *, max_response: int = MAX_RESPONSE
) -> AsyncGenerator[PluginClient]:
    """Connect to the plugin behind a handshake. The body's exceptions come out bare.

    Raises:
        CallError: nobody answers at its address.
    """
    network, address = handshake.network, handshake.address
    async with open_channel(network, address, max_message=max_response) as channel:
        yield PluginClient(channel)
