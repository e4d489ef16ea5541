"""The executables that scripts/build makes: every command, on a machine that has no Python to offer.

An exclude of the recipe that is wrong, or a module or file that was left out, fails only when it is
reached: so each command is run, from the one file and from the folder.
"""

import json
import os
import select
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from botkube.plugins.unpacked import MARKER, sweep_unpack_dirs
from botkube.plugins.users import EXCLUSIVE
from tests.fakes.gopeers import go_peers
from tests.fakes.openpython import closed
from tests.fakes.program import Program
from tests.gates.looks import plugin_pids

pytestmark = [pytest.mark.real, pytest.mark.slow]

DIST = Path(__file__).parents[2] / "dist"
ONE_FILE = DIST / "botkube"
FOLDER = DIST / "botkube-dir" / "botkube"
# 12 of it for signed indexes, as the library of their curve is one piece, and 3 for patterns, 2 of them the C++ library.
LIMIT = 46 * 2**20


@pytest.fixture(params=[ONE_FILE, FOLDER], ids=["one file", "folder"])
def binary(request: pytest.FixtureRequest) -> Path:
    """One of the two executables."""
    path = Path(request.param)
    if not path.exists():
        pytest.skip(f"{path.relative_to(DIST.parent)} is missing: scripts/build makes it")
    return path


@pytest.fixture
def bare(tmp_path: Path) -> Iterator[dict[str, str]]:
    """An environment with nothing on PATH, and a folder to unpack in that shows what was left."""
    with tempfile.TemporaryDirectory(
        prefix="frozen-", dir="/tmp"
    ) as unpack:  # sockets want it short
        yield {"PATH": "/nonexistent", "HOME": str(tmp_path), "TMPDIR": unpack, "LANG": "C.UTF-8"}


def run(binary: Path, environ: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [str(binary), *arguments]
    return subprocess.run(
        command, env=environ, capture_output=True, text=True, check=False, timeout=200
    )


def test_it_says_what_it_is(binary: Path, bare: dict[str, str]) -> None:
    done = run(binary, bare, "version", "--output", "json")
    about = json.loads(done.stdout)
    major, minor = map(int, about["libc"].split("."))
    assert (2, 14) <= (major, minor) <= (2, 99)
    assert about.keys() == {"version", "commit", "platform", "python", "libc"}


def test_the_one_file_is_small_enough() -> None:
    if not ONE_FILE.exists():
        pytest.skip("dist/botkube is missing: scripts/build makes it")
    assert ONE_FILE.stat().st_size <= LIMIT


def test_it_writes_a_plugin_project(binary: Path, bare: dict[str, str], tmp_path: Path) -> None:
    done = run(binary, bare, "plugins", "new", "source", "tick", "--dir", str(tmp_path / "tick"))
    assert done.returncode == 0, done
    assert (tmp_path / "tick" / "tick.py").read_text().startswith("#!/usr/bin/env python3\n")


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["version"], 0, "botkube 2."),
        (["--help"], 0, "Usage: botkube"),
        (["run", "--help"], 0, "--state-dir"),
        (["chat", "--help"], 0, "--channel"),
        (["chat", "ping"], 4, "botkube run"),
        (["plugins", "run", "echo", "--command", "echo hi"], 0, "echo hi"),
        (["nonsense"], 2, "nonsense"),
        (["plugin", "serve", "echo"], 1, "plugin"),
        (["plugin", "serve", "heartbeat"], 1, "plugin"),
        (["plugins", "list"], 0, "builtin/echo"),
        (["plugins", "search"], 4, "no repository is configured"),
        (["plugins", "install"], 0, "no plugin of a repository is enabled"),
        (["plugins", "verify"], 4, "nothing was verified"),
        (["status"], 2, "not available in this version"),
    ],
)
def test_every_command_answers(
    binary: Path, bare: dict[str, str], arguments: list[str], code: int, said: str
) -> None:
    done = run(binary, bare, *arguments)
    assert (done.returncode, said in done.stdout + done.stderr) == (code, True), done
    assert "Traceback" not in done.stderr


def test_a_configuration_is_checked(binary: Path, bare: dict[str, str], tmp_path: Path) -> None:
    config = tmp_path / "config.yaml"
    config.write_text("sources:\n  beat:\n    builtin/heartbeat: {enabled: maybe}\n")
    done = run(binary, bare, "config", "check", "--config", str(config))
    assert done.returncode == 3, done
    assert f"{config}:3" in done.stdout + done.stderr


def test_a_pattern_is_checked_by_the_library_that_matches_it(
    binary: Path, bare: dict[str, str], tmp_path: Path
) -> None:
    trigger = {"event": "ChannelMessage", "command": "echo", "text": {"include": ["a(?=b)"]}}
    channel = {"name": "x", "messageTriggers": [trigger]}
    slack = {
        "enabled": True,
        "botToken": "xoxb-1",
        "appToken": "xapp-1",
        "channels": {"c": channel},
    }
    config = tmp_path / "config.yaml"
    config.write_text(json.dumps({"communications": {"g": {"socketSlack": slack}}}))
    done = run(binary, bare, "config", "check", "--config", str(config))
    assert done.returncode == 3, done
    assert "invalid perl operator: (?=" in done.stdout + done.stderr


