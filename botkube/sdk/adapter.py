"""Joins an author's plugin to the wire: requests become typed input, replies and failures become wire messages."""

import logging
from collections.abc import Awaitable, Callable
from typing import Final, Generic, TypeVar

from botkube.model.message import Message
from botkube.sdk.build import code_block
from botkube.sdk.check import checked_message
from botkube.sdk.config import decode_configs
from botkube.sdk.errors import failures_shown
from botkube.sdk.event import Event, encode_event
from botkube.sdk.output import SILENT, Output
from botkube.sdk.parse import HelpAsked
from botkube.sdk.plugin import Executor, Plugin, Reply, Source
from botkube.sdk.request import execute_input, external_input, stream_input
from botkube.sdk.schema import json_schema
from botkube.wire.messages import (
    ExecuteRequest,
    ExecuteResponse,
    ExternalRequest,
    Metadata,
    StreamRequest,
)

log = logging.getLogger(__name__)

Config = TypeVar("Config")

_MOST_MESSAGES: Final = 15


class ExecutorAdapter(Generic[Config]):
    """An executor as the wire's server wants it."""

    def __init__(self, plugin: Executor[Config]) -> None:
        self._plugin = plugin

    async def execute(self, request: ExecuteRequest) -> ExecuteResponse:
        """Run one command.

        Raises:
            CallError: the plugin failed; its text is for the user.
        """
        return await self._execute(request, SILENT)

    async def _execute(self, request: ExecuteRequest, output: Output) -> ExecuteResponse:
        with failures_shown():
            config: Config = decode_configs(request.configs, self._plugin.config_type)
            try:
                reply = await self._plugin.execute(execute_input(request, output), config)
            except HelpAsked as asked:
                reply = str(asked)
            return _response(reply)

    async def help(self) -> bytes:
        """Return the help message.

        Raises:
            CallError: the plugin failed.
        """
        with failures_shown():
            return checked_message(await self._plugin.help())

    async def metadata(self) -> Metadata:
        """Say what the plugin is."""
        return _metadata(self._plugin, external_request_schema=None)


class StreamingAdapter(ExecutorAdapter[Config]):
    """An executor that has something to say while a command runs."""

    async def execute_stream(
        self, request: ExecuteRequest, send: Callable[[bytes], Awaitable[None]]
    ) -> ExecuteResponse:
        """Run one command, sending what it writes to its output.

        Raises:
            CallError: the plugin failed; its text is for the user.
        """
        return await self._execute(request, Output(send))


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


def _response(reply: Reply) -> ExecuteResponse:
    if isinstance(reply, tuple):
        several = tuple(map(checked_message, reply))
        if len(several) > _MOST_MESSAGES:
            text = "a reply has %d messages: the original's hosts show %d and drop the rest"
            log.warning(text, len(several), _MOST_MESSAGES)
        return ExecuteResponse(message=checked_message(Message()), messages=several)
    message = code_block(reply) if isinstance(reply, str) else reply
    return ExecuteResponse(message=checked_message(message))


def _metadata(plugin: Plugin[Config], *, external_request_schema: str | None) -> Metadata:
    return Metadata(
        version=plugin.version,
        description=plugin.description,
        json_schema="" if plugin.schema_url else json_schema(plugin.config_type),
        schema_ref_url=plugin.schema_url,
        documentation_url=plugin.documentation_url,
        recommended=plugin.recommended,
        dependencies=plugin.dependencies,
        external_request_schema=external_request_schema,
    )
