"""The Go peers under our host: running, asked, read."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import msgspec
import pytest

from botkube.model.message import decode_message, decode_source_event
from botkube.plugins.catalog import Program
from botkube.plugins.life import Timing
from botkube.wire.client import PluginClient
from botkube.wire.errors import CallError
from botkube.wire.messages import ExecuteRequest, StreamRequest
from tests.fakes.gopeers import Peers
from tests.fakes.plugins.rig import QUICK, Rig
from tests.fakes.processes import alive, note

__all__ = [
    "CALM",
    "alive",
    "execute",
    "executor",
    "fails",
    "note",
    "source",
    "stream_request",
    "texts",
]

# A gibibyte under way, on a machine with other things to do, is no reason to think that a plugin hangs.
CALM = Timing(start=60, health_interval=0.5, health_deadline=30, stop_grace=0.5)


@asynccontextmanager
async def executor(
    rig: Rig, peers: Peers, *arguments: str, timing: Timing = QUICK
) -> AsyncGenerator[PluginClient]:
    """The executor, while the block runs."""
    programs = {"peer": Program(argv=(str(peers.executor), *arguments))}
    async with rig.running(programs, rig.settings(timing)):
        yield await rig.slots["peer"].lease()


@asynccontextmanager
async def source(
    rig: Rig, peers: Peers, *arguments: str, timing: Timing = QUICK
) -> AsyncGenerator[PluginClient]:
    """The source, while the block runs."""
    programs = {"peer": Program(argv=(str(peers.source), *arguments))}
    async with rig.running(programs, rig.settings(timing), kind="source"):
        yield await rig.slots["peer"].lease()


async def execute(client: PluginClient, words: str, **more: object) -> str:
    """The text of the answer to a command."""
    request = msgspec.structs.replace(ExecuteRequest(command=f"peer {words}"), **more)
    return decode_message((await client.execute(request)).message).base_body.code_block


async def fails(client: PluginClient, words: str) -> CallError:
    """The error of a command."""
    with pytest.raises(CallError) as caught:
        await execute(client, words)
    return caught.value


async def texts(client: PluginClient, config: bytes, count: int) -> list[str]:
    """The texts of so many events, or of all there are."""
    found: list[str] = []
    async with client.stream(stream_request(config)) as events:
        async for event in events:
            found.append(decode_source_event(event).message.base_body.plaintext)
            if len(found) == count:
                break
    return found


def stream_request(config: bytes) -> StreamRequest:
    """Opens a stream that does what its configuration says."""
    return StreamRequest(configs=(config,), source_name="s")
