"""Plain messages that run a command without a mention: which ones, and what they run. Pure."""

from collections.abc import Sequence
from typing import Final

import msgspec

from botkube.bots.slack.hearing.inbound import Said
from botkube.model.pattern import matches
from botkube.model.routes import Channel

LONGEST: Final = 4000  # characters that are looked at: what a pattern takes grows with them
_DONE: Final = "white_check_mark"


class Trigger(msgspec.Struct, frozen=True, kw_only=True):
    """A command for messages of a channel. `channel` has the executors that it may use."""

    channel: Channel
    command: str
    include: tuple[str, ...]
    exclude: tuple[str, ...] = ()
    users: frozenset[str] = frozenset()  # whose messages do not count
    done: str = _DONE


class Room(msgspec.Struct, frozen=True, kw_only=True):
    """A configured channel with its triggers."""

    channel: Channel
    triggers: tuple[Trigger, ...] = ()


def triggered(said: Said, triggers: Sequence[Trigger]) -> Trigger | None:
    """The first trigger that a message pulls."""
    text = said.raw[:LONGEST]
    for trigger in triggers:
        if said.user not in trigger.users and _wanted(text, trigger):
            return trigger
    return None


def excluded_users(entries: Sequence[str]) -> frozenset[str]:
    """The ids of a configured list, whose entries are `ID` or `ID:label`."""
    return frozenset(entry.partition(":")[0].strip() for entry in entries)


def _wanted(text: str, trigger: Trigger) -> bool:
    """Exclude is looked at first, but for what is blank in it; an empty include allows nothing."""
    if any(_fits(pattern, text) for pattern in trigger.exclude if pattern.strip()):
        return False
    return any(_fits(pattern, text) for pattern in trigger.include)


def _fits(pattern: str, text: str) -> bool:
    """As in the original (pkg/config/config.go, RegexConstraints.IsAllowed): the very text, or a pattern found in it."""
    return pattern == text or matches(pattern, text)