def test_it_runs_and_talks_to_its_own_plugins(
    binary: Path, bare: dict[str, str], tmp_path: Path
) -> None:
    program = Program(tmp_path, argv=("/usr/bin/env", "-i", *pairs(bare), str(binary)))
    program.start()
    try:
        chat = ["chat", "--state-dir", str(program.state_dir), "--timeout", "100", "echo", "hello"]
        done = run(binary, bare, *chat)
        assert (done.returncode, "echo hello" in done.stdout) == (0, True), done
        assert program.stop(signal.SIGTERM) == 0
    finally:
        program.close()
    assert unpacked(bare) == []


def test_it_checks_a_webhook_against_a_plugins_schema(
    binary: Path, bare: dict[str, str], tmp_path: Path
) -> None:
    """The library for it has files of its own, and is imported by the first request."""
    go_peers().put(tmp_path / "cache", "gate", "source", "peer")
    channels = {"a": {"name": "a", "bindings": {"sources": ["go"]}}}
    config = {
        "plugins": {"cacheDir": str(tmp_path / "cache")},
        "sources": {"go": {"gate/peer": {"enabled": True}}},
        "communications": {"c": {"playground": {"enabled": True, "channels": channels}}},
    }
    program = Program(
        tmp_path, json.dumps(config), argv=("/usr/bin/env", "-i", *pairs(bare), str(binary))
    )
    program.start()
    try:
        with program.http() as client:
            answers = [
                client.post("/sources/v1/go", json=body, timeout=100)
                for body in ({"message": 5}, {"message": "hi"})
            ]
        assert [answer.status_code for answer in answers] == [400, 200]
        assert "5 is not of type 'string'" in answers[0].text
        assert program.stop(signal.SIGTERM) == 0
    finally:
        program.close()


def test_its_plugins_are_forks_that_use_the_one_unpacked_directory(
    binary: Path, bare: dict[str, str], tmp_path: Path
) -> None:
    program = Program(tmp_path, argv=("/usr/bin/env", "-i", *pairs(bare), str(binary)))
    program.start()
    try:
        chat = ["chat", "--state-dir", str(program.state_dir), "--timeout", "100", "echo", "hello"]
        assert run(binary, bare, *chat).returncode == 0
        plugin = Path(f"/proc/{plugin_pids(program)['builtin/echo']}")
        shown = (plugin / "cmdline").read_text().rstrip("\0").split("\0")
        assert shown == ["botkube", "plugin", "serve", "echo"]
        environ = (plugin / "environ").read_text()
        assert "PLUGIN_UNIX_SOCKET_DIR=" in environ
        assert "_PYI_" not in environ
        assert "LD_LIBRARY_PATH" not in environ
        held = {str(link.readlink()) for link in (plugin / "fd").iterdir()}
        markers = [str(directory / MARKER) for directory in unpacked(bare)]
        assert len(markers) == (1 if binary == ONE_FILE else 0)
        assert held.issuperset(markers)
        assert sweep_unpack_dirs(Path(bare["TMPDIR"])) == ()
        program.stop(signal.SIGTERM)
    finally:
        program.close()
    assert unpacked(bare) == []


SANDBOXED = """
plugins: {sandbox: {enabled: true}}
executors: {tools: {builtin/echo: {enabled: true}}}
communications:
  default:
    playground:
      enabled: true
      channels: {general: {name: general, bindings: {executors: [tools]}}}
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to give plugins users of their own")
def test_its_own_plugins_run_in_a_sandbox(
    binary: Path, bare: dict[str, str], tmp_path: Path
) -> None:
    if shut := closed(str(binary)):
        pytest.skip(f"other users may not enter {shut}, which the executable is in")
    Path(bare["TMPDIR"]).chmod(0o711)
    command = ("/usr/bin/env", "-i", *pairs(bare), str(binary))
    program = Program(tmp_path, SANDBOXED, argv=command)
    program.start()
    try:
        chat = ["chat", "--state-dir", str(program.state_dir), "--timeout", "100", "echo", "hello"]
        done = run(binary, bare, *chat)
        assert (done.returncode, "echo hello" in done.stdout) == (0, True), done
        [record] = (program.state_dir / "plugins").iterdir()
        status = Path(f"/proc/{json.loads(record.read_text())['pid']}/status").read_text()
        assert int(status.split("Uid:")[1].split()[0]) in EXCLUSIVE
        assert program.stop(signal.SIGTERM) == 0
    finally:
        program.close()
    assert unpacked(bare) == []


def test_a_killed_bootloader_takes_all_with_it(bare: dict[str, str], tmp_path: Path) -> None:
    if not ONE_FILE.exists():
        pytest.skip("dist/botkube is missing: scripts/build makes it")
    program = Program(tmp_path, argv=("/usr/bin/env", "-i", *pairs(bare), str(ONE_FILE)))
    program.start()
    child = os.pidfd_open(program.pid)
    program.stop(signal.SIGKILL)
    assert gone(child, within=10)
    assert unpacked(bare) != []  # nobody was left to remove it …
    program.start()
    assert len(unpacked(bare)) == 1  # … so the next start does
    program.stop()
    program.close()


def pairs(environ: dict[str, str]) -> list[str]:
    return [f"{name}={value}" for name, value in environ.items()]


def unpacked(environ: dict[str, str]) -> list[Path]:
    return list(Path(environ["TMPDIR"]).glob("_MEI*"))


def gone(pidfd: int, *, within: float) -> bool:
    """Whether the process ends within the time."""

    ready, _, _ = select.select([pidfd], [], [], within)
    os.close(pidfd)
    return bool(ready)
