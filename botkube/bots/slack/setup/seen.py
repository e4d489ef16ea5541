"""What is seen of an app of Slack's, before anybody judges it. Pure values."""

import msgspec

from botkube.bots.slack.calling.outcome import Outcome
from botkube.bots.slack.hearing.frames import Hello


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """A channel of the configuration."""

    alias: str
    name: str
    triggers: bool = False  # runs commands on plain messages


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """A channel as Slack lists it."""

    id: str = ""
    name: str = ""
    is_member: bool = False
    is_private: bool = False


class Token(msgspec.Struct, frozen=True, kw_only=True):
    """What may be known of a token: the kind that its first letters say, and what Slack said to it.

    `kind`: "xoxb", "xapp" …; "" if there is none, "?" if it begins otherwise. `outcome`: None if not asked.
    """

    kind: str = ""
    outcome: Outcome | None = None
    date: str = ""  # the header of the answer
    scopes: frozenset[str] | None = None  # None: the answer did not say


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that was looked at. `key` is the place in the configuration, `problem` why nothing could be asked."""

    key: str
    enabled: bool = True
    problem: str = ""
    address: str = "https://slack.com/api/"  # of the Web API, as it may be shown
    proxy: str = ""  # as it may be shown
    ca_file: str = ""
    bot: Token = Token()
    app: Token = Token()
    hello: Hello | None = None
    no_hello: str = ""  # why there is none, if a socket was tried
    wanted: tuple[Wanted, ...] = ()
    found: tuple[Found, ...] = ()
    unlisted: Outcome | None = None  # why `found` has not all of them
    now: float = 0.0  # of this machine, when the bot's token was answered
