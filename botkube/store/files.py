"""Opens the database file: pragmas, integrity, and moving a damaged file out of the way."""

import logging
import os
import sqlite3
from pathlib import Path
from typing import Final, NamedTuple
from urllib.parse import quote

from botkube.model.errors import StorageError
from botkube.runtime import clock
from botkube.store.schema import migrate, refuse_newer

log = logging.getLogger(__name__)

PAGE: Final = 4096
DAMAGED: Final = ("malformed", "not a database", "corrupt", "unsupported file format")
LEAST: Final = 128 * 2**10  # bytes: with less on the disk SQLite has no place for its WAL index
CHECKED: Final = 8 * 2**20  # a file up to this size is checked at every start: a few milliseconds


class Opened(NamedTuple):
    """The open connections, and where a damaged predecessor went ("" when there was none)."""

    connection: sqlite3.Connection
    reader: sqlite3.Connection
    browser: sqlite3.Connection
    replaced: str


def open_file(path: Path, max_bytes: int) -> Opened:
    """Open or create the database at `path`; a damaged one is moved aside, loudly.

    Raises:
        SchemaTooNew: written by a newer program (nothing is moved).
        StorageError: no usable file can be made there.
    """
    try:
        connection, aside = _open_or_replace(path, max_bytes)
        return Opened(connection, _connect_reader(path), _connect_reader(path), aside)
    except (sqlite3.Error, OSError) as error:
        raise StorageError(_why(path, error)) from error


def is_full(text: str) -> bool:
    """Whether an SQLite error text speaks of no room, on the disk or within the file's limit."""
    return "is full" in text


def is_damage(text: str) -> bool:
    """Whether an SQLite error text speaks of a damaged file, which trying again cannot mend."""
    return any(word in text for word in DAMAGED)


def suspect(path: Path) -> Path:
    """The marker that makes the next start check the whole file, whatever its size."""
    return path.with_name(path.name + ".suspect")


def _why(path: Path, error: Exception) -> str:
    if _free(path.parent) < LEAST:
        return (
            f"no space left for {path.name} in {path.parent}: make room there, "
            f"or give another --state-dir ({error})"
        )
    return f"{path} cannot be opened: {error}"


def _free(folder: Path) -> int:
    try:
        found = os.statvfs(folder)
    except OSError:  # there is no such folder: space is not what is missing
        return LEAST
    return found.f_bavail * found.f_frsize


def _open_or_replace(path: Path, max_bytes: int) -> tuple[sqlite3.Connection, str]:
    try:
        return _open_checked(path, max_bytes), ""
    except sqlite3.DatabaseError as error:
        if not is_damage(str(error)):
            raise
        aside = _move_aside(path)
        log.error(  # noqa: TRY400 - the sentence says it all
            "state.db is damaged (%s): moved to %s, starting with an empty one", error, aside
        )
    return _open_checked(path, max_bytes), aside


def _connect_reader(path: Path) -> sqlite3.Connection:
    """A second, read-only connection to the same file."""
    connection = sqlite3.connect(
        f"file:{quote(str(path))}?mode=ro", uri=True, isolation_level=None, check_same_thread=False
    )
    connection.execute("PRAGMA query_only = 1")
    return connection


def _open_checked(path: Path, max_bytes: int) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    try:
        refuse_newer(connection)  # before anything is written to it
        path.chmod(0o600)
        _prepare(connection, max_bytes)
        marked = suspect(path)
        if marked.exists() or path.stat().st_size <= CHECKED:
            _check(connection)
        migrate(connection)
        marked.unlink(missing_ok=True)
    except BaseException:
        connection.close()
        raise
    return connection


def _prepare(connection: sqlite3.Connection, max_bytes: int) -> None:
    connection.execute("PRAGMA journal_mode = WAL")
    # FULL, not NORMAL: an event that counts as received is on disk, also after a power cut.
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA busy_timeout = 5000")
    connection.execute(f"PRAGMA max_page_count = {max(max_bytes // PAGE, 64)}")
    connection.execute("PRAGMA temp_store = MEMORY")


def _check(connection: sqlite3.Connection) -> None:
    (verdict,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    if verdict != "ok":
        raise sqlite3.DatabaseError(f"database disk image is malformed: {verdict}")


def _move_aside(path: Path) -> str:
    stamp = clock.rfc3339(clock.wall()).replace(":", "")
    aside = path.with_name(f"{path.name}.damaged-{stamp}")
    for ending in ("", "-wal", "-shm"):
        part = Path(f"{path}{ending}")
        if part.exists():
            Path(part).replace(f"{aside}{ending}")
    suspect(path).unlink(missing_ok=True)
    return str(aside)
