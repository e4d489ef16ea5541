"""What a plugin implements to be served. Errors: a CallError reaches the host as it is, any other as UNKNOWN with its text."""

from collections.abc import Awaitable, Callable
from typing import Protocol, runtime_checkable

from botkube.wire.messages import (
    ExecuteRequest,
    ExecuteResponse,
    ExternalRequest,
    Metadata,
    StreamRequest,
)

Send = Callable[[bytes], Awaitable[None]]


class ExecutorService(Protocol):
    """What an executor plugin implements."""

    async def execute(self, request: ExecuteRequest) -> ExecuteResponse:
        """Run a command."""
        ...

    async def help(self) -> bytes:
        """The JSON of the help message."""
        ...

    async def metadata(self) -> Metadata:
        """What the plugin says about itself."""
        ...


@runtime_checkable
class StreamingService(ExecutorService, Protocol):
    """What an executor implements that has something to say while a command runs."""

    async def execute_stream(self, request: ExecuteRequest, send: Send) -> ExecuteResponse:
        """Run a command, and send output as it comes."""
        ...


class SourceService(Protocol):
    """What a source plugin implements."""

    async def stream(self, request: StreamRequest, send: Send) -> None:
        """Send the JSON of each event until done or cancelled."""
        ...

    async def handle_external_request(self, request: ExternalRequest) -> bytes:
        """The JSON of the event that an HTTP request becomes."""
        ...

    async def metadata(self) -> Metadata:
        """What the plugin says about itself."""
        ...
