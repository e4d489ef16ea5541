"""Does one step: the calls that it takes, and what is done instead where Slack refuses something.

Knows no order between steps and retries nothing: what is `Later` is the caller's, who comes again with the same `Way`.
"""

import logging
from typing import Final, TypeAlias

import msgspec

from botkube.bots.slack.calling import api
from botkube.bots.slack.calling.api import Call
from botkube.bots.slack.calling.directory import Directory, Failure
from botkube.bots.slack.calling.outcome import AuthFailed, Later, NoChannel, Ok, Outcome, Refused
from botkube.bots.slack.calling.paced import PacedApi
from botkube.bots.slack.calling.rates import Lane, Turn
from botkube.bots.slack.drawing.escape import code, fence
from botkube.bots.slack.drawing.limits import FENCE, FENCE_END, TEXT, pieces
from botkube.bots.slack.drawing.pack import Post
from botkube.bots.slack.drawing.render import File
from botkube.bots.slack.saying.steps import Edit, Open, Respond, Say, Share, Step, as_text

log = logging.getLogger(__name__)

REPLIES: Final = Turn(lane=Lane.REPLY)
EVENTS: Final = Turn(lane=Lane.EVENT)
_TOO_MUCH: Final = frozenset(
    {
        *("invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long", "msg_too_long"),
        *("invalid_arguments", "no_text"),
    }
)
_GONE: Final = frozenset({"message_not_found", "cant_update_message", "edit_window_closed"})
_MOVED: Final = frozenset({"channel_not_found", "is_archived"})  # its name may be another's
_NO_FILES: Final = "files:write"
_SPOKEN: Final = "@Botkube"


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """Where a message goes: a channel's id, or a user's; `said`, in `said_in`: what a file is put below."""

    channel: str
    said: str = ""
    said_in: str = ""


