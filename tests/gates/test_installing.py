"""The whole program and plugins that are not there yet: it is up at once, and they come, and are kept whole."""

import json
import os
import signal
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import trio

from botkube.packages.cache.lockfile import Lock, read_lock
from tests.fakes.program import Api, Program, text_of
from tests.fakes.repository import Answer, Repository, always, served, static
from tests.fakes.shop import INDEX, config, offer, path_of, sleeper, stuck
from tests.fakes.signing import Signer
from tests.gates.conftest import Launch
from tests.gates.looks import (
    all_ready,
    becomes,
    complaints,
    log_mark,
    log_since,
    parts,
    plugin_pids,
)

pytestmark = [pytest.mark.real, pytest.mark.slow]

ECHO = "builtin/echo"
A, B = "plugin:gate/a", "plugin:gate/b"
V1, V2, V3 = "v1.0.0", "v2.0.0", "v3.0.0"
LARGE = 3 << 20


@asynccontextmanager
async def started(launch: Launch, text: str) -> AsyncGenerator[tuple[Program, Api]]:
    program = await trio.to_thread.run_sync(launch, text)
    async with program.connected() as api:
        yield program, api


async def runs(api: Api, name: str) -> None:
    assert text_of(await api.ask("one", f"@Botkube {name} 0")) == f"awake after {name} 0"


async def reason(api: Api, part: str, wanted: str) -> None:
    """Look until this is why a part does not work."""
    with trio.fail_after(200):
        while wanted not in str((await parts(api)).get(part, {}).get("reason", "")):
            await trio.sleep(0.02)


async def told_at_once(api: Api, command: str) -> Mapping[str, object]:
    """The answer, which does not come after the patience of a command, 5 s; a busy machine has several tries."""
    for _ in range(5):
        began = trio.current_time()
        frame = await api.ask("one", command)
        if trio.current_time() - began < 4:
            return frame
    raise AssertionError("every answer was late")


