"""When a call may be made: token buckets by method, or by method and channel, and what Slack asked to wait. Pure.

Times are seconds of any steady clock, given by the caller. What notifications may use leaves something for replies,
which so go first without a queue of both.
"""

from collections.abc import Callable
from enum import IntEnum
from typing import Final

import msgspec

from botkube.bots.slack.calling.api import RATES, Call, Rate

SPARE: Final = (
    0.97  # of what Slack promises: its clock is another, and calls do not all take the same time
)
BUCKETS: Final = 1024  # more are forgotten when they are full again
CROWD: Final = 3  # channels limited at once: then it is the workspace that is
_POST: Final = "chat.postMessage"
_NOTHING: Final = 1e-9  # of a call, by which sums may be wrong

Key = tuple[str, str]


class Lane(IntEnum):
    """Whose call it is: somebody waits for replies."""

    REPLY = 0
    EVENT = 1
    EXTRA = 2  # reactions, progress: nothing is lost without them


class _Bucket:
    """What is left, and until when nothing goes."""

    def __init__(self, rate: Rate) -> None:
        self.per_second = rate.a_minute / 60 * SPARE
        # One less than promised: calls sent apart may arrive together.
        self.burst = float(max(rate.burst - 1, 1))
        self.left = self.burst
        self.at = 0.0
        self.held = 0.0

    def fill(self, now: float) -> None:
        """Note that time has passed."""
        self.left = min(self.burst, self.left + max(now - self.at, 0.0) * self.per_second)
        self.at = now

    def wait(self, now: float, spare: float) -> float:
        """Seconds until a call may go that has to leave so much."""
        self.fill(now)
        missing = 1 + spare - self.left
        return max(missing / self.per_second if missing > _NOTHING else 0.0, self.held - now, 0.0)

    def full(self, now: float) -> bool:
        """Whether it is as if new."""
        self.fill(now)
        return self.left >= self.burst and self.held <= now


class Rates:
    """The buckets of one workspace."""

    def __init__(self, rate_of: Callable[[str], Rate | None] = RATES.get) -> None:
        self._rate_of = rate_of
        self._buckets: dict[Key, _Bucket] = {}

    def wait(self, call: Call, lane: Lane, now: float) -> float:
        """Seconds until the call may be made; 0: now."""
        bucket = self._bucket(call, now)
        return bucket.wait(now, self._spare(bucket, lane)) if bucket else 0.0

    def take(self, call: Call, now: float) -> None:
        """Count a call that is being made."""
        bucket = self._bucket(call, now)
        if bucket is not None:
            bucket.fill(now)
            bucket.left -= 1

    def room(self, call: Call, lane: Lane, now: float) -> int:
        """How many such calls may be made at once."""
        bucket = self._bucket(call, now)
        if bucket is None:
            return 1
        if bucket.wait(now, 0.0) > 0:
            return 0
        return max(int(bucket.left - self._spare(bucket, lane) + _NOTHING), 0)

    def limited(self, call: Call, after: float, now: float) -> None:
        """Slack took it not and wants so many seconds without: of this channel, of several of them in all channels."""
        bucket = self._bucket(call, now)
        if bucket is None:
            return
        bucket.left, bucket.at = min(bucket.left, 0.0), now
        bucket.held = max(bucket.held, now + after)
        held = [b for key, b in self._buckets.items() if key[0] == call.method and b.held > now]
        if call.method == _POST and len(held) >= CROWD:
            for key, other in self._buckets.items():
                if key[0] == _POST:
                    other.held = max(other.held, now + after)

    def _bucket(self, call: Call, now: float) -> _Bucket | None:
        rate = self._rate_of(call.method)
        if rate is None:
            return None
        key = (call.method, call.channel if rate.each_channel else "")
        if key not in self._buckets:
            self._forget(now)
            self._buckets[key] = _Bucket(rate)
        return self._buckets[key]

    def _forget(self, now: float) -> None:
        if len(self._buckets) >= BUCKETS:
            self._buckets = {k: b for k, b in self._buckets.items() if not b.full(now)}

    @staticmethod
    def _spare(bucket: _Bucket, lane: Lane) -> float:
        """Replies may use all; others leave half of the burst, at most, to them."""
        return 0.0 if lane == Lane.REPLY else float(int(bucket.burst / 2))


class Turn(msgspec.Struct, frozen=True, kw_only=True):
    """How a call stands in line."""

    lane: Lane = Lane.REPLY
    patience: float = 30.0  # seconds that it waits for its turn at most
