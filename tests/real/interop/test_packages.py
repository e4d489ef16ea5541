"""Plugins in Go from a repository: an index of our own making, served, found, verified, installed, run."""

from pathlib import Path

import pytest
import trio
from msgspec.structs import replace

from botkube.model.plugin import parse_plugin_key
from botkube.packages.cache.shelf import Installed
from botkube.packages.errors import PackageRefused
from botkube.packages.fetcher import Bounds
from botkube.sdk.testing import PluginHarness
from tests.fakes.gopeers import Peers
from tests.fakes.gorepository import publish, sign, with_digest
from tests.fakes.installing import Rig
from tests.fakes.repository import served
from tests.fakes.signing import Signer

pytestmark = [pytest.mark.real, pytest.mark.slow]

EXECUTOR = parse_plugin_key("executor", "r/peer@v1.2.3")
SOURCE = parse_plugin_key("source", "r/peer")


async def test_from_their_sources_to_their_answers(tmp_path: Path, peers: Peers) -> None:
    signer = Signer()
    async with served() as server:
        with trio.fail_after(120):
            content = await publish(server, peers, tmp_path / "dist")
            sign(server, content, signer)
            rig = Rig(tmp_path, server)
            rig.settings = replace(rig.settings, bounds=Bounds())
            rig.change(public_key=signer.public_key, policy="require")
            with pytest.raises(PackageRefused, match="no SHA-256 for its dependency tool"):
                await rig.install(EXECUTOR)
            sign(server, with_digest(server, content), signer)
            executor, source = await rig.install(EXECUTOR), await rig.install(SOURCE)
    assert (executor.version, source.version) == ("v1.2.3", "v1.2.3")
    assert executor.path == rig.root / "r" / "executor_v1.2.3_peer"
    with trio.fail_after(60):
        await check_executor(executor)
        await check_source(source)


async def check_executor(installed: Installed) -> None:
    """It answers, and runs its dependency."""
    async with PluginHarness.start(installed.path, dependencies=installed.dependencies) as plugin:
        assert (await plugin.execute("peer messages 1")).text == "message 1"
        assert "the tool was given a b" in (await plugin.execute("peer tool a b")).text


async def check_source(installed: Installed) -> None:
    """It streams."""
    async with (
        PluginHarness.start(installed.path) as plugin,
        plugin.stream({"events": 1}, source_name="mine") as events,
    ):
        assert (await anext(events)).raw == {"text": "event 1 of mine"}
