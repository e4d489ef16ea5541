"""The plugins inside our own program, run as subprocesses like any other."""

import sys
from random import Random

import msgspec
import pytest
import trio

from botkube.model.plugin import PluginKey, PluginKind, parse_plugin_key
from botkube.plugins.catalog import Catalog, own_command
from botkube.plugins.host import HostSettings, Launch, plugin_child
from botkube.plugins.life import Timing
from botkube.plugins.slot import PluginSlot
from botkube.runtime.supervisor import open_supervisor
from botkube.wire.messages import ExecuteRequest, StreamRequest
from tests.fakes.plugins.rig import Rig

pytestmark = pytest.mark.real


def built_in(rig: Rig, kind: PluginKind, name: str) -> tuple[PluginKey, HostSettings]:
    catalog = Catalog(
        cache_dir=rig.root, own_command=own_command(frozen=False, executable=sys.executable)
    )
    settings = msgspec.structs.replace(rig.settings(), locate=catalog.locate)
    return parse_plugin_key(kind, f"builtin/{name}"), settings


async def test_echo(rig: Rig) -> None:
    key, settings = built_in(rig, "executor", "echo")
    slot = PluginSlot(key)
    async with open_supervisor("plugins", random=Random(1)) as supervisor:
        await supervisor.reconcile([plugin_child(Launch(key=key), slot, settings)])
        client = await slot.lease()
        reply = await client.execute(ExecuteRequest(command="echo hello", configs=()))
    assert b"echo hello" in reply.message


async def test_heartbeat(rig: Rig) -> None:
    key, settings = built_in(rig, "source", "heartbeat")
    settings = msgspec.structs.replace(settings, timing=Timing(stop_grace=30))
    slot = PluginSlot(key)
    request = StreamRequest(configs=(b"interval: 0s\ntext: tick {n}",))
    events = []
    async with open_supervisor("plugins", random=Random(1)) as supervisor:
        await supervisor.reconcile([plugin_child(Launch(key=key), slot, settings)])
        client = await slot.lease()
        async with client.stream(request) as stream:
            async for event in stream:
                events.append(event)
                if len(events) == 3:
                    break
        begin = trio.current_time()
    assert trio.current_time() - begin < 20
    assert b"tick 3" in events[2]
