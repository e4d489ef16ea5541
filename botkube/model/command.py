"""A command on its way in, and the reply on its way out. Plain data: no bot object, no connection."""

from enum import StrEnum

import msgspec

from botkube.model.message import Message


class Outcome(StrEnum):
    """How a command ended."""

    OK = "ok"
    FAILED = "failed"
    REFUSED = "refused"
    TIMEOUT = "timeout"
    CANCELLED = "cancelled"


class Origin(StrEnum):
    """How a command was given."""

    TYPED = "typed"
    BUTTON = "buttonClick"
    SELECT = "selectValueChange"
    MULTI_SELECT = "multiSelectValueChange"
    INPUT = "plainTextInput"
    AUTOMATION = "automation"
    UNKNOWN = "unknown"


class Address(msgspec.Struct, frozen=True, kw_only=True):
    """Where a reply goes. `platform` is `<group>-<platform>`, `channel` the platform's own key."""

    platform: str
    channel: str
    thread: str = ""

    @property
    def key(self) -> str:
        """The channel as one text, threads aside."""
        return f"{self.platform}:{self.channel}"


class User(msgspec.Struct, frozen=True, kw_only=True):
    """Who asked. `mention` is how the platform's own text names them."""

    name: str
    mention: str = ""


class Incoming(msgspec.Struct, frozen=True, kw_only=True):
    """One command said to the bot; `text` no longer has the mention. `id` names it in the journal."""

    id: str
    text: str
    user: User
    address: Address
    origin: Origin = Origin.TYPED
    state: bytes = b""  # JSON of what the message's elements hold, see model/slackstate.py
    message: str = ""  # the message whose element was used, when it was not typed
    trail: bytes = b""  # what the platform itself needs to answer, in a form of its own


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """A result worth keeping: the command as it ran, and its whole message as JSON."""

    command: str
    message: bytes


class Partial(msgspec.Struct, frozen=True, kw_only=True):
    """What is shown of a command that still runs; the reply takes its place."""

    message: Message
    description: str = ""


class Reply(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to a command. `silent`: a plugin asked that nothing be shown."""

    message: Message = msgspec.field(default_factory=Message)
    messages: tuple[Message, ...] = ()
    header: str = ""
    description: str = ""
    outcome: Outcome = Outcome.OK
    silent: bool = False
    kept: Kept | None = None
