"""How often Slack takes each call, as its documentation says."""

import math
from typing import Final

# Calls a minute and at once, per method; chat.postMessage per channel (docs.slack.dev/apis/web-api/rate-limits).
TIERS: Final = {
    "chat.postMessage": (60, 5),
    "chat.update": (50, 5),
    "chat.postEphemeral": (100, 10),
    "conversations.history": (50, 5),
    "conversations.info": (50, 5),
    "conversations.list": (20, 5),
    "files.getUploadURLExternal": (100, 10),
    "files.completeUploadExternal": (100, 10),
    "reactions.add": (50, 5),
    "reactions.remove": (20, 5),
    "users.info": (100, 10),
    "views.open": (100, 10),
    "apps.connections.open": (50, 10),
}


class Bucket:
    """Calls that may be made now."""

    def __init__(self, rate: tuple[int, int]) -> None:
        self.rate, self.burst = rate[0] / 60, rate[1]
        self.left, self.at = float(self.burst), -math.inf

    def wait(self, now: float) -> float:
        """Seconds to wait, 0: it was taken."""
        self.left = min(self.burst, self.left + (now - self.at) * self.rate)
        self.at = now
        if self.left >= 1 - 1e-9:
            self.left -= 1
            return 0.0
        return (1 - self.left) / self.rate
