"""The whole program and its warm parent: who is started how, and that all go in the end."""

import json
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import trio

from tests.fakes.cached import put_sleeper
from tests.fakes.forking import FORBID_SUBREAPER
from tests.fakes.plugins.rig import process_end
from tests.fakes.processes import parent_of
from tests.fakes.program import SOURCE, Program, text_of, until
from tests.gates.configs import several
from tests.gates.looks import all_ready, complaints, metric, plugin_pids

pytestmark = [pytest.mark.real, pytest.mark.slow]


# The program, whose plugins wait for their warm parent however long that takes to start.
PATIENT = """
from botkube.plugins import zygote
from botkube.cli.main import main
zygote._PATIENCE = 100.0
main()
"""


@pytest.fixture
def program(tmp_path: Path) -> Iterator[Program]:
    made = Program(tmp_path, argv=(sys.executable, "-P", "-c", PATIENT))
    yield made
    made.close()


def words(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/cmdline").read_text().rstrip("\0 ").split("\0")


def zygotes(program: Program) -> list[int]:
    pids = [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdecimal()]
    return [pid for pid in pids if parent_of(pid) == program.pid and "zygote" in words(pid)]


async def works(program: Program) -> None:
    with trio.fail_after(100):
        async with program.connected() as api:
            await all_ready(api)
            assert text_of(await api.ask("general", "@Botkube echo hi")) == "echo hi"


def test_built_in_plugins_are_forked_and_all_go_at_the_end(program: Program) -> None:
    program.start()
    trio.run(works, program)
    [parent] = zygotes(program)
    plugins = plugin_pids(program)
    assert {name: words(pid) for name, pid in plugins.items()} == {
        "builtin/echo": ["botkube", "plugin", "serve", "echo"],
        "builtin/heartbeat": ["botkube", "plugin", "serve", "heartbeat"],
    }
    assert {parent_of(pid) for pid in plugins.values()} == {program.pid}
    assert program.stop(signal.SIGTERM) == 0
    assert [pid for pid in (parent, *plugins.values()) if Path(f"/proc/{pid}").exists()] == []
    assert complaints(program.log_lines()) == []


def test_nobody_notices_when_the_warm_parent_is_killed(program: Program) -> None:
    program.start()
    trio.run(works, program)
    plugins = plugin_pids(program)
    trio.run(kill_parent, program)
    trio.run(works, program)
    assert plugin_pids(program) == plugins
    [line] = complaints(program.log_lines())
    assert line.startswith(
        "zygote:builtin failed: the warm parent of built-in plugins ended, again in"
    )


async def kill_parent(program: Program) -> None:
    [old] = zygotes(program)
    async with program.connected() as api:
        os.kill(old, signal.SIGKILL)
        with trio.fail_after(100):
            await until(lambda: zygotes(program) not in ([], [old]))
        assert (await api.client.get("/readyz")).status_code == 200
        assert await metric(api, "botkube_plugin_restarts_total") == 0


def test_killed_it_leaves_no_process(program: Program) -> None:
    program.start()
    trio.run(works, program)
    pids = [*zygotes(program), *plugin_pids(program).values()]
    program.stop(signal.SIGKILL)

    async def all_gone() -> None:
        for pid in pids:
            with trio.fail_after(100):
                await process_end(pid)

    trio.run(all_gone)


def test_without_built_in_plugins_there_is_no_warm_parent(tmp_path: Path) -> None:
    put_sleeper(tmp_path)
    config = json.loads(several(tmp_path, executors=["gate/sleeper"]))
    config["executors"]["tools"]["builtin/echo"]["enabled"] = False
    program = Program(tmp_path, json.dumps(config))
    program.start()
    try:
        trio.run(ready, program)
        assert zygotes(program) == []
        assert list(plugin_pids(program)) == ["gate/sleeper"]
    finally:
        program.close()


async def ready(program: Program) -> None:
    with trio.fail_after(100):
        async with program.connected() as api:
            await all_ready(api)


def test_where_orphans_cannot_be_adopted_all_are_started_by_exec(tmp_path: Path) -> None:
    code = f"{FORBID_SUBREAPER}\nimport os, sys; os.execv(sys.argv[1], sys.argv[1:])"
    program = Program(tmp_path, argv=(sys.executable, "-c", code, *SOURCE))
    program.start()
    try:
        trio.run(works, program)
        assert zygotes(program) == []
        assert words(plugin_pids(program)["builtin/echo"])[1:] == [
            *SOURCE[1:],
            "plugin",
            "serve",
            "echo",
        ]
        [line] = complaints(program.log_lines())
        assert line == (
            "built-in plugins are started by exec, each with memory of its own: "
            "prctl(PR_SET_CHILD_SUBREAPER) fails: Operation not permitted"
        )
        assert program.stop() == 0
    finally:
        program.close()
