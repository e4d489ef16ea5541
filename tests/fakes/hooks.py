"""A source plugin's client that only takes webhook requests."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, cast

import trio

from botkube.bridges.webhook import About, WebhookPlugin, WebhookSource
from botkube.model.plugin import parse_plugin_key
from botkube.plugins.slot import PluginSlot
from botkube.wire.errors import CallError
from botkube.wire.messages import ExternalRequest, Metadata

if TYPE_CHECKING:
    from botkube.wire.client import PluginClient

EVENT = b'{"Message":{"baseBody":{"plaintext":"hi"}},"RawObject":{}}'
UNIMPLEMENTED = CallError("UNIMPLEMENTED", "takes no external requests")

Outcome = bytes | Exception | Callable[[], Awaitable[bytes]]


class Taking:
    """Answers each request with the same outcome. `schema`: what it says of itself, or how that fails."""

    def __init__(self, outcome: Outcome = EVENT, schema: str | Exception | None = None) -> None:
        self._outcome = outcome
        self._schema = schema
        self.requests: list[ExternalRequest] = []
        self.asked = 0

    async def handle_external_request(self, request: ExternalRequest) -> bytes:
        await trio.lowlevel.checkpoint()
        self.requests.append(request)
        match self._outcome:
            case Exception() as error:
                raise error
            case bytes(event):
                return event
            case make:
                return await make()

    async def source_metadata(self) -> Metadata:
        self.asked += 1
        await trio.lowlevel.checkpoint()
        if isinstance(self._schema, Exception):
            raise self._schema
        return Metadata(version="1", description="", external_request_schema=self._schema)


def slot_of(*clients: Taking, name: str = "hook") -> PluginSlot:
    """A slot with the last of these clients; without any its plugin is starting."""
    slot = PluginSlot(parse_plugin_key("source", f"gate/{name}"))
    for client in clients:
        slot.open(cast("PluginClient", client))
    return slot


def source_of(*slots: PluginSlot, config: bytes | None = None) -> WebhookSource:
    """The group `alerts` with these plugins."""
    about = About(
        name="alerts", cluster="c", interactive=True, base_url="http://b", wall=lambda: 7.0
    )
    return WebhookSource(about, [WebhookPlugin(slot, config) for slot in slots])
