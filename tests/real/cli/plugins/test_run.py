"""`botkube plugins run`, as a process: what is where, and the exit codes."""

import json
import shlex
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import trio

from tests.fakes.authors import put_executor, put_source
from tests.fakes.plugins.rig import process_end

pytestmark = [pytest.mark.real, pytest.mark.slow]

BOTKUBE = [sys.executable, "-P", "-m", "botkube"]


def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*BOTKUBE, "plugins", "run", *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )


def test_the_reply_is_on_stdout_and_the_rest_beside_it(tmp_path: Path) -> None:
    plugin = put_executor(tmp_path)
    config = tmp_path / "config.yaml"
    config.write_text("words: [a]\n")
    more = tmp_path / "more.yaml"
    more.write_text("nested: {n: 1}\n")
    talked = run(plugin, "--command", "sample talk")
    assert (talked.returncode, talked.stdout) == (0, "größer\ntwo\n")
    assert talked.stderr == "größer\ntwo\n"
    told = run(plugin, "--command", "sample config", "--config", config, "--config", more)
    assert (told.returncode, told.stdout) == (0, "('a',) {'n': 1}\n")
    asked = run(plugin, "--command", "sample cluster", "--kubeconfig", config, "--output", "json")
    assert json.loads(asked.stdout)["message"]["baseBody"]["codeBlock"] == "words: [a]\n"
    assert run(plugin, "--help-message").stdout == "Does what a test wants.\n"


@pytest.mark.parametrize(
    ("command", "code", "said"),
    [
        ("sample refuse", 1, "not today\n"),
        ("sample die", 1, "error last words"),
    ],
)
def test_a_failure_exits_with_1(tmp_path: Path, command: str, code: int, said: str) -> None:
    plugin = put_executor(tmp_path)
    done = run(plugin, "--command", command)
    assert (done.returncode, done.stdout) == (code, "")
    assert said in done.stderr
    as_json = run(plugin, "--command", command, "--output", "json")
    assert as_json.returncode == code
    assert set(json.loads(as_json.stdout)) == {"error"}


def test_the_other_kind_of_plugin_is_told_as_that(tmp_path: Path) -> None:
    done = run(put_executor(tmp_path), "--stream")
    assert (done.returncode, "it is an executor: use --command" in done.stderr) == (1, True)
    done = run(put_source(tmp_path), "--command", "sample x")
    assert (done.returncode, "it is a source: use --stream" in done.stderr) == (1, True)


def test_what_is_no_plugin_exits_with_4(tmp_path: Path) -> None:
    broken = tmp_path / "broken.py"
    broken.write_text("raise SystemExit('this is broken')\n")
    done = run(broken, "--metadata")
    assert done.returncode == 4
    assert done.stderr.count("this is broken") == 2  # as it came, and in the reason
    assert run(tmp_path / "nothing.py", "--metadata").returncode == 4


def test_a_source_in_every_way(tmp_path: Path) -> None:
    plugin = put_source(tmp_path)
    payload = tmp_path / "payload"
    payload.write_text("called")
    streamed = run(plugin, "--stream", "--events", "2", "--output", "json")
    assert [json.loads(line)["raw"] for line in streamed.stdout.splitlines()] == [
        {"n": 0},
        {"n": 1},
    ]
    assert streamed.returncode == 0
    called = run(plugin, "--external-request", payload)
    assert (called.returncode, called.stdout) == (0, "called\n\n")
    assert json.loads(run(plugin, "--metadata").stdout)["version"] == "0.1.0"


def test_a_built_in_plugin_and_a_reader_that_leaves(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text("interval: 100ms\n")
    command = [*BOTKUBE, "plugins", "run", "heartbeat", "--stream", "--config", "config.yaml"]
    shell = f"{shlex.join(command)} | head -1"
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", shell],
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
        cwd=tmp_path,
    )
    assert done.stdout == "💙 Heartbeat\n"
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_command_and_what_it_runs(tmp_path: Path, number: int) -> None:
    plugin = put_executor(tmp_path)
    process = subprocess.Popen(  # noqa: TID251 - to be signalled
        [*BOTKUBE, "plugins", "run", str(plugin), "--command", "sample wait"],
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    with process.stderr as said:
        child = int(said.readline())
        process.send_signal(number)
        assert process.wait(60) == 128 + number
    trio.run(gone, child)


async def gone(pid: int) -> None:
    """Whoever reaps it."""
    with trio.fail_after(60):
        await process_end(pid)
