"""Plugin services whose behaviour a test chooses, and a served plugin to call them through."""

import io
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import trio

from botkube.runtime.override import override
from botkube.wire.client import PluginClient, open_client
from botkube.wire.handshake import Handshake, launch_variables, parse_handshake
from botkube.wire.messages import (
    ExecuteRequest,
    ExecuteResponse,
    ExternalRequest,
    Metadata,
    StdioChunk,
    StreamRequest,
)
from botkube.wire.server import serve_plugin
from botkube.wire.services import Send

METADATA = Metadata(version="1.2.3", description="for tests")


async def echo(request: ExecuteRequest) -> ExecuteResponse:
    """Answers with the command."""
    await trio.lowlevel.checkpoint()
    return ExecuteResponse(message=request.command.encode(), messages=request.configs)


class Executor:
    """An executor that runs commands as told."""

    def __init__(
        self,
        execute: Callable[[ExecuteRequest], Awaitable[ExecuteResponse]] = echo,
        metadata: Metadata = METADATA,
    ) -> None:
        self._execute = execute
        self._metadata = metadata

    async def execute(self, request: ExecuteRequest) -> ExecuteResponse:
        return await self._execute(request)

    async def help(self) -> bytes:
        await trio.lowlevel.checkpoint()
        return b"help"

    async def metadata(self) -> Metadata:
        await trio.lowlevel.checkpoint()
        return self._metadata


class Hanging:
    """Never answers; notes when it began and when it was cancelled."""

    def __init__(self) -> None:
        self.began = trio.Event()
        self.cancelled = trio.Event()

    async def __call__(self, _: object, __: object = None) -> ExecuteResponse:
        self.began.set()
        try:
            await trio.sleep_forever()
        finally:
            self.cancelled.set()


class Source:
    """A source that streams as told, and echoes external requests."""

    def __init__(
        self,
        stream: Callable[[StreamRequest, Send], Awaitable[object]],
        metadata: Metadata = METADATA,
    ) -> None:
        self._stream = stream
        self._metadata = metadata

    async def stream(self, request: StreamRequest, send: Send) -> None:
        await self._stream(request, send)

    async def handle_external_request(self, request: ExternalRequest) -> bytes:
        await trio.lowlevel.checkpoint()
        return request.payload

    async def metadata(self) -> Metadata:
        await trio.lowlevel.checkpoint()
        return self._metadata


class Counting:
    """Streams events of one size without end; counts those the wire has taken."""

    def __init__(self, size: int = 16 * 1024) -> None:
        self.sent = 0
        self.streams = 0
        self._event = b"x" * size

    async def __call__(self, _: StreamRequest, send: Send) -> None:
        self.streams += 1
        while True:
            await send(self._event)
            self.sent += 1


class Stdout(io.StringIO):
    """A standard output that takes one line."""

    def __init__(self, took: Callable[[str], None]) -> None:
        super().__init__()
        self._took = took

    @override
    def flush(self) -> None:
        self._took(self.getvalue())


class Served:
    """A plugin served by this very process."""

    def __init__(self, handshake: Handshake) -> None:
        self.handshake = handshake
        self.ended = trio.Event()
        self.exits_armed = 0


@asynccontextmanager
async def served(
    executor: Executor | None = None,
    source: Source | None = None,
    stdio: AsyncIterator[StdioChunk] | None = None,
) -> AsyncGenerator[Served]:
    """Serve a plugin for as long as the block."""
    with TemporaryDirectory() as folder:
        environ = {**launch_variables(), "PLUGIN_UNIX_SOCKET_DIR": folder}

        def arm_exit() -> None:
            plugin.exits_armed += 1

        async def serve(*, task_status: trio.TaskStatus[str]) -> None:
            def took(line: str) -> None:
                task_status.started(line)

            await serve_plugin(
                executor=executor,
                source=source,
                environ=environ,
                stdout=Stdout(took),
                stdio=stdio,
                arm_exit=arm_exit,
            )
            plugin.ended.set()

        async with trio.open_nursery() as nursery:
            line = await nursery.start(serve)
            plugin = Served(parse_handshake(line.encode()))
            yield plugin
            nursery.cancel_scope.cancel()
        assert list(Path(folder).iterdir()) == []


@asynccontextmanager
async def client_of(
    executor: Executor | None = None,
    source: Source | None = None,
    *,
    max_response: int = 64 * 2**20,
) -> AsyncGenerator[PluginClient]:
    """A client of a plugin served by this process."""
    async with (
        served(executor, source) as plugin,
        open_client(plugin.handshake, max_response=max_response, limit_name="the key") as client,
    ):
        yield client
