"""`POST /sources/v1/{source}` on the listener: who may send, limits, deadlines, and what is answered.

A request is answered with 200 when its events are on disk, and with anything else when nothing was taken.
"""

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import Final

import msgspec
import trio

from botkube.app.foundation import WEBHOOKS
from botkube.bridges.webhook import LATER, SOON, Refused, WebhookSource
from botkube.config.schema.plugins import IncomingWebhook, WebhookAccess
from botkube.model.errors import StorageError
from botkube.model.event import Event
from botkube.runtime.logs import fields
from botkube.runtime.metrics import Metrics
from botkube.web.budget import IN_FLIGHT, Budget
from botkube.web.http import Answer, HttpError, Request, Response
from botkube.web.sender import check_sender, check_signature

log = logging.getLogger(__name__)

CALM: Final = 10.0  # seconds between two log lines about the same refusals of a source
GONE: Final = "499"  # counted for a client that did not wait for its answer
_BROKEN: Final = 500

Put = Callable[[str, Sequence[Event]], Awaitable[None]]


class Hook(msgspec.Struct, frozen=True, kw_only=True):
    """A source group that takes requests, and from whom."""

    source: WebhookSource
    access: WebhookAccess


class Webhooks:
    """The handler of `/sources/v1/…`. `put` stores events, or raises StorageError."""

    def __init__(
        self, hooks: Mapping[str, Hook], settings: IncomingWebhook, put: Put, metrics: Metrics
    ) -> None:
        self._hooks = hooks
        self._settings = settings
        self._put = put
        self._metrics = metrics
        # Of the listener's bytes: strangers' requests must leave some for people.
        self._share = Budget(IN_FLIGHT // 2)
        self._calm_until: dict[tuple[str, int], float] = {}

    async def handle(self, request: Request) -> Answer:
        """Answer a request; every refusal is an answer.

        Raises:
            trio.BrokenResourceError: the client left.
        """
        name = request.path.removeprefix(WEBHOOKS)
        label = name if name in self._hooks else "other"
        try:
            await self._take(name, request)
        except Refused as error:
            refused = error
        except HttpError as error:
            later = SOON if error.status == 503 else 0  # noqa: PLR2004 - a status
            refused = Refused(error.status, str(error), retry_after=later)
        except (trio.BrokenResourceError, trio.ClosedResourceError):
            self._count(label, GONE)
            raise
        else:
            self._count(label, "200")
            return _answer(200, {"success": True})
        self._count(label, str(refused.status))
        self._log(label, refused)
        return _refusal(refused)

    async def _take(self, name: str, request: Request) -> None:
        if request.method != "POST":
            raise Refused(405, f"there is only POST {WEBHOOKS}SOURCE")
        if not name:
            raise Refused(400, "Source name in path is required")
        hook = self._hooks.get(name)
        access = hook.access if hook is not None else self._settings
        check_sender(access, request)
        if hook is None:
            quoted = msgspec.json.encode(name).decode()
            raise Refused(404, f"source {quoted} not found", logged="there is no such source")
        body = await request.read_body(self._settings.max_size, self._share)
        check_signature(access, request, body)
        await _while_wanted(request, partial(self._work, name, hook.source, body))

    async def _work(self, name: str, source: WebhookSource, body: bytes) -> None:
        timeout = self._settings.timeout
        events: Sequence[Event] = ()
        with trio.move_on_after(timeout) as scope:
            events = await source.events(body)
        if scope.cancelled_caught:
            raise Refused(504, f"the source {name!r} was not done within {timeout:g} s")
        try:
            # Without the deadline: what is being stored may be stored, and must not be answered with a failure.
            await self._put(name, events)
        except StorageError as error:
            raise Refused(503, f"nothing was taken: {error}", retry_after=LATER) from error

    def _count(self, label: str, code: str) -> None:
        self._metrics.webhook_requests.labels(label, code).inc()

    def _log(self, label: str, refused: Refused) -> None:
        """One line for each kind of refusal now and then; every one at debug."""
        level = logging.WARNING if refused.status >= _BROKEN else logging.INFO
        now, kind = trio.current_time(), (label, refused.status)
        if now < self._calm_until.get(kind, now):
            level = logging.DEBUG
        else:
            self._calm_until[kind] = now + CALM
        extra = fields(source=label, status=refused.status, reason=refused.logged)
        log.log(level, "a webhook was refused", extra=extra)


async def _while_wanted(request: Request, work: Callable[[], Awaitable[None]]) -> None:
    """Work until the client leaves; what the work raises comes out bare."""
    refused: Refused | None = None
    done = False

    async def leave() -> None:
        await request.until_gone()
        nursery.cancel_scope.cancel(reason="the client left")

    async with trio.open_nursery() as nursery:
        nursery.start_soon(leave)
        try:
            await work()
            done = True
        except Refused as error:
            refused = error
        nursery.cancel_scope.cancel(reason="the work is done")
    if refused is not None:
        raise refused
    if not done:
        raise trio.BrokenResourceError("the client left before its answer")


def _refusal(refused: Refused) -> Response:
    headers: list[tuple[str, str]] = []
    if refused.retry_after:
        headers.append(("retry-after", str(refused.retry_after)))
    if refused.status == 405:  # noqa: PLR2004 - a status
        headers.append(("allow", "POST"))
    if refused.status == 401:  # noqa: PLR2004 - a status
        headers.append(("www-authenticate", "Bearer"))
    return _answer(refused.status, {"error": str(refused)}, *headers)


def _answer(status: int, body: object, *headers: tuple[str, str]) -> Response:
    return Response(
        status=status,
        body=msgspec.json.encode(body),
        content_type="application/json; charset=utf-8",
        headers=(("x-content-type-options", "nosniff"), *headers),
    )
