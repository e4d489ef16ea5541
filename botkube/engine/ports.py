"""What the engine needs from the rest of the program. Adapters fit these by shape; the type checker
verifies it where `app` plugs them in.
"""

from collections.abc import Sequence
from typing import Protocol

from botkube.model.call import Answer, Call
from botkube.model.command import Incoming, Partial, Reply
from botkube.model.delivery import Delivery, Outcome
from botkube.model.event import Routed
from botkube.model.message import Message
from botkube.model.routes import Channel


class Progress(Protocol):
    """Takes the output of a command while it runs."""

    def output(self, data: bytes) -> None:
        """Append to what the user sees; never waits."""
        ...


class Executor(Protocol):
    """Runs commands in plugins."""

    async def execute(self, call: Call, progress: Progress) -> Answer:
        """Run the call.

        Raises:
            PluginRefused: the plugin answered with an error; its text is for the user.
            PluginUnavailable: the plugin is not running or died.
            Overloaded: too many commands wait for it.
        """
        ...


class Replier(Protocol):
    """Answers a command on the platform it came from."""

    def working(self, incoming: Incoming) -> None:
        """Show that the command is being worked on; never blocks."""
        ...

    async def progress(self, incoming: Incoming, partial: Partial) -> None:
        """Show how far a command is; the final reply takes the place of what is shown.

        Raises:
            StorageError: it was not shown.
        """
        ...

    async def finish(self, incoming: Incoming, reply: Reply) -> bool:
        """Send the one final reply and close the journal; False when it was closed already.

        Raises:
            StorageError: nothing was stored or sent; try again.
        """
        ...


class Results(Protocol):
    """The kept results of earlier commands."""

    async def newest(self, channel: Channel, command: str) -> Message | None:
        """The newest kept result of this very command in this channel."""
        ...


class Switches(Protocol):
    """Which channels have their notifications muted by a user."""

    def muted(self, channel: Channel) -> bool:
        """Whether notifications are off there now."""
        ...

    async def switch(self, channel: Channel, *, muted: bool) -> None:
        """Turn them off or on; on disk before it returns.

        Raises:
            StorageError: nothing was changed.
        """
        ...


class Outbox(Protocol):
    """Notifications on disk."""

    async def put(self, routed: Sequence[Routed]) -> None:
        """Store events with their deliveries; they count as received when this returns.

        Raises:
            StorageError: nothing was stored.
        """
        ...

    async def window(self, target: str, limit: int) -> Sequence[Delivery]:
        """The next pending deliveries of a target, oldest first.

        Raises:
            StorageError: the store cannot be read.
        """
        ...

    async def settle(self, results: Sequence[tuple[Delivery, Outcome]]) -> None:
        """Record what became of each delivery.

        Raises:
            StorageError: nothing was recorded.
        """
        ...


class Notifier(Protocol):
    """Delivers notifications to one target."""

    async def deliver(self, window: Sequence[Delivery]) -> Sequence[Outcome]:
        """Send deliveries in order; returns one outcome each, at most as many as were tried.

        Raises:
            PeerError: nothing of the window was sent; try again later.
        """
        ...
