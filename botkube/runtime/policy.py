"""How a supervised child is restarted: the decisions only, without tasks or clocks."""

import math
from collections.abc import Iterator
from random import Random
from typing import Literal, Protocol, TypeAlias

import msgspec

REASON_LENGTH = 500
MAX_EXPONENT = 64  # keeps `factor ** attempt` finite, however long a peer stays away


StateName: TypeAlias = Literal["starting", "ready", "retrying", "parked", "stopping"]
"""How a child is; `botkube.runtime.child` says what each means."""


TroubleState: TypeAlias = Literal["retrying", "auth-failed", "contended"]
"""How a part is that runs but cannot do its work now."""


class Health(Protocol):
    """Where a part that runs says why it cannot do its work now ("": it can)."""

    def __call__(self, trouble: str, state: TroubleState = "retrying", /) -> None: ...


class Fatal(Exception):
    """Raised by a child whose failure no restart can mend: the supervisor parks it at once."""


class Escalated(Exception):
    """Leaves the supervisor's block when a child with `give_up="escalate"` used up its restarts."""


class EndedUnexpectedly(Exception):
    """A permanent child returned although nobody asked it to."""


class StartTimeout(Exception):
    """A child did not call `started()` in time."""


class Backoff(msgspec.Struct, frozen=True):
    """Exponential waits between restarts; jitter only shortens, so `maximum` is never passed."""

    first: float
    maximum: float
    factor: float = 2.0
    jitter: float = 0.2

    def delay(self, attempt: int, random: Random) -> float:
        """Return the wait before restart number `attempt` (from 0) in a row."""
        exponent = min(attempt, MAX_EXPONENT)
        full = min(self.maximum, self.first * self.factor**exponent)
        return full * (1 - self.jitter * random.random())


class Policy(msgspec.Struct, frozen=True, kw_only=True):
    """What happens to a child that ends: at most `max_restarts` within `period`, then give up.

    `period=math.inf` counts for the whole life. A parked child gets one attempt every
    `parked_retry` seconds (None: only when asked to).
    """

    restart: Literal["permanent", "transient", "temporary"] = "permanent"
    max_restarts: int = 10
    period: float = 600.0
    backoff: Backoff = Backoff(0.25, 30.0)
    start_timeout: float = 60.0
    stop_grace: float = 10.0
    give_up: Literal["park", "escalate"] = "park"
    parked_retry: float | None = 300.0


class History(msgspec.Struct, frozen=True, kw_only=True):
    """What a child has been through, as far as the next decision depends on it."""

    restarts: tuple[float, ...] = ()  # when, within the period: never more than max_restarts
    in_a_row: int = 0  # restarts since the last stable run
    total: int = 0
    probation: bool = False  # came back from parked by time: the next failure parks it again


class Failure(msgspec.Struct, frozen=True, kw_only=True):
    """One failed run: why, when, and how long it had been ready before."""

    reason: str
    fatal: bool
    at: float
    ready_for: float = 0.0


class Restart(msgspec.Struct, frozen=True):
    """Run the child again after `delay`."""

    delay: float


class GiveUp(msgspec.Struct, frozen=True):
    """Restart the child no more by itself; `escalate` takes the supervisor's block down too."""

    escalate: bool


Decision = Restart | GiveUp


def decide(
    policy: Policy, history: History, failure: Failure, random: Random
) -> tuple[Decision, History]:
    """Return what to do about a failure, and the history that includes it."""
    if failure.ready_for > policy.backoff.maximum:
        history = msgspec.structs.replace(history, in_a_row=0, probation=False)
    if failure.fatal or history.probation or policy.restart == "temporary":
        return GiveUp(escalate=False), history
    recent = tuple(at for at in history.restarts if failure.at - at < policy.period)
    if len(recent) >= policy.max_restarts:
        return GiveUp(escalate=policy.give_up == "escalate"), history
    return Restart(policy.backoff.delay(history.in_a_row, random)), History(
        restarts=(*recent, failure.at), in_a_row=history.in_a_row + 1, total=history.total + 1
    )


def after_parking(history: History) -> History:
    """Return the history for a run that leaves the parked state by time: one attempt."""
    return msgspec.structs.replace(history, probation=True, total=history.total + 1)


def renewed(history: History, *, counted: bool) -> History:
    """Return the history for a run that somebody asked for: with all its restarts.

    `counted`: it takes the place of one that was to come.
    """
    return History(total=history.total + (not counted))


def parked_wait(policy: Policy) -> float:
    """Return how long a child stays parked unless somebody asks for a retry."""
    if policy.parked_retry is None or policy.restart == "temporary":
        return math.inf
    return policy.parked_retry


def is_fatal(error: BaseException) -> bool:
    """Tell whether an exception is, or contains at any depth, a `Fatal`."""
    return any(isinstance(leaf, Fatal) for leaf in _leaves(error))


def describe(error: BaseException) -> str:
    """Return an exception as one line for people: its text, or those of a group's leaves joined."""
    texts = dict.fromkeys(_text(leaf) for leaf in _leaves(error))  # ordered, without repeats
    line = "; ".join(texts)
    return line if len(line) <= REASON_LENGTH else line[: REASON_LENGTH - 1] + "…"


def _text(error: BaseException) -> str:
    text = " ".join(str(error).split())
    kind = type(error).__name__
    if not text:
        return kind
    return f"{kind}: {text}" if isinstance(error, LookupError) else text  # KeyError's is a mere key


def _leaves(error: BaseException) -> Iterator[BaseException]:
    if not isinstance(error, BaseExceptionGroup):
        yield error
        return
    for member in error.exceptions:
        yield from _leaves(member)
