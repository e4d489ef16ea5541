"""Tests a plugin through the real protocol: the harness starts it as a process, as a host does, and asks it.

```python
async def test_it_greets() -> None:
    async with PluginHarness.start("hello.py") as plugin:
        answer = await plugin.execute("hello you")
        assert answer.text == "Hello, you!"
```
"""

import os
import sys
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Final, TypeAlias, TypeVar

import msgspec

from botkube.model.errors import BotkubeError
from botkube.model.message import Message, decode_message
from botkube.sdk.calls import (
    Answer,
    Collected,
    Config,
    OneConfig,
    State,
    documents,
    read_answer,
    read_event,
    slack_state,
)
from botkube.sdk.event import Event
from botkube.sdk.hosting import Hosted, PluginGone, open_hosted
from botkube.sdk.request import MessageContext, User
from botkube.wire.client import Incoming, PluginClient
from botkube.wire.errors import CallError
from botkube.wire.messages import (
    ExecuteRequest,
    ExecuteResponse,
    ExternalRequest,
    Metadata,
    StreamRequest,
)

__all__ = ["Answer", "CallFailed", "Config", "Events", "PluginGone", "PluginHarness", "State"]

T = TypeVar("T")
Program: TypeAlias = "str | os.PathLike[str] | Sequence[str]"

_KEPT_LINES: Final = 1000


class CallFailed(BotkubeError):
    """The plugin answered a call with an error; its text is what the person in the chat sees."""

    reason = "plugin"


class Events:
    """The events of an open stream, for `async for` or `await anext(events)`.

    Raises (from iteration):
        CallFailed: the plugin ended the stream with an error.
        PluginGone: its process ended.
    """

    def __init__(
        self, incoming: Incoming[bytes], explained: Callable[[CallError], Awaitable[Exception]]
    ) -> None:
        self._incoming = incoming
        self._explained = explained

    def __aiter__(self) -> "Events":
        return self

    async def __anext__(self) -> Event:
        try:
            return read_event(await anext(self._incoming))
        except CallError as error:
            raise await self._explained(error) from error


class PluginHarness:
    """A running plugin that answers to a test; made by `start`.

    Every call raises CallFailed if the plugin answers with an error, and PluginGone if its process ends meanwhile. Calls
    may run at the same time. None has a time limit of its own: use `trio.fail_after`. Cancelling one tells the plugin.
    """

    def __init__(self, hosted: Hosted, client: PluginClient, log: deque[str]) -> None:
        self._hosted = hosted
        self._client = client
        self.log = log
        """The newest 1000 lines that the plugin wrote to its log, or printed."""

    @classmethod
    @asynccontextmanager
    async def start(
        cls,
        program: Program,
        *,
        env: Mapping[str, str] | None = None,
        dependencies: str | os.PathLike[str] | None = None,
        on_log: Callable[[str], None] | None = None,
    ) -> "AsyncGenerator[PluginHarness]":
        """Start a plugin, and end it with the block; what the block raises comes out bare.

        `program` is an executable, a `.py` file (run by this Python), or a command line as a list. `env` is added to the few
        variables that hosts pass on; `LOG_LEVEL_X` sets its log level. `dependencies` is the folder of its programs,
        `on_log` gets each line of its log.

        Raises:
            PluginGone: it does not start, or is no plugin.
        Cancellation: leaving asks the plugin to end, and kills it after 2 s.
        """
        log: deque[str] = deque(maxlen=_KEPT_LINES)

        def keep(line: str) -> None:
            log.append(line)
            if on_log is not None:
                on_log(line)

        folder = {} if dependencies is None else {"PLUGIN_DEPENDENCY_DIR": os.fspath(dependencies)}
        async with open_hosted(_argv(program), {**folder, **(env or {})}, keep) as (hosted, client):
            yield cls(hosted, client, log)

    @property
    def pid(self) -> int:
        """The number of its process."""
        return self._hosted.pid

    async def execute(  # noqa: PLR0913  # a command comes with that much around it, all optional and named
        self,
        command: str,
        config: Config = None,
        *,
        interactive: bool = True,
        user: User | None = None,
        message: MessageContext | None = None,
        state: State | None = None,
        kube_config: bytes = b"",
        webhook_base_url: str = "",
        on_output: Callable[[str], None] | None = None,
    ) -> Answer:
        """Run a command, the plugin's name first; `on_output` gets its output as it comes.

        Cancellation: the plugin's `execute` is cancelled.
        """
        who, where = user or User(), message or MessageContext()
        request = ExecuteRequest(
            command=command,
            configs=documents(config),
            interactive=interactive,
            slack_state=slack_state(state),
            kube_config=kube_config,
            text=where.text,
            url=where.url,
            parent_activity_id=where.parent_activity_id,
            mention=who.mention,
            display_name=who.display_name,
            webhook_base_url=webhook_base_url,
        )
        output = Collected(on_output)
        response = await self._asked(self._execute(request, output))
        return read_answer(response, output.text)

    async def help(self) -> Message:
        """Ask for the help message of an executor."""
        return decode_message(await self._asked(self._client.help()))

    async def metadata(self) -> Metadata:
        """Ask what the plugin is: version, description, JSON Schema, dependencies."""
        try:
            return await self._client.executor_metadata()
        except CallError:
            return await self._asked(self._client.source_metadata())

    @asynccontextmanager
    async def stream(  # likewise
        self,
        config: Config = None,
        *,
        interactive: bool = True,
        cluster_name: str = "",
        source_name: str = "",
        kube_config: bytes = b"",
        webhook_full_url: str = "",
    ) -> AsyncGenerator[Events]:
        """Open an event stream, and close it with the block."""
        request = StreamRequest(
            configs=documents(config),
            interactive=interactive,
            cluster_name=cluster_name,
            source_name=source_name,
            kube_config=kube_config,
            webhook_full_url=webhook_full_url,
        )
        async with self._client.stream(request) as incoming:
            yield Events(incoming, self._explained)

    async def handle_external_request(
        self,
        payload: object,
        config: OneConfig | None = None,
        *,
        interactive: bool = True,
        cluster_name: str = "",
        source_name: str = "",
    ) -> Event:
        """Make a webhook call; a payload that is not bytes is sent as JSON."""
        request = ExternalRequest(
            payload=payload if isinstance(payload, bytes) else msgspec.json.encode(payload),
            config=b"".join(documents(config)),
            interactive=interactive,
            cluster_name=cluster_name,
            source_name=source_name,
        )
        return read_event(await self._asked(self._client.handle_external_request(request)))

    async def _execute(self, request: ExecuteRequest, output: Collected) -> ExecuteResponse:
        if not self._client.streams_output:
            return await self._client.execute(request)
        async with self._client.execute_stream(request) as replies:
            async for reply in replies:
                output.take(reply.output)
                if reply.result is not None:
                    return reply.result
        raise CallError("INTERNAL", "the plugin ended its output without a result")

    async def _asked(self, call: Awaitable[T]) -> T:
        try:
            return await call
        except CallError as error:
            raise await self._explained(error) from error

    async def _explained(self, error: CallError) -> Exception:
        if error.status == "UNAVAILABLE":
            return await self._hosted.gone("The plugin stopped while it was asked.")
        return CallFailed(error.message or error.status)


def _argv(program: Program) -> Sequence[str]:
    if not isinstance(program, str | os.PathLike):
        return program
    path = os.path.abspath(program)  # noqa: PTH100 - a text stays a text
    interpreted = path.endswith(".py") and not getattr(sys, "frozen", False)
    return [sys.executable, path] if interpreted else [path]
