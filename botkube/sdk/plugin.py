"""The classes an author derives a plugin from: one async method and a typed configuration."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import ClassVar, Generic, TypeVar, get_args

import msgspec

from botkube.model.message import Message
from botkube.runtime.override import override
from botkube.sdk.event import Emit, Event
from botkube.sdk.request import ExecuteInput, ExternalInput, StreamInput
from botkube.wire.errors import CallError

Config = TypeVar("Config")


class NoConfig(msgspec.Struct, frozen=True):
    """The configuration of a plugin that has none."""


class Plugin(ABC, Generic[Config]):
    """What executors and sources have in common; derive from one of them."""

    name: ClassVar[str]
    version: ClassVar[str]
    description: ClassVar[str]
    documentation_url: ClassVar[str] = ""
    recommended: ClassVar[bool] = False
    dependencies: ClassVar[Mapping[str, Mapping[str, str]]] = {}
    """Programs it needs: name → "os/architecture" → URL."""
    config_type: ClassVar[type] = NoConfig

    @override
    def __init_subclass__(cls) -> None:
        """Take the configuration type from `Executor[MyConfig]`."""
        super().__init_subclass__()
        for base in getattr(cls, "__orig_bases__", ()):
            for argument in get_args(base)[:1]:
                if not isinstance(argument, TypeVar):
                    cls.config_type = argument


class Executor(Plugin[Config]):
    """Answers commands. One object serves all calls, several at a time."""

    @abstractmethod
    async def execute(self, request: ExecuteInput, config: Config) -> Message | str:
        """Run one command; text is shown as a code block that can be filtered.

        Raise UserError to tell the user why it failed.
        Cancellation: comes when the user's deadline passed or the host stops the plugin.
        """

    async def help(self) -> Message:
        """Return what `<plugin> help` shows."""
        return Message()


class Source(Plugin[Config]):
    """Reports events. One object serves all streams, several at a time."""

    external_request_schema: ClassVar[str] = ""
    """JSON Schema of the webhook's payload; empty if the source takes no webhook calls."""

    @abstractmethod
    async def stream(self, request: StreamInput, config: Config, emit: Emit) -> None:
        """Emit events until cancelled; returning ends the stream, and the host opens another.

        Cancellation: comes when the host closes the stream or stops the plugin.
        """

    async def handle_external_request(self, request: ExternalInput, config: Config) -> Event:
        """Turn an incoming webhook call into an event."""
        del request, config
        raise CallError("UNIMPLEMENTED", f"{self.name} takes no external requests")
