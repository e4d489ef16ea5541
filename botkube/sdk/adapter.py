"""Joins an author's plugin to the wire: requests become typed input, replies and failures become wire messages."""

from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

from botkube.model.message import Message, encode_message
from botkube.sdk.build import code_block
from botkube.sdk.config import config_schema, decode_configs
from botkube.sdk.errors import failures_shown
from botkube.sdk.event import Event, encode_event
from botkube.sdk.plugin import Executor, Plugin, Source
from botkube.sdk.request import execute_input, external_input, stream_input
from botkube.wire.messages import (
    ExecuteRequest,
    ExecuteResponse,
    ExternalRequest,
    Metadata,
    StreamRequest,
)

Config = TypeVar("Config")


class ExecutorAdapter(Generic[Config]):
    """An executor as the wire's server wants it."""

    def __init__(self, plugin: Executor[Config]) -> None:
        self._plugin = plugin

    async def execute(self, request: ExecuteRequest) -> ExecuteResponse:
        """Run one command.

        Raises:
            CallError: the plugin failed; its text is for the user.
        """
        with failures_shown():
            config: Config = decode_configs(request.configs, self._plugin.config_type)
            reply = await self._plugin.execute(execute_input(request), config)
            return ExecuteResponse(message=encode_message(_as_message(reply)))

    async def help(self) -> bytes:
        """Return the help message.

        Raises:
            CallError: the plugin failed.
        """
        with failures_shown():
            return encode_message(await self._plugin.help())

    async def metadata(self) -> Metadata:
        """Say what the plugin is."""
        return _metadata(self._plugin, external_request_schema=None)


class SourceAdapter(Generic[Config]):
    """A source as the wire's server wants it."""

    def __init__(self, plugin: Source[Config]) -> None:
        self._plugin = plugin

    async def stream(
        self, request: StreamRequest, send: Callable[[bytes], Awaitable[None]]
    ) -> None:
        """Send events until cancelled.

        Raises:
            CallError: the plugin failed.
        """

        async def emit(event: Event) -> None:
            await send(encode_event(event))

        with failures_shown():
            config: Config = decode_configs(request.configs, self._plugin.config_type)
            await self._plugin.stream(stream_input(request), config, emit)

    async def handle_external_request(self, request: ExternalRequest) -> bytes:
        """Turn a webhook call into an event.

        Raises:
            CallError: the plugin failed or takes none.
        """
        with failures_shown():
            config: Config = decode_configs((request.config,), self._plugin.config_type)
            event = await self._plugin.handle_external_request(external_input(request), config)
            return encode_event(event)

    async def metadata(self) -> Metadata:
        """Say what the plugin is."""
        return _metadata(
            self._plugin, external_request_schema=self._plugin.external_request_schema or None
        )


def _as_message(reply: Message | str) -> Message:
    return code_block(reply) if isinstance(reply, str) else reply


def _metadata(plugin: Plugin[Config], *, external_request_schema: str | None) -> Metadata:
    return Metadata(
        version=plugin.version,
        description=plugin.description,
        json_schema=config_schema(plugin.config_type),
        documentation_url=plugin.documentation_url,
        recommended=plugin.recommended,
        dependencies=plugin.dependencies,
        external_request_schema=external_request_schema,
    )
