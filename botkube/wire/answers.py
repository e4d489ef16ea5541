"""The methods of a plugin process as functions of a call: decode, ask the service, encode."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import TypeVar

import trio

from botkube.wire import codec, methods
from botkube.wire.errors import CallError, calls_translated
from botkube.wire.messages import StdioChunk
from botkube.wire.services import ExecutorService, SourceService
from botkube.wire.transport.listener import Method, ServerCall

T = TypeVar("T")


def executor_methods(service: ExecutorService) -> Mapping[str, Method]:
    """`executor.Executor`."""

    async def execute(data: bytes) -> bytes:
        request = _decoded(codec.decode_execute, data)
        return codec.encode_execute_response(await service.execute(request))

    async def help_(_: bytes) -> bytes:
        return codec.encode_blob(await service.help())

    async def metadata(_: bytes) -> bytes:
        from botkube.wire.metadata import encode_executor_metadata  # noqa: PLC0415 - costly, rarely asked

        return encode_executor_metadata(await service.metadata())

    return {
        methods.EXECUTE: _unary(execute),
        methods.HELP: _unary(help_),
        methods.EXECUTOR_METADATA: _unary(metadata),
    }


def source_methods(service: SourceService) -> Mapping[str, Method]:
    """`source.Source`."""

    async def stream(call: ServerCall) -> None:
        request = _decoded(codec.decode_stream_request, await _request(call))

        async def send(event: bytes) -> None:
            await call.send(codec.encode_blob(event))

        await service.stream(request, send)

    async def external(data: bytes) -> bytes:
        request = _decoded(codec.decode_external, data)
        return codec.encode_blob(await service.handle_external_request(request))

    async def metadata(_: bytes) -> bytes:
        from botkube.wire.metadata import encode_source_metadata  # noqa: PLC0415 - costly, rarely asked

        return encode_source_metadata(await service.metadata())

    return {
        methods.STREAM: stream,
        methods.EXTERNAL: _unary(external),
        methods.SOURCE_METADATA: _unary(metadata),
    }


def common_methods(
    *,
    stop: Callable[[], None],
    arm_exit: Callable[[], None],
    stdio: AsyncIterator[StdioChunk] | None,
) -> Mapping[str, Method]:
    """What every go-plugin process answers: health, shutdown, mirrored output, broker."""

    async def shutdown(call: ServerCall) -> None:
        arm_exit()
        try:
            await call.send(b"")
            await call.finish()
        finally:
            stop()

    async def mirror(call: ServerCall) -> None:
        if stdio is None:
            await trio.sleep_forever()
        else:
            async for chunk in stdio:
                await call.send(codec.encode_stdio(chunk))

    return {
        methods.HEALTH: _health,
        methods.SHUTDOWN: shutdown,
        methods.STDIO: mirror,
        methods.BROKER: _silent,
    }


async def _health(call: ServerCall) -> None:
    service = _decoded(codec.decode_health_request, await _request(call))
    if service not in {"", methods.HEALTH_SERVICE}:
        raise CallError("NOT_FOUND", "unknown service")
    await call.send(codec.encode_serving())


async def _silent(call: ServerCall) -> None:
    while await call.receive() is not None:
        pass


def _unary(answer: Callable[[bytes], Awaitable[bytes]]) -> Method:
    async def method(call: ServerCall) -> None:
        await call.send(await answer(await _request(call)))

    return method


async def _request(call: ServerCall) -> bytes:
    data = await call.receive()
    if data is None:
        raise CallError("INTERNAL", "the request has no message")
    return data


def _decoded(decode: Callable[[bytes], T], data: bytes) -> T:
    with calls_translated():
        return decode(data)
