"""The process as its surroundings see it: signals that do not end it, sd_notify, and starts that cannot be."""

import json
import os
import signal
import socket
import subprocess
from pathlib import Path

import pytest
import trio

from tests.fakes.program import Program, command, text_of
from tests.gates.configs import several
from tests.gates.conftest import Launch
from tests.gates.looks import all_ready

pytestmark = [pytest.mark.real, pytest.mark.slow]


def try_to_run(*arguments: str) -> subprocess.CompletedProcess[str]:
    """A `run` that is expected to end at once."""
    environ = {k: v for k, v in os.environ.items() if not k.startswith(("BOTKUBE_", "XDG_"))}
    return subprocess.run(
        [*command(), "run", "--listen", "127.0.0.1:0", *arguments],
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
        env=environ,
    )


async def test_sigusr1_shows_the_tasks_and_sighup_does_not_end_it(
    folder: Path, launch: Launch
) -> None:
    program = launch(several(folder))
    with trio.fail_after(200):
        async with program.connected() as api:
            await all_ready(api)
            os.kill(program.pid, signal.SIGUSR1)
            tree = await said_in_log(program, "task tree")
            for name in (
                "plugin:builtin/echo",
                "deliver:default-playground:one",
                "serve_listeners",
            ):
                assert name in tree
            os.kill(program.pid, signal.SIGHUP)
            assert "reload is not available" in await said_in_log(program, "SIGHUP")
            assert text_of(await api.ask("one", "@Botkube echo alive")) == "echo alive"
    assert program.stop() == 0


async def said_in_log(program: Program, start: str) -> str:
    while True:
        for line in program.log_lines():
            if str(line["msg"]).startswith(start):
                return str(line["msg"])
        await trio.sleep(0.02)


def test_a_service_manager_is_told(folder: Path, launch: Launch) -> None:
    path = folder / "notify"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(path))
        manager.settimeout(100)
        program = launch(several(folder), NOTIFY_SOCKET=str(path))
        assert manager.recv(4096) == b"READY=1"
        assert program.stop() == 0
        assert manager.recv(4096) == b"STOPPING=1"


def test_a_second_instance_is_refused_with_the_first_ones_pid(folder: Path, launch: Launch) -> None:
    program = launch(several(folder))
    done = try_to_run("--state-dir", str(program.state_dir))
    assert done.returncode == 1
    [line] = done.stderr.strip().splitlines()
    assert f"another instance (pid {program.pid}) runs on {program.state_dir}" in line
    assert (
        json.loads((program.state_dir / "instance.json").read_text())["pid"] == program.pid
    )  # the refused one took nothing away
    assert program.stop() == 0


def test_an_invalid_configuration_is_told_whole(tmp_path: Path) -> None:
    config = tmp_path / "config.yaml"
    config.write_text(
        "settings:\n"
        "  commandTimeout: soon\n"
        "executors:\n"
        "  tools:\n"
        "    builtin/echo: {enabled: maybe}\n"
        "communications:\n"
        "  default:\n"
        "    playground:\n"
        "      enabled: true\n"
        "      channels:\n"
        "        one: {name: one, bindings: {executors: [toolz]}}\n"
    )
    done = try_to_run("--state-dir", str(tmp_path / "state"), "--config", str(config))
    assert done.returncode == 3
    for line, key, value, fix in (
        (2, "settings.commandTimeout", "soon", "5m"),
        (5, "executors.tools.builtin/echo.enabled", "maybe", "true"),
        (11, "communications.default.playground.channels.one.bindings.executors", "toolz", "tools"),
    ):
        told = done.stderr.split(f"{config}:{line}: ")[1].split(f"{config}:")[0]
        assert key in told
        assert value in told
        assert fix in told
    assert not (tmp_path / "state" / "instance.json").exists()
    assert "Traceback" not in done.stderr


def test_a_port_in_use_is_one_clear_sentence(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        done = try_to_run("--state-dir", str(tmp_path / "state"), "--listen", address)
    assert done.returncode == 1
    [line] = [x for x in done.stderr.splitlines() if not x.startswith("{")]
    assert line.startswith("botkube: ")
    assert f"cannot listen on {address}" in line
    assert "in use" in line
    assert not (tmp_path / "state" / "instance.json").exists()
