"""The state directory: where it is, who owns it now, and what it tells other programs.

`lock` is held for the whole run, so one instance works on a directory; `instance.json` says how the
running one is reached; `token` is the key to its playground.
"""

import fcntl
import os
import secrets
import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Final

import msgspec

from botkube.model.errors import BotkubeError

PATIENCE: Final = 2.0  # seconds for a killed predecessor's child to let go of the lock
SYSTEM: Final = Path("/var/lib/botkube")


class StateDirError(BotkubeError):
    """The state directory cannot be used; the text says why and what to do."""


class Instance(msgspec.Struct, frozen=True, kw_only=True):
    """`instance.json`: how to reach the running instance, and where its plugins are. `url` has no token in it."""

    pid: int
    url: str
    token: str
    version: str
    started_at: str
    started_ms: int
    config_paths: tuple[str, ...] = ()  # absolute; none: the embedded default
    cache_dir: str = ""
    lock_file: str = ""


def home(environ: Mapping[str, str]) -> Path | None:
    """The user's home directory, if there is one."""
    try:
        return Path(environ.get("HOME") or "~").expanduser()
    except RuntimeError:  # no HOME and no entry in the user database
        return None


def default_state_dir(environ: Mapping[str, str]) -> Path:
    """Where state is kept when `--state-dir` does not say.

    Raises:
        StateDirError: nothing says it and the user has no home.
    """
    if environ.get("STATE_DIRECTORY"):
        return Path(environ["STATE_DIRECTORY"].split(":")[0])  # systemd may list several
    if environ.get("XDG_STATE_HOME"):
        return Path(environ["XDG_STATE_HOME"]) / "botkube"
    found = home(environ)
    if found is None:
        raise StateDirError("this user has no home directory: say --state-dir where state is kept")
    return found / ".local" / "state" / "botkube"


def client_state_dirs(environ: Mapping[str, str]) -> list[Path]:
    """Where a client command looks for a running instance."""
    places = [default_state_dir(environ)] if environ.get("STATE_DIRECTORY") else []
    with suppress(StateDirError):
        places.append(default_state_dir({**environ, "STATE_DIRECTORY": ""}))
    return [*places, SYSTEM]


def cache_dir(configured: str, environ: Mapping[str, str], state_dir: Path) -> Path:
    """Return where plugin executables are kept; `configured` is plugins.cacheDir."""
    if given := configured or environ.get("CACHE_DIRECTORY", "").split(":")[0]:
        return Path(given).absolute()
    if environ.get("XDG_CACHE_HOME"):
        return Path(environ["XDG_CACHE_HOME"]) / "botkube" / "plugins"
    found = home(environ)
    return (found / ".cache" / "botkube" / "plugins" if found else state_dir / "cache").absolute()


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
        raise _unusable(path, error) from error
    with handle:
        try:
            _lock(handle, path)
            handle.truncate(0)
            handle.write(f"{os.getpid()}\n")
            handle.flush()
        except OSError as error:
            raise _unusable(path, error) from error
        try:
            yield
        finally:
            (path / "instance.json").unlink(missing_ok=True)
            _give_to_owner(path)


def _unusable(path: Path, error: OSError) -> StateDirError:
    return StateDirError(
        f"the state directory {path} cannot be used: {error.strerror}; give another --state-dir"
    )


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
    """The playground's token, made at the first start and kept.

    Raises:
        StateDirError: it can be neither read nor made.
    """
    file = path / "token"
    try:
        token = file.read_text("ascii").strip() if file.exists() else ""
    except (OSError, UnicodeDecodeError) as error:
        raise StateDirError(
            f"{file} cannot be read: {error}; remove it to get a new one"
        ) from error
    if not token:
        token = secrets.token_urlsafe(24)
        write_private(file, f"{token}\n".encode())
    return token


def write_private(file: Path, data: bytes) -> None:
    """Write a file that only its owner can read, so that readers see all of it or the old one.

    Raises:
        StateDirError: the old one is still there.
    """
    fresh = file.with_name(f".{file.name}.new")
    try:
        fresh.unlink(missing_ok=True)
        with os.fdopen(os.open(fresh, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as handle:
            handle.write(data)
            os.fsync(handle.fileno())
        fresh.replace(file)
    except OSError as error:
        raise StateDirError(f"{file} cannot be written: {error.strerror}") from error


def publish(path: Path, instance: Instance) -> None:
    """Say that the instance is up.

    Raises:
        StateDirError: it cannot be said.
    """
    write_private(path / "instance.json", msgspec.json.encode(instance))
    _give_to_owner(path)


def _give_to_owner(path: Path) -> None:
    """What root writes in another user's state directory is that user's, who runs it next."""
    owner = path.stat()
    if os.geteuid() != 0 or owner.st_uid == 0:
        return
    for found in path.rglob("*"):
        with suppress(OSError):  # gone again, such as a plugin's record
            os.chown(found, owner.st_uid, owner.st_gid, follow_symlinks=False)


def find_instance(paths: list[Path]) -> Instance | None:
    """The instance running on one of these directories; a stale file counts as none.

    Raises:
        StateDirError: there is one, and this user may not talk to it.
    """
    for path in paths:
        file = path / "instance.json"
        try:
            instance = msgspec.json.decode(file.read_bytes(), type=Instance)
        except (FileNotFoundError, NotADirectoryError, msgspec.DecodeError, UnicodeDecodeError):
            continue
        except PermissionError:
            raise StateDirError(f"{file} belongs to another user: use sudo") from None
        if _is_owned(path):
            return instance
    return None


def _is_owned(path: Path) -> bool:
    """Whether an instance holds the lock. Its pid would not tell: another process may have it now."""
    try:
        with (path / "lock").open("rb") as handle:
            fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except (BlockingIOError, PermissionError):
        return True
    return False
