"""What became of an attempt to connect → what is said of it, and when to try again. Pure."""

from random import Random
from typing import Final

import msgspec

from botkube.bots.slack.calling.outcome import AuthFailed, Later, Ok, Outcome
from botkube.runtime.policy import TroubleState

DISABLED: Final = (
    "Socket Mode is switched off for the app: switch it on under Socket Mode at api.slack.com/apps."
)
CROWDED: Final = "the app has ten sockets already, the most that Slack allows: stop other programs with its appToken"
NO_HELLO: Final = "Slack did not say hello within {seconds:g} s"


class Pace(msgspec.Struct, frozen=True, kw_only=True):
    """Seconds. `ask`: until a question without an answer is asked again beside it, `asks` times in all; `hello`: from a
    URL to a socket that works; `most`: between attempts to reach Slack; `busy`: where
    Slack says that it cannot; `fatal`: between probes of what somebody has to put right; `confirm`, `look`: until
    other sockets of the app are counted again, at first and while there are some; `ghost`: that Slack may go on
    counting a socket of ours which has gone silent: it misses it no sooner than we do.
    """

    ask: float = 3.0
    asks: int = 10
    hello: float = 10.0
    first: float = 1.0
    most: float = 4.0
    busy: float = 30.0
    fatal: float = 60.0
    calm: float = 60.0  # a socket that lived so long was no failure
    confirm: float = 5.0
    look: float = 60.0
    ghost: float = 60.0


class Trouble(msgspec.Struct, frozen=True, kw_only=True):
    """Why there is no socket, and how long until the next attempt."""

    state: TroubleState
    reason: str
    wait: float


def no_url(found: Outcome, attempt: int, pace: Pace, random: Random) -> Trouble | None:
    """Of a call that was to lead to a socket; none if it went well. `attempt`: failures before, in a row."""
    match found:
        case Ok():
            return None
        case AuthFailed(sentence=sentence):
            return Trouble(state="auth-failed", reason=sentence, wait=pace.fatal)
        case Later(reason=reason, after=after, limited=limited, status=status):
            slow = limited or after > 0 or status > 0
            most = pace.busy if slow else pace.most
            wait = max(backoff(attempt, pace.first, most, random), after)
            return Trouble(state="retrying", reason=reason, wait=wait)
        case _:
            wait = backoff(attempt, pace.first, pace.busy, random)
            return Trouble(state="retrying", reason=found.sentence, wait=wait)


def lost(reason: str, attempt: int, pace: Pace, random: Random) -> Trouble:
    """Of a socket that ended; `reason` is a sentence, or one of Slack's words for why it disconnects."""
    if reason == "link_disabled":
        return Trouble(state="auth-failed", reason=DISABLED, wait=pace.fatal)
    if reason == "too_many_websockets":
        return Trouble(state="contended", reason=CROWDED, wait=pace.fatal)
    wait = backoff(attempt, pace.first, pace.most, random)
    return Trouble(state="retrying", reason=reason, wait=wait)


def backoff(attempt: int, first: float, most: float, random: Random) -> float:
    """The wait before the next attempt: full jitter at first, so that many do not come back together, then half."""
    if attempt == 0:
        return first * random.random()
    full = min(most, first * 2.0 ** min(attempt, 32))
    return full * (1 - 0.5 * random.random())
