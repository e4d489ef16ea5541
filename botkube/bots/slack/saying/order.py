"""In which order commands were given: who asks two things at once gets the answers in that order.

A command that takes long does not hold up the answers to later ones. Times are the caller's. Pure.
"""

from typing import Final

import msgspec

GRACE: Final = 0.25  # seconds that an answer waits for that to an earlier command of its thread
MOST: Final = 2000  # commands: more than are accepted at once


class _Given(msgspec.Struct, frozen=True):
    place: tuple[str, str]
    number: int
    at: float


class Order:
    """The commands that were given and are not answered."""

    def __init__(self) -> None:
        self._given: dict[str, _Given] = {}
        self._number = 0

    def begin(self, command: str, place: tuple[str, str], now: float) -> None:
        """A command was given in a channel and thread."""
        self._forget()
        self._number += 1
        self._given[command] = _Given(place, self._number, now)

    def end(self, command: str) -> int:
        """It has its answer; returns its number, 0 if it is not known (any more)."""
        given = self._given.pop(command, None)
        return given.number if given else 0

    def wait(self, number: int, place: tuple[str, str], now: float) -> float:
        """Seconds that the answer to that command of a channel and thread is to wait for an earlier one."""
        ends = [
            given.at + GRACE
            for given in self._given.values()
            if given.place == place and given.number < number
        ]
        return max(max(ends, default=now) - now, 0.0)

    def _forget(self) -> None:
        """Not what took long: its answer would go before all others."""
        while len(self._given) >= MOST:
            del self._given[next(iter(self._given))]
