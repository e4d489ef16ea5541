"""A hostile plugin in the sandbox of the whole program: it works, gets at nothing, and leaves nothing after a crash."""

import json
import os
import signal
from pathlib import Path

import pytest
import trio

from tests.fakes.openpython import OpenPython, open_python
from tests.fakes.plugins.rig import HERE, process_end
from tests.fakes.program import Api, Program, text_of
from tests.gates.configs import several
from tests.gates.conftest import Launch
from tests.gates.looks import all_ready, plugin_pids

pytestmark = [
    pytest.mark.real,
    pytest.mark.slow,
    pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to give plugins users of their own"),
]

PRISONER = HERE / "prisoner.py"
SCRIPT = """#!{python} -I
import runpy, sys
sys.path[:0] = {path!r}
runpy.run_path({script!r}, run_name="__main__")
"""


def put_prisoner(folder: Path, python: OpenPython) -> None:
    path = folder / "cache" / "gate" / "executor_v1.0.0_prisoner"
    path.parent.mkdir(parents=True)
    text = SCRIPT.format(python=python.executable, path=list(python.path), script=str(PRISONER))
    path.write_text(text)
    path.chmod(0o755)


@pytest.fixture
def program(folder: Path, launch: Launch) -> Program:
    """With a hostile plugin, in a sandbox that lets it read more than it should need."""
    python = open_python()
    folder.chmod(0o711)
    put_prisoner(folder, python)
    config = json.loads(several(folder, executors=["gate/prisoner"], beat={"interval": "1s"}))
    readable = [*python.readable, str(HERE), "/tmp", "/run", "/var", "/root"]
    config["plugins"]["sandbox"] = {"enabled": True, "readable": readable}
    own = {"sandbox": {"enabled": False}}  # the Python of this run may be closed to others
    config["plugins"]["overrides"] = {"builtin/echo": own, "builtin/heartbeat": own}
    return launch(json.dumps(config), BOTKUBE_SECRET="precious")


async def ask(api: Api, command: str) -> str:
    return text_of(await api.ask("one", f"@Botkube prisoner {command}"))


async def test_it_works_and_gets_at_nothing(program: Program) -> None:
    with trio.fail_after(200):
        async with program.connected() as api:
            await all_ready(api)
            assert await ask(api, "echo hello") == "ok hello"
            assert (await ask(api, "home")).startswith("ok /")
            for command in hostile(program):
                answer = await ask(api, command)
                assert answer.startswith("refused"), f"{command}: {answer}"
            assert "precious" not in program.log.read_text()


def hostile(program: Program) -> list[str]:
    state, pid = program.state_dir, program.pid
    other = plugin_pids(program)["builtin/echo"]
    directories = (program.folder / "run" / "plugins").iterdir()
    elsewhere = next(path for path in directories if path.stat().st_uid == 0)
    return [
        *(f"read {state / name}" for name in ("state.db", "token", "instance.json")),
        *(f"write {state / name}" for name in ("state.db", "token", "instance.json", "new")),
        f"listed {state}",
        f"read {program.folder / 'config.yaml'}",
        f"listed {elsewhere}",
        f"write {elsewhere / 'x'}",
        f"read /proc/{pid}/environ",
        f"trace {pid}",
        f"kill {pid}",
        f"trace {other}",
        f"kill {other}",
        "become 0",
        "write /tmp/botkube-escaped",
        "write /etc/botkube-escaped",
    ]


async def test_a_crash_leaves_nothing_of_it(program: Program) -> None:
    with trio.fail_after(200):
        async with program.connected() as api:
            await all_ready(api)
            hidden = int((await ask(api, "daemon")).removeprefix("ok "))
            visible = plugin_pids(program)["gate/prisoner"]
        program.stop(signal.SIGKILL)
        left = set((program.folder / "run" / "plugins").iterdir())
        assert left
        program.start()
        for pid in (hidden, visible):
            await process_end(pid)
        async with program.connected() as api:
            await all_ready(api)
            assert await ask(api, "echo back") == "ok back"
        assert not left & set((program.folder / "run" / "plugins").iterdir())
