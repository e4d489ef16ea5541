"""A webhook's payload → the plugins' `HandleExternalRequest` → events. Stores nothing, knows no HTTP but its statuses."""

import logging
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

import msgspec
import trio

from botkube.bridges.event import event_of
from botkube.bridges.payload import BadSchema, PayloadSchema
from botkube.bridges.webhookurl import source_url
from botkube.model.errors import ProtocolError
from botkube.model.event import Event
from botkube.plugins.errors import PluginDown
from botkube.plugins.slot import PluginSlot
from botkube.runtime.logs import fields
from botkube.wire.client import PluginClient
from botkube.wire.errors import CallError, RequestTooLarge
from botkube.wire.messages import ExternalRequest

log = logging.getLogger(__name__)

AT_ONCE: Final = 64  # requests of one source that its plugins work on at the same time
WAITING: Final = 800  # and that wait for their turn; beyond that senders are told
PATIENCE: Final = 5.0  # seconds a request waits for a plugin that is starting or restarting
ASKED: Final = 5.0  # seconds in which a plugin says what payloads it takes
SOON: Final = 1  # seconds after which a sender may try again: a queue is shorter by then
LATER: Final = 10  # and a plugin may be back


class Refused(Exception):
    """A request that became no event: an HTTP status and a sentence for the sender.

    `logged` is the sentence without anything of the payload, which a plugin's words may contain.
    """

    def __init__(self, status: int, text: str, *, retry_after: int = 0, logged: str = "") -> None:
        super().__init__(text)
        self.status = status
        self.retry_after = retry_after
        self.logged = logged or text


class About(msgspec.Struct, frozen=True, kw_only=True):
    """What plugins are told with each request of a source group."""

    name: str
    cluster: str
    interactive: bool
    base_url: str
    wall: Callable[[], float]


class WebhookSource:
    """One source group that takes requests."""

    def __init__(self, about: About, plugins: Sequence["WebhookPlugin"]) -> None:
        self._about = about
        self._plugins = plugins
        self._places = trio.Semaphore(AT_ONCE)

    async def events(self, payload: bytes) -> Sequence[Event]:
        """Let each plugin of the group that takes requests make an event of a payload.

        Raises:
            Refused: one of them failed, whatever the others said; or none takes requests.
        Cancellation: the plugin's handler is cancelled.
        """
        name = self._about.name
        if self._places.statistics().tasks_waiting >= WAITING:
            text = f"too many requests wait for the source {name!r}: try again in a moment"
            raise Refused(429, text, retry_after=SOON)
        async with self._places:
            answers = [await plugin.event(payload, self._about) for plugin in self._plugins]
        events = [event for event in answers if event is not None]
        if not events:
            raise Refused(501, f"the source {name!r} takes no requests")
        return events


class WebhookPlugin:
    """One plugin of a source group, and what payloads its present life takes."""

    def __init__(self, slot: PluginSlot, config: bytes | None) -> None:
        self._slot = slot
        self._config = config or b"null\n"
        self._client: PluginClient | None = None
        self._schema: PayloadSchema | None = None
        self._asking = trio.Lock()
        self._thread = trio.CapacityLimiter(1)

    async def event(self, payload: bytes, about: About) -> Event | None:
        """The event that the plugin makes of a payload; None if it takes no requests.

        Raises:
            Refused: it did not make one; the text says why.
        """
        client = await self._lease()
        await self._check(client, payload)
        try:
            raw = await client.handle_external_request(self._request(payload, about))
        except CallError as error:
            if error.status == "UNIMPLEMENTED":
                return None
            raise self._explained(error) from error
        try:
            return event_of(raw, about.name, about.wall())
        except ProtocolError as error:
            logged = f"the plugin {self._slot.key} answered nonsense"
            raise Refused(502, f"{logged}: {error}", logged=logged) from error

    def _request(self, payload: bytes, about: About) -> ExternalRequest:
        return ExternalRequest(
            payload=payload,
            config=self._config,
            interactive=about.interactive,
            cluster_name=about.cluster,
            source_name=about.name,
            webhook_base_url=about.base_url,
            webhook_full_url=source_url(about.base_url, about.name),
        )

    async def _lease(self) -> PluginClient:
        try:
            with trio.fail_after(PATIENCE):
                return await self._slot.lease()
        except trio.TooSlowError:
            text = f"the plugin {self._slot.key} is starting or restarting: try again in a moment"
            raise Refused(503, text, retry_after=LATER) from None
        except PluginDown as error:
            raise Refused(503, str(error), retry_after=LATER) from error

    def _explained(self, error: CallError) -> Refused:
        plugin = f"the plugin {self._slot.key}"
        if isinstance(error, RequestTooLarge):
            return Refused(413, error.message)
        match error.status:
            case "UNAVAILABLE":
                text = f"{plugin} stopped while it worked on the request"
                return Refused(502, text, retry_after=LATER)
            case "DEADLINE_EXCEEDED":
                return Refused(504, f"{plugin} did not answer in time")
            case _:
                return Refused(
                    500, error.message or error.status, logged=f"{plugin} answered with an error"
                )

    async def _check(self, client: PluginClient, payload: bytes) -> None:
        schema = await self._known(client)
        if schema is None:
            return
        try:
            problem = await trio.to_thread.run_sync(schema.problem, payload, limiter=self._thread)
        except BadSchema as error:
            if self._schema is schema:
                self._leave_unchecked(error)
            return
        if problem:
            logged = f"the payload does not fit what the plugin {self._slot.key} takes"
            raise Refused(400, f"{logged}: {problem}", logged=logged)

    async def _known(self, client: PluginClient) -> PayloadSchema | None:
        """What this life of the plugin takes; it is asked once."""
        async with self._asking:
            if self._client is not client:
                self._schema = await self._ask(client)
                self._client = client
            return self._schema

    async def _ask(self, client: PluginClient) -> PayloadSchema | None:
        text: str | None = None
        try:
            with trio.move_on_after(ASKED):
                text = (await client.source_metadata()).external_request_schema
        except CallError:
            return None  # what it is good for, the call itself will show
        if not text:
            return None
        try:
            make = partial(PayloadSchema, text, time.thread_time)
            return await trio.to_thread.run_sync(make, limiter=self._thread)
        except BadSchema as error:
            self._leave_unchecked(error)
            return None

    def _leave_unchecked(self, error: BadSchema) -> None:
        self._schema = None
        log.warning(
            "the payloads of a source are not checked, its schema cannot be used",
            extra=fields(plugin=str(self._slot.key), error=str(error)),
        )
