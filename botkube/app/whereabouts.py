"""Where people meet an instance: what it says of that when it is up, and to who comes to a page it does not have. Pure."""

from collections.abc import Iterable
from typing import Final

from botkube.app.build import BOT, Plan

SHOWN: Final = 3  # channels that are named
_NOWHERE: Final = (
    "nor another chat: enable communications.<group>.playground or .socketSlack to talk to it"
)


def without_page(plan: Plan) -> str:
    """Why there is no page and where to talk instead; no channels, since anybody may read it."""
    names = ", ".join(slack.name for slack in plan.slacks)
    if not names:
        return f"no playground is configured, {_NOWHERE}"
    return f"no playground is configured: in Slack ({names}) say {BOT} help"


def first_steps(plan: Plan, url: str, doctor: str) -> list[str]:
    """What to do next with an instance without a page; `doctor` is the command that looks at Slack."""
    lines = [
        f"In Slack ({slack.name}: {_rooms(c.name for c in slack.channels)}) say: {BOT} help"
        for slack in plan.slacks
    ]
    lines.append(f"Whether everything works: {url}/readyz")
    if plan.slacks:
        return [*lines, f"If Slack does not answer: {doctor}"]
    return [f"It takes no commands: no playground is configured, {_NOWHERE}", *lines]


def _rooms(names: Iterable[str]) -> str:
    listed = [f"#{name.removeprefix('#')}" for name in names]
    more = f" and {len(listed) - SHOWN} more" if len(listed) > SHOWN else ""
    return ", ".join(listed[:SHOWN]) + more
