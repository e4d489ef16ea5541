"""When a failing plugin is worth a word in the chat: one when it does not come back, one when it is over. Pure.

An outage begins with a failure and is over when everything of the plugin has worked for a while. A plugin that
fails again soon has to work the longer until it counts as well, so that a crash loop is one outage however
long it goes on. One that fails once or twice and is back at once is worth no word.
"""

import math
from typing import Final, Literal, TypeAlias

import msgspec

GRACE: Final = 5.0  # seconds within which it may be back without a word
OFTEN: Final = 3  # failures in one outage that are worth a word however short they are
CALM: Final = 3.0  # seconds it has to work to be well
LONGEST_CALM: Final = 60.0  # and at most, if it keeps failing

Then: TypeAlias = Literal["retried", "parked", "ends"]
"""What follows a failure: it is tried again, it is given up for now, or the program ends."""


class Failure(msgspec.Struct, frozen=True, kw_only=True):
    """One failure of a part of a plugin: its process, or one of its streams."""

    part: str
    at: float
    then: Then
    reason: str
    lines: tuple[str, ...] = ()  # the last of its stderr
    retry_at: float = math.inf
    ready_for: float = 0.0  # how long the part had worked


class Outage(msgspec.Struct, frozen=True, kw_only=True):
    """A plugin that does not work, or has not for long enough."""

    began: float
    last: Failure
    down: frozenset[str]  # the parts that do not work now
    failures: int = 1
    up_at: float = math.inf  # since when all parts work again
    calm: float = CALM
    told: bool = False
    over: bool = False


class Broken(msgspec.Struct, frozen=True):
    """To be told: the plugin does not work."""

    outage: Outage


class Back(msgspec.Struct, frozen=True):
    """To be told: the plugin works again, after so many seconds."""

    after: float


Notice: TypeAlias = Broken | Back


def failed(outage: Outage | None, failure: Failure) -> Outage:
    """The outage that a failure begins or goes on with."""
    if outage is not None and not _is_over(outage, failure.at):
        return msgspec.structs.replace(
            outage,
            last=failure,
            down=outage.down | {failure.part},
            failures=outage.failures + 1,
            up_at=math.inf,
            calm=max(outage.calm, _calm_after(failure.ready_for)),
            told=outage.told and failure.then != "ends",  # that is one more thing to tell
        )
    # Its first failure says nothing about how long its runs last; the next ones do.
    calm = CALM if outage is None else _calm_after(failure.ready_for)
    return Outage(began=failure.at, last=failure, down=frozenset({failure.part}), calm=calm)


def works(outage: Outage, part: str, at: float) -> Outage:
    """The outage after a part has come back."""
    if part not in outage.down:
        return outage
    down = outage.down - {part}
    return msgspec.structs.replace(outage, down=down, up_at=math.inf if down else at)


def next_look(outage: Outage) -> float:
    """When `judge` has something to decide; never, if nothing happens."""
    if outage.over:
        return math.inf
    well_at = outage.up_at + outage.calm
    return well_at if outage.told else min(well_at, _tell_at(outage))


def judge(outage: Outage, now: float) -> tuple[Outage, Notice | None]:
    """The outage from now on, and what is to be told now; of one that is over nothing any more."""
    if outage.over:
        return outage, None
    if outage.up_at + outage.calm <= now:
        over = msgspec.structs.replace(outage, over=True)
        return over, Back(outage.up_at - outage.began) if outage.told else None
    if outage.told or now < _tell_at(outage):
        return outage, None
    told = msgspec.structs.replace(outage, told=True)
    return told, Broken(told)


def _tell_at(outage: Outage) -> float:
    if outage.down and outage.last.then != "retried":
        return outage.last.at
    if outage.failures >= OFTEN:
        return outage.last.at
    return outage.began + GRACE if outage.down else math.inf


def _is_over(outage: Outage, now: float) -> bool:
    return outage.over or (not outage.told and outage.up_at + outage.calm <= now)


def _calm_after(ready_for: float) -> float:
    """How long it has to work after a run that failed; one that lasted long is no loop."""
    return max(CALM, min(2 * ready_for, LONGEST_CALM)) if ready_for < LONGEST_CALM else CALM