async def test_a_download_goes_on_after_a_kill_and_delays_nobody(
    folder: Path, launch: Launch
) -> None:
    async with served() as server:
        content = sleeper("a", size=LARGE)
        offer(server, {("a", V1): content, ("b", V1): sleeper("b")})
        server.pages[path_of("a", V1)] = stuck(content, LARGE * 2 // 3)
        server.pages[INDEX], index = always(Answer(stop=0, body=b"x")), server.pages[INDEX]
        text = config(folder, server.url + INDEX, ["gate/a", "gate/b"])
        with trio.fail_after(200):
            async with started(launch, text) as (program, api):  # though the server says nothing
                await becomes(api, f"plugin:{ECHO}", "ready")
                assert (await api.client.get("/healthz")).status_code == 200
                await reason(api, A, "reading the index")
            assert await trio.to_thread.run_sync(program.stop) == 0  # it waits for no server
            server.pages[INDEX] = index
            await trio.to_thread.run_sync(program.start)
            async with program.connected() as api:
                await reason(api, A, "downloading 66 %")
                await becomes(api, B, "ready")
                await runs(api, "b")
                frame = await told_at_once(api, "@Botkube a 0")
                assert "gate/a is not running: it is being installed (downloading 66 %)" in text_of(
                    frame
                )
                table = text_of(await api.ask("one", "@Botkube list executors"))
                assert "Starting" in next(x for x in table.splitlines() if x.startswith("gate/a "))
                assert "downloading 66 %" in table
                assert (
                    'botkube_plugin_up{plugin="gate/a"} 0.0'
                    in (await api.client.get("/metrics")).text
                )
                program.close()
            server.pages[path_of("a", V1)] = static(content)
            server.asked.clear()
            await trio.to_thread.run_sync(program.start)
            async with program.connected() as api:
                await all_ready(api)
                await runs(api, "a")
            [asked] = [x for x in server.asked if x.path == path_of("a", V1)]
            assert int(asked.headers["range"].removeprefix("bytes=").rstrip("-")) >= LARGE // 3
            assert path_of("b", V1) not in server.paths
    assert set(complaints(program.log_lines())) == {"command failed"}  # what was asked too early
    # Its server is gone, and it is not even asked for.
    await trio.to_thread.run_sync(program.restart)
    with trio.fail_after(200):
        async with program.connected() as api:
            await all_ready(api)
            await runs(api, "a")
    assert program.stop() == 0


async def test_what_changed_on_disk_is_fetched_again_and_updates_touch_nobody_else(
    folder: Path, launch: Launch
) -> None:
    async with served() as server:
        first = {("a", V1): sleeper("a"), ("b", V1): sleeper("b")}
        offer(server, first)
        text = config(folder, server.url + INDEX, ["gate/a", "gate/b"])
        with trio.fail_after(200):
            async with started(launch, text) as (program, api):
                await all_ready(api)
                before = plugin_pids(program)
                tamper(folder, "a")
                mark = log_mark(program)
                os.kill(before["gate/a"], signal.SIGKILL)
                await becomes(api, A, "parked", "starting", "retrying")
                await becomes(api, A, "ready")
                await runs(api, "a")
                lines = [str(x["msg"]) for x in log_since(program, mark)]
                assert any("was changed after it was installed: locked is" in x for x in lines)
                assert "executor gate/a is installed, version v1.0.0" in lines
                assert plugin_pids(program)["gate/b"] == before["gate/b"]
            await trio.to_thread.run_sync(program.restart)
            offer(server, {**first, ("a", V2): sleeper("a", "second")})
            async with program.connected() as api:
                await all_ready(api)
                await update_one(program, api)
                await break_one(server, api)
    assert program.stop() == 0


async def update_one(program: Program, api: Api) -> None:
    """Update, roll back and look at one plugin; the other goes on."""
    before = plugin_pids(program)
    body = {"plugins": ["gate/a", "gate/b"], "update": True}
    lines = await order(api, "install", body)
    done = {str(x["plugin"]): x for x in lines if x["stage"] == "done"}
    assert done["executor gate/a"]["text"] == f"{V2} is installed in place of {V1}"
    assert done["executor gate/b"]["text"] == f"{V1} is the newest already"
    await becomes(api, A, "ready")
    await runs(api, "a")
    after = plugin_pids(program)
    assert after["gate/b"] == before["gate/b"]
    assert after["gate/a"] != before["gate/a"]
    rows = (await api.client.get("/api/v1/plugins")).json()
    [row] = [x for x in rows if x["plugin"] == "gate/a"]
    assert (row["installed"], row["state"], row["health"]) == (V2, "ready", "ok")
    [line] = await order(api, "remove", {"plugins": ["gate/a"]})
    assert line["stage"] == "refused"
    [line] = await order(api, "rollback", {"plugins": ["gate/a"]})
    assert (line["stage"], line["version"]) == ("done", V1)
    await becomes(api, A, "ready")
    await runs(api, "a")
    assert plugin_pids(program)["gate/b"] == before["gate/b"]
    await hear_from(api)


async def break_one(server: Repository, api: Api) -> None:
    """A release that does not start is told with its last words, and gone back from."""
    offer(server, {("a", V3): b"#!/bin/sh\necho it cannot be >&2\nexit 3\n"})
    *_, line = await order(api, "install", {"plugins": ["gate/a"], "update": True})
    assert (line["stage"], line["version"]) == ("failed", V3)
    assert f"{V3} is installed in place of {V1}, but it does not start" in str(line["text"])
    assert "it cannot be" in str(line["text"])
    answer = await api.client.get("/api/v1/plugins/logs?plugin=gate/a&lines=100")
    assert "plugin:gate/a failed: " in answer.text
    [line] = await order(api, "rollback", {"plugins": ["gate/a"]})
    assert (line["stage"], line["version"]) == ("done", V1)
    await runs(api, "a")


async def hear_from(api: Api) -> None:
    """What a plugin wrote."""
    frame = await api.ask("one", "@Botkube a say something")
    assert "awake" not in text_of(frame)
    while True:
        answer = await api.client.get("/api/v1/plugins/logs?plugin=gate/a&lines=100")
        first, *_, last = map(json.loads, answer.text.splitlines())
        if last["level"] == "error":
            break
        await trio.sleep(0.02)
    assert last["plugin"] == "gate/a"
    assert str(first["msg"]) == "plugin:gate/a is up"


async def order(api: Api, action: str, body: object) -> list[dict[str, object]]:
    """Have something done and return all that is said of it."""
    answer = await api.client.post(f"/api/v1/plugins/{action}", json=body)
    assert answer.status_code == 200, answer.text
    return [json.loads(line) for line in answer.text.splitlines()]


SIGNER = Signer()


async def test_only_what_a_signature_proves_where_it_is_required(
    folder: Path, launch: Launch
) -> None:
    async with served() as server:
        index = offer(server, {("a", V1): sleeper("a")})
        repositories: dict[str, object] = {}
        for name, policy, signature in (
            ("good", "require", SIGNER.sign(index)),
            ("bad", "require", SIGNER.sign(index + b"x")),
            ("warned", "warn", b""),
            ("free", "off", b""),
        ):
            server.put(f"/{name}/index.yaml", index)
            if signature:
                server.put(f"/{name}/index.yaml.minisig", signature)
            key = "" if policy == "off" else SIGNER.public_key
            repositories[name] = {
                "url": f"{server.url}/{name}/index.yaml",
                "signature": {"publicKey": key, "policy": policy},
            }
        settings = json.loads(config(folder, "", [f"{name}/a" for name in repositories]))
        for group in settings["executors"].values():
            group.pop("builtin/echo")
        by_hand = put_by_hand(folder, "bad")
        settings["plugins"]["repositories"] = repositories
        settings["executors"] = {
            f"of-{name}": {f"{name}/a": {"enabled": True}} for name in repositories
        }
        channels = settings["communications"]["default"]["playground"]["channels"]
        channels.clear()
        for name in repositories:
            channels[name] = {"name": name, "bindings": {"executors": [f"of-{name}"]}}
        with trio.fail_after(200):
            async with started(launch, json.dumps(settings)) as (program, api):
                part = await becomes(api, "plugin:bad/a", "parked")
                assert "nothing of it is installed" in str(part["reason"])
                assert f"{by_hand} was put there by hand and is not started" in str(part["reason"])
                for name in ("good", "warned", "free"):
                    await becomes(api, f"plugin:{name}/a", "ready")
                    frame = await api.ask(name, "@Botkube a 0")
                    assert text_of(frame) == "awake after a 0"
                frame = await api.ask("bad", "@Botkube a 0")
                assert "is not signed by the key in signature.publicKey" in text_of(frame)
    said = complaints(program.log_lines())
    assert [x for x in said if "/warned/" in x and "signature.policy is warn, so it is used" in x]
    assert not [x for x in said if "/good/" in x or "/free/" in x]
    signers = {name.split()[1]: x.signed_by for name, x in lock_of(folder).plugins.items()}
    assert signers == {"good/a": SIGNER.public_key, "warned/a": "", "free/a": ""}


def lock_of(folder: Path) -> Lock:
    return read_lock(folder / "state" / "plugins.lock")


def put_by_hand(folder: Path, repo: str) -> Path:
    path = folder / "cache" / repo / f"executor_{V1}_a"
    path.parent.mkdir(parents=True)
    path.write_bytes(sleeper("a"))
    path.chmod(0o755)
    return path


def tamper(folder: Path, name: str) -> None:
    """Change an installed plugin: as many bytes as before, and it would still run."""
    path = folder / "cache" / "gate" / f"executor_{V1}_{name}"
    path.chmod(0o755)
    path.write_bytes(path.read_bytes()[:-2] + b"!\n")
    path.chmod(0o555)
