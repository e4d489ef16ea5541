"""What a plugin process answers: the generated service bases, filled in with the services of a plugin.

Server streams, and what has to act behind its answer, are put into `__mapping__` as grpclib handlers: the generated
async generators would end only when they are collected, long after the caller has left.
"""

from collections.abc import AsyncIterator, Callable, Mapping

import trio
from grpclib.const import Cardinality, Handler, Status
from grpclib.exceptions import GRPCError
from grpclib.server import Stream

from botkube._proto import executor, plugin, source
from botkube._proto.botkube.plugin import v1
from botkube._proto.grpc.health import v1 as health
from botkube.runtime.override import override
from botkube.wire import codec, methods
from botkube.wire.errors import calls_translated
from botkube.wire.messages import StdioChunk
from botkube.wire.metadata import executor_metadata, source_metadata
from botkube.wire.services import ExecutorService, SourceService, StreamingService

_SERVING = health.HealthCheckResponseServingStatus.from_string("SERVING")


class ExecutorAnswers(executor.ExecutorBase):
    """`executor.Executor`."""

    def __init__(self, service: ExecutorService) -> None:
        self._service = service

    @override
    async def execute(self, execute_request: executor.ExecuteRequest) -> executor.ExecuteResponse:
        """Run a command."""
        with calls_translated():
            request = codec.read_execute(execute_request)
        return codec.execute_response(await self._service.execute(request))

    @override
    async def help(self, empty: executor.Empty) -> executor.HelpResponse:  # noqa: ARG002 - its signature
        """The help message."""
        return executor.HelpResponse(help=await self._service.help())

    @override
    async def metadata(self, empty: executor.Empty) -> executor.MetadataResponse:  # noqa: ARG002
        """What the plugin says about itself."""
        return executor_metadata(await self._service.metadata())


class StreamingAnswers(v1.StreamingExecutorBase):
    """`botkube.plugin.v1.StreamingExecutor`."""

    def __init__(self, service: StreamingService) -> None:
        self._service = service

    @override
    def __mapping__(self) -> dict[str, Handler]:
        kind = Cardinality.UNARY_STREAM
        handler = Handler(self._execute, kind, executor.ExecuteRequest, codec.StreamReply)
        return {methods.EXECUTE_STREAM: handler}

    async def _execute(self, stream: Stream[executor.ExecuteRequest, codec.StreamReply]) -> None:
        message = await stream.recv_message()
        assert message is not None  # noqa: S101 - one request is always there
        with calls_translated():
            request = codec.read_execute(message)

        async def send(output: bytes) -> None:
            await stream.send_message(codec.StreamReply(output=output))

        result = await self._service.execute_stream(request, send)
        await stream.send_message(codec.StreamReply(result=result))


class SourceAnswers(source.SourceBase):
    """`source.Source`."""

    def __init__(self, service: SourceService) -> None:
        self._service = service

    @override
    async def handle_external_request(
        self, external_request: source.ExternalRequest
    ) -> source.ExternalRequestResponse:
        """Turn an HTTP request into an event."""
        with calls_translated():
            request = codec.read_external_request(external_request)
        event = await self._service.handle_external_request(request)
        return source.ExternalRequestResponse(event=event)

    @override
    async def metadata(self, empty: source.Empty) -> source.MetadataResponse:  # noqa: ARG002
        """What the plugin says about itself."""
        return source_metadata(await self._service.metadata())

    @override
    def __mapping__(self) -> dict[str, Handler]:
        stream = Handler(
            self._stream, Cardinality.UNARY_STREAM, source.StreamRequest, codec.Encoded
        )
        return {**super().__mapping__(), methods.STREAM: stream}

    async def _stream(self, stream: Stream[source.StreamRequest, codec.Encoded]) -> None:
        message = await stream.recv_message()
        assert message is not None  # noqa: S101 - one request is always there
        with calls_translated():
            request = codec.read_stream_request(message)

        async def send(event: bytes) -> None:
            await stream.send_message(codec.encode_event(event))

        await self._service.stream(request, send)


class HealthAnswers(health.HealthBase):
    """`grpc.health.v1.Health`: all is well while there is an answer, for each service that is offered."""

    def __init__(self, services: frozenset[str]) -> None:
        self._services = services

    @override
    async def check(
        self, health_check_request: health.HealthCheckRequest
    ) -> health.HealthCheckResponse:
        """Whether a service is well."""
        if health_check_request.service not in self._services:
            raise GRPCError(Status.NOT_FOUND, "unknown service")
        return health.HealthCheckResponse(status=_SERVING)


class ControllerAnswers(plugin.GrpcControllerBase):
    """`plugin.GRPCController`: answers first, since a host waits for the answer without limit."""

    def __init__(self, *, stop: Callable[[], None], arm_exit: Callable[[], None]) -> None:
        self._stop = stop
        self._arm_exit = arm_exit

    @override
    def __mapping__(self) -> dict[str, Handler]:
        unary = Cardinality.UNARY_UNARY
        return {methods.SHUTDOWN: Handler(self._shutdown, unary, plugin.Empty, plugin.Empty)}

    async def _shutdown(self, stream: Stream[plugin.Empty, plugin.Empty]) -> None:
        self._arm_exit()
        try:
            await stream.send_message(plugin.Empty())
            await stream.send_trailing_metadata()
        finally:
            self._stop()


class StdioAnswers(plugin.GrpcStdioBase):
    """`plugin.GRPCStdio`: mirrors what the plugin's code prints, or stays silent."""

    def __init__(self, chunks: AsyncIterator[StdioChunk] | None) -> None:
        self._chunks = chunks

    @override
    def __mapping__(self) -> dict[str, Handler]:
        handler = Handler(self._mirror, Cardinality.UNARY_STREAM, plugin.Empty, plugin.StdioData)
        return {methods.STDIO: handler}

    async def _mirror(self, stream: Stream[plugin.Empty, plugin.StdioData]) -> None:
        if self._chunks is None:
            await trio.sleep_forever()
        else:
            async for chunk in self._chunks:
                await stream.send_message(codec.stdio_data(chunk))


class BrokerAnswers(plugin.GrpcBrokerBase):
    """`plugin.GRPCBroker`: silent until the host ends it."""

    @override
    def __mapping__(self) -> dict[str, Handler]:
        handler = Handler(self._silent, Cardinality.STREAM_STREAM, plugin.ConnInfo, plugin.ConnInfo)
        return {methods.BROKER: handler}

    async def _silent(self, stream: Stream[plugin.ConnInfo, plugin.ConnInfo]) -> None:
        while await stream.recv_message() is not None:
            pass


def common_methods(
    *,
    stop: Callable[[], None],
    arm_exit: Callable[[], None],
    stdio: AsyncIterator[StdioChunk] | None,
    offered: frozenset[str] = frozenset({"", methods.HEALTH_SERVICE}),
) -> Mapping[str, Handler]:
    """What every go-plugin process answers: health, shutdown, mirrored output, broker."""
    services = (
        HealthAnswers(offered),
        ControllerAnswers(stop=stop, arm_exit=arm_exit),
        StdioAnswers(stdio),
        BrokerAnswers(),
    )
    return {path: handler for each in services for path, handler in each.__mapping__().items()}
