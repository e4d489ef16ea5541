"""The plugin manager's commands with a running instance, as processes: what they ask, and what they make of answers."""

import json
import signal
import subprocess
from collections.abc import AsyncGenerator
from functools import partial
from pathlib import Path

import pytest
import trio
from msgspec.structs import replace

from botkube.packages.inventory import Row
from tests.fakes.instance import FakeInstance, running
from tests.fakes.managing import Manager
from tests.fakes.program import command
from tests.fakes.repository import Repository

pytestmark = [pytest.mark.real, pytest.mark.slow]

PLUGINS = "/api/v1/plugins"
ROW = Row(plugin="r/p", kind="executor", enabled=True, installed="v1", health="ok", state="ready")
STEPS: list[object] = [
    {"plugin": "executor r/p", "stage": "index", "text": "reading the index"},
    {"plugin": "executor r/p", "stage": "downloading", "done": 1, "total": 2097152, "text": "0 %"},
    {"plugin": "executor r/p", "stage": "done", "version": "v2", "text": "v2 is installed"},
]
BROKEN = {"plugin": "executor r/q", "stage": "refused", "text": "no such\nplugin"}


@pytest.fixture
def manager(tmp_path: Path) -> Manager:
    return Manager(tmp_path, Repository())


@pytest.fixture
async def instance(manager: Manager) -> AsyncGenerator[FakeInstance]:
    state_dir = manager.folder / "xdg" / "botkube"  # where a client looks by itself
    async with running(state_dir, {PLUGINS: [[ROW]]}) as found:
        yield found


async def ask(manager: Manager, text: str) -> subprocess.CompletedProcess[str]:
    return await manager(text, configured=False)


async def test_a_list_with_states(manager: Manager, instance: FakeInstance) -> None:
    header, row = (await ask(manager, "list")).stdout.splitlines()
    names = ["PLUGIN", "KIND", "VERSION", "ENABLED", "STATE", "UPDATE", "FILES", "REASON"]
    assert header.split() == names  # what is ok are the files, whatever the state is
    assert row.split() == ["r/p", "executor", "v1", "yes", "ready", "-", "ok"]
    assert json.loads((await ask(manager, "list --output json")).stdout)[0]["state"] == "ready"
    instance.answers[PLUGINS] = [[replace(ROW, running="v0")]]
    assert "v1 (runs v0)" in (await ask(manager, "list")).stdout
    instance.answers[PLUGINS] = [{"some": "thing"}]
    strange = await ask(manager, "list")
    assert (strange.returncode, "does not understand" in strange.stderr) == (4, True)


async def test_what_is_done_there(manager: Manager, instance: FakeInstance) -> None:
    instance.answers[f"{PLUGINS}/install"] = [*STEPS, BROKEN]
    instance.answers[f"{PLUGINS}/rollback"] = instance.answers[f"{PLUGINS}/remove"] = STEPS
    done = await ask(manager, "install r/p r/q@^1")
    assert (done.returncode, done.stdout) == (1, "executor r/p: v2 is installed\n")
    assert done.stderr.splitlines() == [
        "executor r/p: reading the index",
        "executor r/p: downloading 2.0 MiB",
        "botkube: executor r/q: no such plugin",
    ]
    updated = json.loads((await ask(manager, "update --output json")).stdout)
    assert [step["stage"] for step in updated] == ["done", "refused"]
    assert (await ask(manager, "update --roll-back r/p")).returncode == 0
    assert (await ask(manager, "remove r/p")).returncode == 0
    assert [(each.path.removeprefix(PLUGINS), each.values) for each in instance.asked] == [
        ("/install", {"plugins": ["r/p", "r/q@^1"], "update": False}),
        ("/install", {"plugins": [], "update": True}),
        ("/rollback", {"plugins": ["r/p"]}),
        ("/remove", {"plugins": ["r/p"]}),
    ]


async def test_answers_that_are_none(manager: Manager, instance: FakeInstance) -> None:
    answers = instance.answers
    answers[f"{PLUGINS}/install"] = (400, "plugin key 'x' is not of the form")
    refused = await ask(manager, "install x")
    assert (refused.returncode, "is not of the form" in refused.stderr) == (2, True)
    answers[f"{PLUGINS}/remove"] = [{"plugin": "x/y", "stage": "refused", "unknown": True}]
    assert (await ask(manager, "remove x/y")).returncode == 4
    answers[f"{PLUGINS}/install"] = []
    nothing = await ask(manager, "install")
    assert (nothing.returncode, "no plugin of a repository is enabled" in nothing.stderr) == (
        0,
        True,
    )
    answers[f"{PLUGINS}/install"] = STEPS[:1]
    cut = await ask(manager, "install r/p")
    assert (cut.returncode, "before it was done with executor r/p" in cut.stderr) == (4, True)
    assert "Traceback" not in refused.stderr + cut.stderr
    unknown = await ask(manager, "logs r/x")
    assert (unknown.returncode, "there is no" in unknown.stderr) == (4, True)


async def test_logs_of_a_plugin(manager: Manager, instance: FakeInstance) -> None:
    record = {"time": "T", "level": "info", "msg": "hi\x1b[31m", "component": "c", "n": 1}
    instance.answers[f"{PLUGINS}/logs"] = [record]
    assert (await ask(manager, "logs r/p -n 5")).stdout == "T info hi n=1\n"
    assert instance.asked[0].path == f"{PLUGINS}/logs?plugin=r%2Fp&lines=5&follow=false"
    instance.endless.add(f"{PLUGINS}/logs")
    argv = [*command(), "plugins", "logs", "r/p", "-f", "--output", "json"]
    with trio.fail_after(100):
        async with trio.open_nursery() as nursery:
            run = partial(
                trio.run_process, stdout=subprocess.PIPE, check=False, env=manager.environ
            )
            process = await nursery.start(run, argv)
            assert json.loads(await process.stdout.receive_some()) == record
            process.send_signal(signal.SIGINT)
            assert await process.wait() == 130
        await instance.left.wait()


async def test_without_an_instance(manager: Manager, tmp_path: Path) -> None:
    none = await ask(manager, "logs r/p")
    assert (none.returncode, "no instance is running" in none.stderr) == (4, True)
    listed = await ask(manager, "list --output json")
    assert {row["plugin"] for row in json.loads(listed.stdout)} == {
        "builtin/echo",
        "builtin/heartbeat",
    }
