"""The classes an author derives a plugin from: one async method and a typed configuration."""

import re
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from typing import ClassVar, Final, Generic, TypeAlias, TypeVar, get_args

import msgspec
import trio

from botkube.model.message import Message
from botkube.runtime.override import override
from botkube.sdk.build import plaintext
from botkube.sdk.event import Emit, Event
from botkube.sdk.request import ExecuteInput, ExternalInput, StreamInput
from botkube.wire.errors import CallError

Config = TypeVar("Config")
Reply: TypeAlias = Message | str | tuple[Message, ...]
"""What a command is answered with: text becomes a code block that can be filtered."""


_NAME: Final = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?")
_PLATFORM: Final = re.compile(r"[a-z0-9]+/[a-z0-9]+")


class NoConfig(msgspec.Struct, frozen=True):
    """The configuration of a plugin that has none."""


class Plugin(ABC, Generic[Config]):
    """What executors and sources have in common; derive from one of them."""

    name: ClassVar[str]
    """The first word of its commands, and its name in a configuration: small letters, digits, `-`."""
    version: ClassVar[str]
    """A semantic version, such as 1.0.0."""
    description: ClassVar[str]
    """One sentence for whoever looks for a plugin."""
    documentation_url: ClassVar[str] = ""
    recommended: ClassVar[bool] = False
    dependencies: ClassVar[Mapping[str, Mapping[str, str]]] = {}
    """Programs it needs: name → "os/architecture" → URL."""
    schema_url: ClassVar[str] = ""
    """Where the JSON Schema of the configuration is, if it is not to be made from its type."""
    config_type: ClassVar[type] = NoConfig
    """Set by deriving from `Executor[MyConfig]` or `Source[MyConfig]`."""

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

    streams_output: ClassVar[bool] = False
    """Whether it writes to `request.output` while a command runs."""

    @abstractmethod
    async def execute(self, request: ExecuteInput, config: Config) -> Reply:
        """Run one command; of several messages platforms without such show the first.

        Raises:
            UserError: to tell the user why it failed. The text of anything else is shown too, and logged as a fault.
        Cancellation: comes when the user cancels, the deadline passed, or the host stops the plugin.
        """

    async def help(self) -> Message:
        """Return what `<plugin> help` shows; the description, if it is not replaced."""
        return plaintext(self.description)


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
        """Turn an incoming webhook call into an event.

        Raises:
            UserError: to tell the caller what is wrong with it.
        Cancellation: comes when the host stops the plugin.
        """
        del request, config
        raise CallError("UNIMPLEMENTED", f"{self.name} takes no external requests")


class WebhookSource(Source[Config]):
    """A source that reports nothing by itself: its events are made from webhook calls alone."""

    @override
    async def stream(self, request: StreamInput, config: Config, emit: Emit) -> None:
        """Stay open, as hosts want it, and emit nothing."""
        del request, config, emit
        await trio.sleep_forever()

    @override
    @abstractmethod
    async def handle_external_request(self, request: ExternalInput, config: Config) -> Event:
        """Turn an incoming webhook call into an event; `request.decode` reads it.

        Raises:
            UserError: to tell the caller what is wrong with it.
        Cancellation: comes when the host stops the plugin.
        """


def check_plugin(plugin: Plugin[Config]) -> None:
    """Say what an index or a host would not take of a plugin.

    Raises:
        ValueError: something; the text names the class and the attribute.
    """
    for problem in _problems(plugin):
        raise ValueError(f"{type(plugin).__name__}.{problem}")


def _problems(plugin: Plugin[Config]) -> Iterator[str]:
    for needed in ("name", "version", "description"):
        if not getattr(plugin, needed, ""):
            yield f"{needed} is missing: every plugin has one"
    if not _NAME.fullmatch(plugin.name):
        yield f"name is {plugin.name!r}, expected small letters, digits and -, such as my-plugin"
    for program, urls in plugin.dependencies.items():
        for platform, url in urls.items():
            if not url or not _PLATFORM.fullmatch(platform):
                yield f"dependencies[{program!r}] has {platform!r}: {url!r}, expected such as 'linux/amd64': 'https://…'"