class Way:
    """Where steps go, and what is left of the one that was begun: what it said already is not said again."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.left: tuple[Step, ...] = ()


# What became of it, the place for what comes next, and what is to be done in its stead.
_Done: TypeAlias = tuple[Outcome, Place, tuple[Step, ...]]


class Carrier:
    """Does steps in one workspace. `turn`: whose they are."""

    def __init__(self, paced: PacedApi, directory: Directory, turn: Turn = REPLIES) -> None:
        self._paced = paced
        self._directory = directory
        self._turn = turn

    async def place(self, channel: str, said: str = "") -> Place | Failure:
        """The place that a channel is, by its id or its name; `said`: what was said there already.

        Cancellation: nothing is lost.
        """
        found = await self._directory.id_of(channel)
        if not isinstance(found, str):
            return found
        return Place(channel=found, said=said, said_in=found if said else "")

    async def carry(self, step: Step, way: Way) -> Outcome:
        """Do a step, or what is left of it if it was begun on this way before.

        Cancellation: it may have been done, or a part of it, which the way knows of but for the call under way.
        """
        left: tuple[Step, ...] = way.left or (step,)
        while left:
            result, way.place, instead = await self._do(left[0], way.place)
            if isinstance(result, NoChannel) and result.code in _MOVED:
                self._directory.forget(way.place.channel)
            if not isinstance(result, Ok):
                return result
            left = way.left = (*instead, *left[1:])
        return Ok()

    async def _do(self, step: Step, place: Place) -> _Done:
        match step:
            case Say():
                return await self._say(step, place)
            case Edit():
                return await self._edit(step, place)
            case Respond():
                return await self._respond(step, place)
            case Open():
                return await self._open(step, place)
            case Share():
                return await self._share(step, place)

    async def _call(self, call: Call) -> Outcome:
        return await self._paced.call(call, self._turn)

    async def _say(self, step: Say, place: Place) -> _Done:
        result = await self._call(_saying(step, place))
        if isinstance(result, Refused) and result.code == "thread_not_found" and step.thread:
            return _instead(place, msgspec.structs.replace(step, thread=""))
        plain = as_text(step) if _is_too_much(result) else ()
        if plain:
            log.warning("a message was refused and goes as plain text: %s", _why(result))
            return _instead(place, *plain)
        return result, _said(place, result, step.user), ()

    async def _edit(self, step: Edit, place: Place) -> _Done:
        result = await self._call(api.update(place.channel, step.ts, step.post))
        plain = as_text(step) if _is_too_much(result) else ()
        if plain:
            return _instead(place, *plain)
        if isinstance(result, Refused) and (result.code in _GONE or _is_too_much(result)):
            return _instead(place, Say(post=step.post, thread=step.thread))
        return result, _placed(place, step.ts) if isinstance(result, Ok) else place, ()

    async def _respond(self, step: Respond, place: Place) -> _Done:
        """The URL works five times in half an hour; afterwards the message is changed as any other."""
        result = await self._call(api.respond(step.url, step.post, replace=True))
        if isinstance(result, Ok):
            return result, _placed(place, step.message), ()
        if isinstance(result, Later):
            return result, place, ()
        if step.message:
            return _instead(place, Edit(ts=step.message, post=step.post, thread=step.thread))
        return _instead(place, Say(post=step.post, thread=step.thread, user=step.user))

    async def _open(self, step: Open, place: Place) -> _Done:
        result = await self._call(api.open_view(step.trigger, step.view))
        if isinstance(result, Ok | AuthFailed) or not step.otherwise:
            return result, place, ()
        log.warning("a form could not be opened and goes as a message: %s", _why(result))
        return _instead(place, *step.otherwise)

    async def _share(self, step: Share, place: Place) -> _Done:
        thread = step.thread or (place.said if step.below else "")
        channel = place.said_in if step.below and place.said_in else place.channel
        result = await self._upload(step.file, channel, thread)
        if not isinstance(result, Refused) and not _lacks_files(result):
            return result, place, ()
        log.warning("a file could not be shared and goes as messages: %s", _why(result))
        texts = spelled(step.file)
        return _instead(place, *(Say(post=Post(text=t), thread=thread, to=channel) for t in texts))

    async def _upload(self, file: File, channel: str, thread: str) -> Outcome:
        content = file.content.encode("utf-8", "replace")
        given = await self._call(api.upload_url(file.name, content))
        if not isinstance(given, Ok):
            return given
        stored = await self._call(api.upload(given.text("upload_url"), content))
        if not isinstance(stored, Ok):
            return stored
        return await self._call(
            api.complete_upload(given.text("file_id"), file.name, channel, file.comment, thread)
        )


def spelled(file: File) -> list[str]:
    """A file as texts of messages; nothing is left out."""
    parts = pieces(code(file.content, _SPOKEN), TEXT - len(FENCE + FENCE_END))
    return [file.comment, *map(fence, parts)] if file.comment else [*map(fence, parts)]


def _instead(place: Place, *steps: Step) -> _Done:
    """Nothing was done: these take the place of the step that was refused."""
    return Ok(), place, steps


def _saying(step: Say, place: Place) -> Call:
    if step.user:
        return api.post_ephemeral(place.channel, step.user, step.post, step.thread)
    return api.post_message(step.to or place.channel, step.post, step.thread)


def _said(place: Place, result: Outcome, user: str) -> Place:
    """The place, with the first message of ours there that others see."""
    if not isinstance(result, Ok) or user:
        return place
    said_in = result.text("channel") or place.channel
    if place.said and said_in == place.said_in:
        return place
    return msgspec.structs.replace(place, said=result.text("ts"), said_in=said_in)


def _placed(place: Place, ts: str) -> Place:
    return msgspec.structs.replace(place, said=ts, said_in=place.channel) if ts else place


def _is_too_much(result: Outcome) -> bool:
    return isinstance(result, Refused) and result.code in _TOO_MUCH


def _lacks_files(result: Outcome) -> bool:
    return isinstance(result, AuthFailed) and result.scope == _NO_FILES


def _why(result: Outcome) -> str:
    if isinstance(result, Ok):
        return "done"
    return result.reason if isinstance(result, Later) else result.sentence
