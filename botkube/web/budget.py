"""How many bytes the bodies of all requests on one listener may hold together. Counts; never waits."""

from typing import Final

from botkube.web.http import HttpError

IN_FLIGHT: Final = 32 * 2**20


class Budget:
    """The bytes that one listener still has for bodies."""

    def __init__(self, size: int = IN_FLIGHT) -> None:
        self._left = size

    def take(self, count: int) -> None:
        """Reserve bytes for a part of a body.

        Raises:
            HttpError: 503, there are not so many left now.
        """
        if count > self._left:
            raise HttpError(503, "too much is being sent at once: try again in a moment")
        self._left -= count

    def give_back(self, count: int) -> None:
        """Bytes that were taken are free again."""
        self._left += count
