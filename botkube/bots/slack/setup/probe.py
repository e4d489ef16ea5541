"""Asks Slack what `findings` judges: it changes nothing there, and holds a socket for no longer than its first frame."""

from collections.abc import Callable, Mapping
from typing import Final

import msgspec
from msgspec.structs import replace

from botkube.bots.slack.calling.api import auth_test, connections_open, list_conversations
from botkube.bots.slack.calling.outcome import Later, Ok, Outcome
from botkube.bots.slack.calling.web import Answered, SlackWeb, WebSettings, open_web
from botkube.bots.slack.setup.findings import APP, BOT, wrong_kind
from botkube.bots.slack.setup.hello import first_hello
from botkube.bots.slack.setup.seen import Found, Seen, Token
from botkube.runtime.websocket import Door

PAGES: Final = 50  # of channels; Slack lists up to 999 on each


async def probe(seen: Seen, settings: WebSettings, door: Door, wall: Callable[[], float]) -> Seen:
    """Return what was known, with what Slack answers added. Nothing is raised: a failure is a thing seen.

    Each call has the settings' timeout, in seconds; the socket as `first_hello` says.
    Cancellation: connections are closed.
    """
    async with open_web(settings, door.context) as web:
        seen = await _bot(web, seen, wall)
        if isinstance(seen.bot.outcome, Later) and not seen.bot.outcome.limited:
            return seen  # the rest would only wait as long again, and say the same
        seen = await _channels(web, seen)
        return await _app(web, seen, door)


async def _bot(web: SlackWeb, seen: Seen, wall: Callable[[], float]) -> Seen:
    if wrong_kind(BOT, seen.bot.kind):
        return seen
    before = wall()
    answered = await web.ask(auth_test())
    return replace(seen, bot=_token(seen.bot, answered), now=(before + wall()) / 2)


def _token(token: Token, answered: Answered) -> Token:
    given = answered.headers.get("x-oauth-scopes")
    scopes = None if given is None else frozenset(filter(None, map(str.strip, given.split(","))))
    date = answered.headers.get("date", "")
    return replace(token, outcome=answered.outcome, scopes=scopes, date=date)


async def _channels(web: SlackWeb, seen: Seen) -> Seen:
    if not isinstance(seen.bot.outcome, Ok):
        return seen
    found: list[Found] = []
    cursor = ""
    for _ in range(PAGES):
        answer = await web.call(list_conversations(cursor))
        if not isinstance(answer, Ok):
            return replace(seen, found=tuple(found), unlisted=answer)
        found += _listed(answer.data)
        cursor = answer.text("response_metadata", "next_cursor")
        if not cursor:
            return replace(seen, found=tuple(found))
    many: Outcome = Later(reason=f"the workspace has more than {len(found)} channels")
    return replace(seen, found=tuple(found), unlisted=many)


def _listed(data: Mapping[str, object]) -> list[Found]:
    try:
        return msgspec.convert(data.get("channels", []), list[Found])
    except msgspec.ValidationError:
        return []


async def _app(web: SlackWeb, seen: Seen, door: Door) -> Seen:
    if wrong_kind(APP, seen.app.kind):
        return seen
    answered = await web.ask(connections_open())
    seen = replace(seen, app=_token(seen.app, answered))
    if not isinstance(answered.outcome, Ok):
        return seen
    said = await first_hello(door, answered.outcome.text("url"))
    return replace(seen, no_hello=said) if isinstance(said, str) else replace(seen, hello=said)
