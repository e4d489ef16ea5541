"""Delivers notifications to one playground channel: frames and "delivered" in one transaction, so each
event appears exactly once, whatever happens to the process.
"""

import sqlite3
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Final

from botkube.bots.playground.body import event_body
from botkube.bots.playground.feed import Feed
from botkube.model.delivery import Delivered, Delivery, Outcome
from botkube.model.frame import Frame, NewFrame
from botkube.model.ids import new_id
from botkube.model.message import Message, encode_message
from botkube.store import frames, outbox
from botkube.store.database import Database

# One event goes to several channels at about the same time: its body is made once, unless keeping
# a thousand like it would fill memory.
_cached_body = lru_cache(maxsize=1024)(event_body)
SMALL: Final = 8 * 1024
EMPTY: Final = encode_message(Message())  # what a plugin says that has only taken note of something


class ChannelNotifier:
    """The notifier of one channel."""

    def __init__(
        self, database: Database, feed: Feed, channel: str, wall: Callable[[], float]
    ) -> None:
        self._database = database
        self._feed = feed
        self._channel = channel
        self._wall = wall

    async def deliver(self, window: Sequence[Delivery]) -> Sequence[Outcome]:
        """Write the whole window; what another write had settled already is not written again.

        An event without a message is delivered by not being shown, as on the original's platforms.


        Raises:
            StorageError: nothing of the window was written.
        Cancellation: the window is written as a whole or not at all.
        """
        now = self._wall()
        target = window[0].target
        new = [(item.id, self._frame(item, now)) for item in window if item.message != EMPTY]

        def job(connection: sqlite3.Connection) -> list[Frame]:
            pending = outbox.take(connection, target, [item.id for item in window])
            return frames.insert_many(
                connection, [frame for delivery, frame in new if delivery in pending]
            )

        await self._database.do(job, self._feed.publish_all)
        return [Delivered(settled=True)] * len(window)

    def _frame(self, delivery: Delivery, now: float) -> NewFrame:
        return NewFrame(
            type="message",
            channel=self._channel,
            id=new_id(),
            at=now,
            body=_body(delivery.message, delivery.event_id),
        )


def _body(message: bytes, event_id: str) -> bytes:
    make = _cached_body if len(message) <= SMALL else event_body
    return make(message, event_id)
