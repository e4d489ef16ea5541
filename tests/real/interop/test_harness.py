"""Go plugins on the original's SDK under the harness for plugin authors: it is for every language."""

import pytest
import trio

from botkube.sdk.testing import CallFailed, PluginGone, PluginHarness
from tests.fakes.gopeers import Peers

pytestmark = [pytest.mark.real, pytest.mark.slow]


async def test_an_executor_in_go(peers: Peers) -> None:
    with trio.fail_after(60):
        async with PluginHarness.start(peers.executor) as plugin:
            assert (await plugin.execute("peer messages 2")).text == "message 1\n\nmessage 2"
            assert (await plugin.metadata()).version == "v1.2.3"
            with pytest.raises(CallFailed):
                await plugin.execute("peer fail")
            with pytest.raises(PluginGone, match=r"ended with code 2\.\n  panic: "):
                await plugin.execute("peer panic")


async def test_a_source_in_go(peers: Peers) -> None:
    config = {"events": 1}
    with trio.fail_after(60):
        async with (
            PluginHarness.start(peers.source) as plugin,
            plugin.stream(config, source_name="mine") as events,
        ):
            assert (await anext(events)).raw == {"text": "event 1 of mine"}
            assert (await plugin.metadata()).description == "A peer for tests."
