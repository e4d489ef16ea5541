"""Plugin `Stream` → events → the engine. One stream for each plugin of each source group."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Final, NoReturn

import msgspec
import trio

from botkube.bridges.event import event_of
from botkube.bridges.kubeconfigs import KubeConfigs, NoCluster
from botkube.bridges.leftout import LeftOut
from botkube.bridges.webhookurl import source_url
from botkube.model.errors import PeerError, ProtocolError
from botkube.model.event import Event
from botkube.model.rbac import Rbac
from botkube.plugins.errors import PluginDown
from botkube.plugins.slot import PluginSlot
from botkube.runtime.bytegate import ByteGate
from botkube.wire.client import PluginClient
from botkube.wire.errors import BadAnswer, CallError, said_unimplemented
from botkube.wire.messages import StreamRequest

ACCEPTED: Final = 0.2  # seconds without an error after which a stream counts as open
AHEAD_BYTES: Final = 8 * 2**20  # and of these at most so many bytes
AHEAD: Final = 64  # events read ahead of the disk; beyond that the plugin has to wait
LAST_GASP: Final = 2.0  # seconds until a plugin whose connection broke is known to be gone


class StreamEnded(PeerError):
    """The plugin ended a stream it should have kept open; it is opened again."""


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """What a stream is opened with, and where its events go. `health` is told why none can come."""

    name: str
    config: bytes | None
    cluster: str
    interactive: bool
    store: Callable[[Sequence[Event]], Awaitable[None]]
    health: Callable[[str], None]
    wall: Callable[[], float]
    rbac: Rbac | None = None
    kubeconfigs: KubeConfigs = NoCluster()
    webhook_base_url: str = ""


class SourceStream:
    """Keeps one stream open while its plugin is up, and opens it again when the plugin is back.

    That the plugin is away is the failure of the plugin, reported where it is supervised; here it is
    waited for, so that no event is missed once it is back.
    """

    def __init__(self, source: Source, slot: PluginSlot) -> None:
        self._source = source
        self._slot = slot
        self._left_out = LeftOut(str(slot.key), source.name, trio.current_time)

    async def run(self, *, task_status: trio.TaskStatus[None]) -> None:  # noqa: ASYNC128 - _settle does
        """Wait for the plugin, open the stream, store what it says; `started()` once it is accepted.

        Raises:
            StreamEnded, CallError: the stream ended or broke although the plugin lives; run again.
        Cancellation: the stream is reset; events read but not stored are given up.
        """
        client = await self._lease()
        async with trio.open_nursery() as nursery:
            nursery.start_soon(_settle, task_status)
            await self._keep_open(client)

    async def _keep_open(self, client: PluginClient) -> NoReturn:
        while True:
            try:
                await self._read(client)
            except* CallError as group:
                await self._recover(_first(group), client)
            client = await self._lease()

    async def _lease(self) -> PluginClient:
        while True:
            try:
                client = await self._slot.lease()
            except PluginDown as error:
                self._source.health(str(error))
                await self._slot.wait_changed()
            else:
                self._source.health("")
                return client

    async def _recover(self, error: CallError, client: PluginClient) -> None:
        """Return if the plugin went away."""
        if said_unimplemented(error):
            # A source that only takes webhooks has no stream, nothing is wrong; its next process may have one.
            await self._slot.wait_lost(client)
            return
        if error.status == "UNAVAILABLE":
            with trio.move_on_after(LAST_GASP):
                await self._slot.wait_lost(client)
                self._source.health(f"the plugin {self._slot.key} is restarting")
                return
        raise _in_its_words(error)

    async def _read(self, client: PluginClient) -> None:
        send, receive = trio.open_memory_channel[bytes](AHEAD)
        gate = ByteGate(AHEAD_BYTES)
        async with client.stream(self._request()) as events, trio.open_nursery() as nursery:
            nursery.start_soon(self._store, receive, gate)
            async with send:
                error = await _pump(events, send, gate)
        self._left_out.tell()
        raise error or StreamEnded(
            f"the plugin {self._slot.key} ended the stream of {self._source.name}"
        )

    async def _store(self, receive: trio.MemoryReceiveChannel[bytes], gate: ByteGate) -> None:
        """Store what has gathered while the last group was stored; what was read is stored to the end."""
        async for first in receive:
            raw = [first, *_waiting(receive)]
            events = [event for item in raw if (event := self._event(item)) is not None]
            await self._source.store(events)
            gate.give(sum(map(len, raw)))

    def _event(self, raw: bytes) -> Event | None:
        try:
            return event_of(raw, self._source.name, self._source.wall())
        except ProtocolError as error:
            self._left_out.add(error)
            return None

    def _request(self) -> StreamRequest:
        source = self._source
        return StreamRequest(
            configs=(source.config or b"null\n",),
            interactive=source.interactive,
            cluster_name=source.cluster,
            source_name=source.name,
            kube_config=source.kubeconfigs.get(self._slot.key, source.rbac, ""),
            webhook_base_url=source.webhook_base_url,
            webhook_full_url=source_url(source.webhook_base_url, source.name),
        )


async def _pump(
    events: AsyncIterator[bytes], send: trio.MemorySendChannel[bytes], gate: ByteGate
) -> CallError | None:
    """Hand events over as they come; returns how the stream broke, None if it ended well."""
    try:
        async for event in events:
            await gate.take(len(event))
            await send.send(event)
    except CallError as error:
        return error
    return None


def _in_its_words(error: CallError) -> Exception:
    """What a plugin itself says is wrong, without the name of the status that says no more than that."""
    if error.status == "UNKNOWN" and error.message and not isinstance(error, BadAnswer):
        ended = StreamEnded(error.message)
        ended.__cause__ = error
        return ended
    return error


async def _settle(task_status: trio.TaskStatus[None]) -> None:
    # A plugin says nothing while all is well; one that refuses the stream does so at once.
    await trio.sleep(ACCEPTED)
    task_status.started()


def _waiting(receive: trio.MemoryReceiveChannel[bytes]) -> list[bytes]:
    items: list[bytes] = []
    try:
        while len(items) < AHEAD:
            items.append(receive.receive_nowait())
    except (trio.WouldBlock, trio.EndOfChannel):
        pass
    return items


def _first(group: BaseExceptionGroup[CallError]) -> CallError:
    leaf = group.exceptions[0]
    return _first(leaf) if isinstance(leaf, BaseExceptionGroup) else leaf
