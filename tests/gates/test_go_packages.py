"""Plugins in Go, from an index of our own making to a channel: the program finds, proves, installs and runs them."""

import json
from pathlib import Path

import pytest
import trio

from botkube.packages.cache.lockfile import read_lock
from tests.fakes.gopeers import go_peers
from tests.fakes.gorepository import publish, sign, with_digest
from tests.fakes.program import Api, text_of
from tests.fakes.repository import served
from tests.fakes.signing import Signer
from tests.gates.conftest import Launch
from tests.gates.looks import all_ready, complaints

pytestmark = [pytest.mark.real, pytest.mark.slow]


def config(folder: Path, url: str, signer: Signer) -> str:
    """A channel with the Go executor and the events of the Go source, neither of which is there."""
    repository = {"url": f"{url}/index.yaml", "signature": {"publicKey": signer.public_key}}
    bindings = {"executors": ["go"], "sources": ["go"]}
    return json.dumps(
        {
            "settings": {"clusterName": "gate"},
            "plugins": {"cacheDir": str(folder / "cache"), "repositories": {"ours": repository}},
            "executors": {"go": {"ours/peer@^1.2": {"enabled": True}}},
            "sources": {"go": {"ours/peer": {"enabled": True, "config": {"events": 2}}}},
            "communications": {
                "default": {
                    "playground": {
                        "enabled": True,
                        "channels": {"one": {"name": "one", "bindings": bindings}},
                    }
                }
            },
        }
    )


async def test_go_plugins_are_installed_at_start_and_answer_in_a_channel(
    folder: Path, launch: Launch
) -> None:
    peers, signer = await trio.to_thread.run_sync(go_peers), Signer()
    async with served() as server:
        with trio.fail_after(240):
            content = await publish(server, peers, folder / "dist")
            sign(server, with_digest(server, content), signer)
            program = await trio.to_thread.run_sync(launch, config(folder, server.url, signer))
            async with program.connected() as api:
                await all_ready(api, within=60)
                await two_events(api)
                frame = await api.ask("one", "@Botkube peer messages 1")
                assert "message 1" in json.dumps(frame), frame
                frame = await api.ask("one", "@Botkube peer tool a b")
                assert "the tool was given a b" in text_of(frame)
                rows = (await api.client.get("/api/v1/plugins")).json()
    ours = {f"{row['kind']} {row['plugin']}": row for row in rows if "ours/" in row["plugin"]}
    assert set(ours) == {"executor ours/peer@^1.2", "source ours/peer"}
    for row in ours.values():
        found = (row["installed"], row["state"], row["health"], row["signed"])
        assert found == ("v1.2.3", "ready", "ok", True)
    lock = read_lock(folder / "state" / "plugins.lock")
    assert {locked.signed_by for locked in lock.plugins.values()} == {signer.public_key}
    assert await trio.to_thread.run_sync(program.stop) == 0
    assert complaints(program.log_lines()) == []


async def two_events(api: Api) -> None:
    """Wait until the events of the source have come to the channel, in order."""
    wanted = [f"event {number} of go" for number in (1, 2)]
    async with api.stream(after=0) as frames:
        for text in wanted:
            while text not in json.dumps(frame := await frames.next()):
                pass
            assert "one" in json.dumps(frame)
