"""A command handed to an executor plugin, and what came back."""

import msgspec

from botkube.model.command import Incoming
from botkube.model.message import Message
from botkube.model.plugin import PluginKey
from botkube.model.rbac import Rbac
from botkube.model.routes import Channel


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """A command for an executor plugin, with everything it may need to know.

    `state` is what the elements of the message hold, in the form that plugins read.
    """

    key: PluginKey
    command: str
    configs: tuple[bytes, ...]
    incoming: Incoming
    channel: Channel
    rbac: Rbac | None = None
    help: bool = False
    state: bytes = b""


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What an executor plugin returned."""

    message: Message
    messages: tuple[Message, ...] = ()


class PluginStatus(msgspec.Struct, frozen=True, kw_only=True):
    """A plugin's state as `list executors` shows it; `retry_in` seconds one that was given up is tried again."""

    status: str = "Not started"
    reason: str = ""
    retry_in: float | None = None
    restarts: int = 0
    threshold: int = 10
    last_restart: str = ""
