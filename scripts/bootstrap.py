"""Makes the repository's own environment, .venv, from a lock file; `scripts/env.sh` calls it.

Runs on any Python ≥ 3.11 with nothing installed. An environment is made from nothing and gets its
stamp last, so an interrupted run is done again; a lock keeps two runs apart.
"""

import fcntl
import hashlib
import importlib.util
import shlex
import shutil
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"


class CannotPrepare(Exception):
    """One sentence for a person, with what to do about it."""


def main(kind: str) -> int:
    """Prepare the environment for `run` or `dev`; a sentence on stderr and 1 if that cannot be done."""
    try:
        with _only_one():
            prepare(kind)
    except CannotPrepare as problem:
        _say(str(problem))
        return 1
    except OSError as problem:
        where = problem.filename or VENV
        _say(
            f"cannot write {where}: {problem.strerror}. Make it writable, or use a copy of your own."
        )
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def prepare(kind: str) -> None:
    """Bring .venv to what the lock file of `kind` says.

    Raises: CannotPrepare if this Python cannot make environments, or pip failed.
    """
    if _is_current(kind):
        return  # another run made it while this one waited for the lock
    if _is_current("run"):
        _say("adding the development tools to .venv (once; this takes a minute)")
    else:
        _check_python()
        _say("preparing .venv (once; this takes a minute)")
        _make_empty()
    _install(kind)
    (_site_packages() / "botkube-source.pth").write_text(f"{ROOT}\n")
    _write_command()
    for done in {"run", kind}:  # the development lock holds the other one
        _stamp(done).write_text(f"{_expected(done)}\n")


@contextmanager
def _only_one() -> Generator[None]:
    work = ROOT / "work"
    work.mkdir(exist_ok=True)
    with (work / "bootstrap.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _stamp(kind: str) -> Path:
    return VENV / f"stamp.{kind}"


def _expected(kind: str) -> str:
    """The lock file and the place, as in env.sh: an environment does not survive being moved."""
    content = (ROOT / "requirements" / f"{kind}.txt").read_bytes()
    return hashlib.sha256(content + f"{ROOT}\n".encode()).hexdigest()


def _is_current(kind: str) -> bool:
    stamp = _stamp(kind)
    return PYTHON.exists() and stamp.exists() and stamp.read_text().strip() == _expected(kind)


def _check_python() -> None:
    needed = ["venv"] if _has("pip") else ["venv", "ensurepip"]
    if missing := [module for module in needed if not _has(module)]:
        raise CannotPrepare(
            f"{sys.executable} cannot make virtual environments, as its module {missing[0]} is missing: "
            "install it (Debian, Ubuntu: apt install python3-venv) and run the command again."
        )


def _make_empty() -> None:
    if VENV.exists():
        shutil.rmtree(VENV)
    without_pip = [] if _has("ensurepip") else ["--without-pip"]
    _run([sys.executable, "-P", "-m", "venv", *without_pip, str(VENV)], "making .venv failed")


def _install(kind: str) -> None:
    lock = str(ROOT / "requirements" / f"{kind}.txt")
    options = ["--quiet", "--disable-pip-version-check", "--no-input", "--require-hashes"]
    _run([*_pip(), "install", *options, "--requirement", lock], f"installing {lock} failed")


def _pip() -> list[str]:
    if (_site_packages() / "pip").exists():
        return [str(PYTHON), "-P", "-m", "pip"]
    return [sys.executable, "-P", "-m", "pip", "--python", str(PYTHON)]


def _write_command() -> None:
    """Write .venv/bin/botkube: the program from the source tree, whatever the directory.

    For bash where there is one: dash passes on no variable whose name has a hyphen, as a group's may.
    """
    shell = shutil.which("bash") or "/bin/sh"
    command = VENV / "bin" / "botkube"
    command.write_text(f'#!{shell}\nexec {shlex.quote(str(PYTHON))} -P -m botkube "$@"\n')
    command.chmod(0o755)


def _site_packages() -> Path:
    return (
        VENV / "lib" / f"python{sys.version_info.major}.{sys.version_info.minor}" / "site-packages"
    )


def _run(command: list[str], failure: str) -> None:
    done = subprocess.run(command, check=False, stdin=subprocess.DEVNULL, stdout=sys.stderr)
    if done.returncode != 0:
        raise CannotPrepare(f"{failure}: the reason stands above; run the command again to go on.")


def _has(module: str) -> bool:
    return importlib.util.find_spec(module) is not None


def _say(text: str) -> None:
    print(f"botkube: {text}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
