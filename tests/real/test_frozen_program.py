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

from tests.fakes.program import Program

pytestmark = [pytest.mark.real, pytest.mark.slow]

DIST = Path(__file__).parents[2] / "dist"
ONE_FILE = DIST / "botkube"
FOLDER = DIST / "botkube-dir" / "botkube"
LIMIT = 32 * 2**20


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
        command, env=environ, capture_output=True, text=True, check=False, timeout=60
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


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["version"], 0, "botkube 2."),
        (["--help"], 0, "Usage: botkube"),
        (["run", "--help"], 0, "--state-dir"),
        (["chat", "--help"], 0, "--channel"),
        (["chat", "ping"], 4, "botkube run"),
        (["nonsense"], 2, "nonsense"),
        (["plugin", "serve", "echo"], 1, "plugin"),
        (["plugin", "serve", "heartbeat"], 1, "plugin"),
        (["plugins", "list"], 2, "not available in this version"),
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


def test_it_runs_and_talks_to_its_own_plugins(
    binary: Path, bare: dict[str, str], tmp_path: Path
) -> None:
    program = Program(tmp_path, argv=("/usr/bin/env", "-i", *pairs(bare), str(binary)))
    program.start()
    try:
        chat = ["chat", "--state-dir", str(program.state_dir), "--timeout", "20", "echo", "hello"]
        done = run(binary, bare, *chat)
        assert (done.returncode, "echo hello" in done.stdout) == (0, True), done
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
