"""Delivers notifications to one channel of Slack: one by one while Slack takes them so fast, else many in one message.

What is begun is gone on with: a message that was sent is not sent again because its file was not taken.
"""

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Final

from botkube.bots.slack.calling import api
from botkube.bots.slack.calling.directory import Failure
from botkube.bots.slack.calling.outcome import AuthFailed, Later, NoChannel, Ok, Refused
from botkube.bots.slack.calling.paced import PacedApi
from botkube.bots.slack.calling.rates import Lane
from botkube.bots.slack.drawing.digest import digest, one_by_one
from botkube.bots.slack.drawing.pack import Post
from botkube.bots.slack.drawing.render import Outgoing
from botkube.bots.slack.saying.carry import Carrier, Place, Way
from botkube.bots.slack.saying.steps import Plan, of_message
from botkube.model.delivery import Delivered, Delivery, Outcome, Rejected, Retry
from botkube.model.errors import AuthError, PeerError, ProtocolError
from botkube.model.message import decode_message

log = logging.getLogger(__name__)

WINDOW: Final = 1000  # deliveries taken at once: what waits in a storm becomes few messages
NO_CHANNEL: Final = 60.0  # seconds until a channel that cannot be used is tried again
BROKEN: Final = Refused(code="broke", sentence="It could not be drawn; the log says why.")

Keep = Callable[[Mapping[str, str]], Awaitable[None]]


class _Bundle:
    """Deliveries that are told together, and how far they are. No plan: they cannot be told."""

    def __init__(self, window: Sequence[Delivery], plan: Plan | None) -> None:
        self.ids = tuple(item.id for item in window)
        self.plan = plan
        self.done = 0
        self.way: Way | None = None

    def begins(self, window: Sequence[Delivery]) -> bool:
        """Whether it is what comes first in a window."""
        return self.ids == tuple(item.id for item in window[: len(self.ids)])


class SlackNotifier:
    """The notifier of one channel, by its name or id. `keep` stores what elements stand for."""

    def __init__(
        self, carrier: Carrier, paced: PacedApi, channel: str, bot: str, keep: Keep
    ) -> None:
        self._carrier = carrier
        self._paced = paced
        self._channel = channel
        self._bot = bot
        self._keep = keep
        self._begun: _Bundle | None = None

    async def deliver(self, window: Sequence[Delivery]) -> Sequence[Outcome]:
        """Tell the window in its order, or its beginning; each delivery's `ref` is the message it is in.

        Raises:
            AuthError: the token is not taken; nothing of the window was sent.
            PeerError: Slack cannot be reached; nothing of the window was sent.
        Cancellation: a message under way may have been sent, and is sent again.
        """
        place = await self._carrier.place(self._channel)
        if not isinstance(place, Place):
            return [_not_now(place)]
        outcomes: list[Outcome] = []
        for bundle in self._bundles(window, place):
            result = await self._told(bundle, place)
            if isinstance(result, Later | AuthFailed | NoChannel):
                return outcomes or [_not_now(result)]
            outcomes += [_became(result, bundle)] * len(bundle.ids)
        return outcomes

    def _bundles(self, window: Sequence[Delivery], place: Place) -> list[_Bundle]:
        """What was begun alone; else some one by one, and all the others together."""
        if self._begun is not None and self._begun.begins(window):
            return [self._begun]
        call = api.post_message(place.channel, Post(text="…"))
        count = one_by_one(len(window), self._paced.room(call, Lane.EVENT))
        return [*map(self._single, window[:count]), *self._together(window[count:])]

    def _single(self, delivery: Delivery) -> _Bundle:
        """One alone; what breaks the drawing is given up, or it would hold up all that come after it."""
        try:
            return _Bundle([delivery], self._plan(delivery))
        except Exception:
            log.exception("a notification broke (event %s)", delivery.event_id)
            return _Bundle([delivery], None)

    def _together(self, rest: Sequence[Delivery]) -> list[_Bundle]:
        """All in one; if one of them breaks it the first goes alone, and the others have another turn."""
        try:
            return [_Bundle(rest, digest(rest, self._bot))] if rest else []
        except Exception:
            log.exception("%d notifications cannot be told together", len(rest))
            return [self._single(rest[0])]

    def _plan(self, delivery: Delivery) -> Plan:
        try:
            message = decode_message(delivery.message)
        except ProtocolError:
            return Plan()  # it was checked when it came: nothing that can be shown
        return of_message(Outgoing(message=message), self._bot)

    async def _told(self, bundle: _Bundle, place: Place) -> Ok | Failure:
        if bundle.plan is None:
            return BROKEN
        self._begun = bundle
        await self._keep(bundle.plan.kept)
        way = bundle.way
        if way is None or not (bundle.done or way.left or way.place.said):
            way = bundle.way = Way(
                place
            )  # nothing was said yet: the name may be another channel's by now
        result: Ok | Failure = Ok()
        for step in bundle.plan.steps[bundle.done :]:
            result = await self._carrier.carry(step, way)
            if isinstance(result, Refused):
                break
            if not isinstance(result, Ok):
                return result
            bundle.done += 1
        self._begun = None
        return result


def _became(result: Ok | Refused, bundle: _Bundle) -> Outcome:
    if isinstance(result, Refused):
        return Rejected(reason=result.sentence)
    place = bundle.way and bundle.way.place
    return Delivered(ref=f"{place.said_in}/{place.said}" if place and place.said else "")


def _not_now(failure: Failure) -> Outcome:
    """Try again later, which is the channel's fault or everybody's.

    Raises: AuthError, PeerError.
    """
    match failure:
        case AuthFailed(sentence=sentence):
            raise AuthError(sentence)
        case Later(reason=reason, after=0.0):
            raise PeerError(reason)
        case Later(reason=reason, after=after):
            return Retry(reason=reason, after=after)
        case NoChannel(sentence=sentence) | Refused(sentence=sentence):
            return Retry(reason=sentence, after=NO_CHANNEL)
