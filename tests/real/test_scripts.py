"""The scripts prepare their own environment, once, safely, and from wherever they are called."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.real, pytest.mark.slow]

ROOT = Path(__file__).parents[2]
PROGRAM = "import os, sys\nprint(os.getcwd(), *sys.argv[1:])\n"
# A Python that lacks modules, as Debian's does without python3-venv.
LACKING = """\
#!{python}
import importlib.util, runpy, sys
find = importlib.util.find_spec
importlib.util.find_spec = lambda name, *more: None if name in {modules} else find(name, *more)
if sys.argv[1] == "-P":
    sys.argv[:] = sys.argv[2:]
    runpy.run_path(sys.argv[0], run_name="__main__")
"""


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """The scripts, a program that prints where it is and what it was given, and locks that pin nothing."""
    clone = tmp_path / "a clone"
    shutil.copytree(
        ROOT / "scripts", clone / "scripts", ignore=shutil.ignore_patterns("__pycache__")
    )
    (clone / "botkube").mkdir()
    (clone / "botkube" / "__main__.py").write_text(PROGRAM)
    (clone / "requirements").mkdir()
    for lock in ("run.txt", "dev.txt"):
        (clone / "requirements" / lock).write_text("# nothing\n")
    return clone


def python_without(clone: Path, *modules: str) -> str:
    path = clone.parent / f"python-without-{'-'.join(modules)}"
    path.write_text(LACKING.format(python=sys.executable, modules=set(modules)))
    path.chmod(0o755)
    return str(path)


def run(clone: Path, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """Call scripts/run from outside; without ensurepip, unless told otherwise, since that is faster."""
    return subprocess.run(
        [str(clone / "scripts" / "run"), *arguments],
        env={"PATH": os.environ["PATH"], "PYTHON": python_without(clone, "ensurepip"), **environ},
        cwd=clone.parent,
        capture_output=True,
        text=True,
        check=False,
        timeout=250,
    )


def test_the_first_run_prepares_and_the_next_do_not(clone: Path) -> None:
    first = run(clone, "--config", "a b.yaml", PYTHON=sys.executable)
    assert first.stdout == f"{clone.parent} run --config a b.yaml\n", first
    assert "preparing .venv" in first.stderr
    made = (clone / ".venv" / "pyvenv.cfg").stat().st_mtime_ns
    second = run(clone)
    assert (second.stdout, second.stderr) == (f"{clone.parent} run\n", "")
    assert (clone / ".venv" / "pyvenv.cfg").stat().st_mtime_ns == made


def test_a_variable_with_a_hyphen_in_its_name_arrives(clone: Path) -> None:
    """The original's usual group has one, and dash would drop it."""
    name = "BOTKUBE_COMMUNICATIONS_DEFAULT-GROUP_SOCKET__SLACK_BOT__TOKEN"
    text = f'import os\nprint(os.environ.get("{name}"))\n'
    (clone / "botkube" / "__main__.py").write_text(text)
    assert run(clone, **{name: "x"}).stdout == "x\n"
    command = [clone / ".venv" / "bin" / "botkube"]
    assert subprocess.check_output(command, env={name: "y"}, text=True, timeout=200) == "y\n"


def test_a_changed_lock_or_a_cut_off_run_starts_afresh(clone: Path) -> None:
    left = clone / ".venv" / "left"
    left.mkdir(parents=True)  # no stamp: whoever made this was cut off
    assert "preparing .venv" in run(clone).stderr
    assert not left.exists()
    (clone / "requirements" / "run.txt").write_text("# something else\n")
    assert "preparing .venv" in run(clone).stderr
    assert run(clone).stderr == ""


def test_a_moved_clone_prepares_again(clone: Path) -> None:
    run(clone)
    moved = clone.rename(clone.with_name("moved"))
    assert "preparing .venv" in run(moved).stderr


def test_two_at_once_make_one_environment(clone: Path) -> None:
    command = [str(clone / "scripts" / "run")]
    environ = os.environ | {"PYTHON": python_without(clone, "ensurepip")}
    both = [subprocess.Popen(command, env=environ, stderr=subprocess.PIPE, text=True) for _ in "ab"]  # noqa: TID251 - beside each other
    said = [process.communicate(timeout=250)[1] for process in both]
    assert [process.returncode for process in both] == [0, 0], said
    assert sorted(text.count("preparing") for text in said) == [0, 1]


def test_no_ensurepip_is_one_sentence_with_the_fix(clone: Path) -> None:
    done = run(clone, PYTHON=python_without(clone, "ensurepip", "pip"))
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "apt install python3-venv" in done.stderr
    assert not (clone / ".venv").exists()


def test_no_python_is_one_sentence_with_the_fix(clone: Path) -> None:
    tools = clone.parent / "bin"
    tools.mkdir()
    for tool in ("bash", "cat", "cut", "dirname", "sha256sum"):
        (tools / tool).symlink_to(shutil.which(tool) or "")
    old = tools / "python3"
    old.write_text("#!/bin/sh\nexit 1\n")  # what an older one answers
    old.chmod(0o755)
    done = run(clone, PATH=str(tools), PYTHON="")
    assert (done.returncode, done.stderr.count("\n")) == (1, 1), done
    assert "no Python 3.11 or newer" in done.stderr


def test_a_lock_that_cannot_be_installed_leaves_no_stamp(clone: Path) -> None:
    (clone / "requirements" / "run.txt").write_text(
        "./nowhere.whl --hash=sha256:" + "0" * 64 + "\n"
    )
    done = run(clone)
    assert done.returncode == 1
    assert "run the command again" in done.stderr
    assert not (clone / ".venv" / "stamp.run").exists()
