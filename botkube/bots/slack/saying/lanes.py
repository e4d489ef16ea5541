"""What one channel is to be told, in its order: replies, which stay until they are told, and the newest of what
shows running commands. Holds no connection; `telling` works it off.
"""

from collections import deque
from typing import TYPE_CHECKING, Final

import trio

from botkube.bots.slack.saying.asked import Asked
from botkube.bots.slack.saying.steps import Plan
from botkube.model.command import Incoming, Partial
from botkube.runtime.doorbell import Doorbell
from botkube.store.replies import OwedReply

if TYPE_CHECKING:
    from botkube.bots.slack.saying.carry import Way

MOST_SHOWN: Final = 200  # running commands of one channel that are shown


class Entry:
    """A reply that is owed. `plan`: its steps, if nothing was shown before; `way`: how it went before, since the start."""

    def __init__(self, owed: OwedReply, plan: Plan | None = None, *, number: int = 0) -> None:
        self.owed = owed
        self.plan = plan
        self.way: Way | None = None
        self.number = number  # of its command, in the order in which they were given
        self.attempts = 0
        self.over = trio.Event()
        self.calm = trio.Event()  # it is over, or has to be tried again later
        self.answered = False
        self.meant = True  # it is for us: what is meant for another cluster gets no emoji


class Showing:
    """What is to be shown of a running command."""

    def __init__(self, incoming: Incoming, asked: Asked, partial: Partial) -> None:
        self.incoming = incoming
        self.asked = asked
        self.partial = partial


class ChannelLane:
    """One channel. `shown`: the messages that show commands, by command; `aside`: the entry that lets another pass."""

    def __init__(self, channel: str) -> None:
        self.channel = channel
        self.entries: deque[Entry] = deque()
        self.showings: dict[str, Showing] = {}
        self.shown: dict[str, str] = {}
        self.aside: Entry | None = None
        self.bell = Doorbell()

    def owe(self, entry: Entry) -> None:
        """Put a reply behind those to earlier commands; it takes the place of what shows its command."""
        self.showings.pop(entry.owed.command, None)
        place = len(self.entries)
        while place and self.entries[place - 1].number > entry.number:
            place -= 1
        self.entries.insert(place, entry)
        self.bell.ring()

    def show(self, showing: Showing) -> None:
        """The newest state of a command wins; too many are not shown."""
        if len(self.showings) < MOST_SHOWN or showing.incoming.id in self.showings:
            self.showings[showing.incoming.id] = showing
            self.bell.ring()

    @property
    def idle(self) -> bool:
        """Whether there is nothing to tell, nor a message that a reply will take the place of."""
        return not (self.entries or self.showings or self.shown)


class Lanes:
    """The channels that something is owed to; those without are forgotten."""

    def __init__(self) -> None:
        self._lanes: dict[str, ChannelLane] = {}
        self._new: deque[ChannelLane] = deque()
        self._bell = Doorbell()

    def of(self, channel: str) -> ChannelLane:
        """A channel's lane; a new one waits for somebody to work it off."""
        lane = self._lanes.get(channel)
        if lane is None:
            lane = self._lanes[channel] = ChannelLane(channel)
            self._new.append(lane)
            self._bell.ring()
        return lane

    def again(self) -> None:
        """Whoever worked them off is gone: all wait for somebody else."""
        self._new = deque(self._lanes.values())
        self._bell.ring()

    def leave(self, lane: ChannelLane) -> None:
        """Nothing is owed to a channel."""
        self._lanes.pop(lane.channel, None)

    async def next(self) -> ChannelLane:
        """A lane that nobody works off; waits for one.

        Cancellation: none is lost.
        """
        while not self._new:
            await self._bell.wait()
        await trio.lowlevel.checkpoint()
        return self._new.popleft()
