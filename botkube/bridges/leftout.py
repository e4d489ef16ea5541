"""Says in the log that events could not be read: at once, and then now and then, however many there are."""

import logging
from collections.abc import Callable
from typing import Final

from botkube.runtime.logs import fields

log = logging.getLogger(__name__)

EVERY: Final = 60.0


class LeftOut:
    """The unreadable events of one stream."""

    def __init__(self, plugin: str, source: str, now: Callable[[], float]) -> None:
        self._plugin = plugin
        self._source = source
        self._now = now
        self._since = -EVERY
        self._count = 0
        self._why = ""

    def add(self, error: Exception) -> None:
        """Count one."""
        self._count += 1
        self._why = str(error)
        if self._now() >= self._since + EVERY:
            self.tell()

    def tell(self) -> None:
        """Say how many there were since the last time, if any."""
        if not self._count:
            return
        many = "an event" if self._count == 1 else f"{self._count} events"
        text = "left out %s of the plugin %s that cannot be read, such as: %s"
        extra = fields(source=self._source, left_out=self._count)
        log.error(text, many, self._plugin, self._why, extra=extra)
        self._since, self._count = self._now(), 0
