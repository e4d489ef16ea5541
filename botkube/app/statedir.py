"""The state directory: where it is, who owns it now, and what it tells other programs.

`lock` is held for the whole run, so one instance works on a directory; `instance.json` says how the
running one is reached; `token` is the key to its playground.
"""

import fcntl
import os
import secrets
import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

import msgspec

from botkube.model.errors import BotkubeError

PATIENCE: Final = 2.0  # seconds for a killed predecessor's child to let go of the lock
SYSTEM: Final = Path("/var/lib/botkube")


class StateDirError(BotkubeError):
    """The state directory cannot be used; the text says why and what to do."""


class Instance(msgspec.Struct, frozen=True, kw_only=True):
    """`instance.json`: how to reach the running instance. `url` has no token in it."""

    pid: int
    url: str
    token: str
    version: str
    started_at: str
    started_ms: int


def default_state_dir(environ: Mapping[str, str]) -> Path:
    """Where state is kept when `--state-dir` does not say."""
    if environ.get("STATE_DIRECTORY"):
        return Path(environ["STATE_DIRECTORY"].split(":")[0])  # systemd may list several
    home = Path(environ.get("HOME") or "~").expanduser()
    return Path(environ.get("XDG_STATE_HOME") or home / ".local" / "state") / "botkube"


def client_state_dirs(environ: Mapping[str, str]) -> list[Path]:
    """Where a client command looks for a running instance."""
    return [default_state_dir(environ), SYSTEM]


@contextmanager
def locked(path: Path) -> Generator[None]:
    """Create the directory if needed and own it while the block runs.

    Raises:
        StateDirError: it cannot be written, or another instance runs on it (the text has its pid).
    """
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = (path / "lock").open("a+", encoding="ascii")
    except OSError as error:
        raise StateDirError(
            f"the state directory {path} cannot be used: {error.strerror}; give another --state-dir"
        ) from error
    with handle:
        _lock(handle, path)
        handle.truncate(0)
        handle.write(f"{os.getpid()}\n")
        handle.flush()
        try:
            yield
        finally:
            (path / "instance.json").unlink(missing_ok=True)


def _lock(handle: IO[str], path: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                handle.seek(0)
                raise StateDirError(
                    f"another instance (pid {handle.read().strip()}) runs on {path}: "
                    "stop it, or give another --state-dir"
                ) from None
            time.sleep(0.05)
        else:
            return


def load_token(path: Path) -> str:
    """The playground's token, made at the first start and kept."""
    file = path / "token"
    if file.exists():
        token = file.read_text("ascii").strip()
        if token:
            return token
    token = secrets.token_urlsafe(24)
    write_private(file, f"{token}\n".encode())
    return token


def write_private(file: Path, data: bytes) -> None:
    """Write a file that only its owner can read, so that readers see all of it or the old one."""
    fresh = file.with_name(f".{file.name}.new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as handle:
        handle.write(data)
        os.fsync(handle.fileno())
    fresh.replace(file)


def publish(path: Path, instance: Instance) -> None:
    """Say that the instance is up."""
    write_private(path / "instance.json", msgspec.json.encode(instance))


def find_instance(paths: list[Path]) -> Instance | None:
    """The instance running on one of these directories; a stale file counts as none.

    Raises:
        StateDirError: there is one, and this user may not talk to it.
    """
    for path in paths:
        file = path / "instance.json"
        try:
            instance = msgspec.json.decode(file.read_bytes(), type=Instance)
        except (FileNotFoundError, NotADirectoryError, msgspec.DecodeError):
            continue
        except PermissionError:
            raise StateDirError(f"{file} belongs to another user: use sudo") from None
        if _runs(instance.pid):
            return instance
    return None


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
