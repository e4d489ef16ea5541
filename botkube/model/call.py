"""A command handed to an executor plugin, and what came back."""

import msgspec

from botkube.model.command import Incoming
from botkube.model.message import Message
from botkube.model.plugin import PluginKey
from botkube.model.routes import Channel


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """A command for an executor plugin, with everything it may need to know."""

    key: PluginKey
    command: str
    configs: tuple[bytes, ...]
    incoming: Incoming
    channel: Channel
    help: bool = False


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What an executor plugin returned."""

    message: Message
    messages: tuple[Message, ...] = ()


class PluginStatus(msgspec.Struct, frozen=True, kw_only=True):
    """A plugin's state as `list executors` shows it."""

    status: str = "Not started"
    reason: str = ""
    restarts: int = 0
    threshold: int = 10
    last_restart: str = ""
