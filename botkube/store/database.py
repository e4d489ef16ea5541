"""Owns `state.db`: one writer thread that commits in groups, two read-only connections beside it.

Jobs are plain functions on a connection, so that callers compose "frame and journal row" into one
transaction. It knows no table. The writer ends when its block is left, after what was queued.
"""

import logging
import queue
import sqlite3
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager, closing, suppress
from pathlib import Path
from typing import Final, Generic, TypeVar

import trio

from botkube.model.errors import FatalError, StorageError
from botkube.runtime.doorbell import Doorbell
from botkube.store.files import Opened, is_damage, is_full, open_file, suspect
from botkube.store.reader import CLOSED, Reader

T = TypeVar("T")
Job = Callable[[sqlite3.Connection], T]

log = logging.getLogger(__name__)

GROUP: Final = 64  # jobs in one commit: more gains nothing and makes the first one wait
WAITING: Final = 1024  # jobs queued at once; further callers wait for a place
CALM: Final = 2.0  # seconds without a failure before it is well again: small writes still fit


class StorageDamaged(FatalError):
    """The file turned out damaged while running; a restart replaces it."""

    reason = "storage"


def _nothing(*_result: object) -> None:
    pass


class _Entry(Generic[T]):
    """One queued job, its answer, and the event that wakes its caller."""

    __slots__ = ("done", "error", "job", "otherwise", "result", "then")

    def __init__(
        self, job: Job[T], then: Callable[[T], None], otherwise: Callable[[], None]
    ) -> None:
        self.job = job
        self.then = then
        self.otherwise = otherwise
        self.done = trio.Event()
        self.error: Exception | None = None
        self.result: T

    def run(self, connection: sqlite3.Connection) -> None:
        """Run inside the group's transaction. A job's own error undoes this job only."""
        self.error = None
        connection.execute("SAVEPOINT job")
        try:
            self.result = self.job(connection)
        except Exception as error:
            if isinstance(error, sqlite3.OperationalError) or type(error) is sqlite3.DatabaseError:
                raise  # the disk or the file: the whole group fails
            self.error = error  # it belongs to the caller, who gets it
        if self.error is not None:
            connection.execute("ROLLBACK TO job")
        connection.execute("RELEASE job")

    def settle(self) -> None:
        """On Trio's side, in commit order: tell the observer, then wake the caller."""
        try:
            if self.error is None:
                self.then(self.result)
            else:
                self.otherwise()
        except Exception:
            log.exception("a commit observer failed")
        self.done.set()


class Database:
    """The open state database. Made by `open_database`."""

    def __init__(self, path: Path, opened: Opened) -> None:
        self._path = path
        self._writer = opened.connection
        self._reader = Reader(opened.reader)
        self._browser = Reader(opened.browser)
        self._places = trio.Semaphore(WAITING)
        self._queue: queue.SimpleQueue[_Entry[object] | None] = queue.SimpleQueue()
        self._token = trio.lowlevel.current_trio_token()
        self._closed = False
        self._damage = ""
        self._failed_at = 0.0
        self.trouble = ""
        self.no_room = Doorbell()  # rings when a write failed for lack of room
        self.replaced = opened.replaced

    async def do(
        self,
        job: Job[T],
        then: Callable[[T], None] = _nothing,
        otherwise: Callable[[], None] = _nothing,
    ) -> T:
        """Run `job` in the next group commit and return its result once it is on disk.

        A job may run twice, the first time without effect on the file. Exactly one of
        `then(result)` and `otherwise()` is called, on Trio's side, in commit order, before the
        caller wakes and even if the caller was cancelled meanwhile. They must not block.

        Raises:
            StorageError: the job could not be committed (disk full, file damaged, closed); nothing
                of it was stored. What the job itself raised comes out unchanged.
        Cancellation: before the job is queued nothing happens; after that it happens all the same.
        """
        entry = _Entry(job, then, otherwise)
        try:
            await self._enqueue(entry)
        except BaseException:
            otherwise()
            raise
        await entry.done.wait()
        if entry.error is not None:
            raise entry.error
        return entry.result

    async def _enqueue(self, entry: _Entry[T]) -> None:
        await self._places.acquire()
        if self._closed:
            self._places.release()
            raise StorageError(CLOSED)
        self._queue.put(entry)  # type: ignore[arg-type]  # the queue holds entries of any result

    async def read(self, query: Job[T], *, people: bool = False) -> T:
        """Run `query` on a read-only connection, in a thread; sees what was committed.

        Deliveries and the stream wait for each other, so their queries are short by their LIMIT;
        what people look for has a connection of its own (`people`) and ends itself when it is long.

        Raises:
            StorageError: the file cannot be read, or the database is closed.
        Cancellation: waits for the query to end.
        """
        try:
            return await (self._browser if people else self._reader).run(query)
        except sqlite3.Error as error:
            text = f"state.db cannot be read: {error}"
            if is_damage(text):
                self._suspect(text)
                self.close()
            raise StorageError(text) from error

    async def close_readers(self) -> None:
        """End what is read and close the read-only connections."""
        await self._reader.close()
        await self._browser.close()

    async def run_writer(self) -> None:
        """The writer's life: until `close`, and then until everything queued is committed.

        Raises:
            StorageDamaged: a write or a read met damage; what was still queued is refused.
        """
        try:
            await trio.to_thread.run_sync(self._write, limiter=trio.CapacityLimiter(1))
        finally:
            self._closed = True
            self._refuse_the_rest()
        if self._damage:
            raise StorageDamaged(f"{self._damage}; the next start moves the file aside")

    def close(self) -> None:
        """Refuse new jobs; the writer ends after those already queued."""
        self._closed = True
        self._queue.put(None)

    def _write(self) -> None:
        ending = False
        while not ending and not self._damage:
            group, ending = self._next_group()
            if group:
                trouble = self._commit(group)
                if is_damage(trouble):
                    self._suspect(trouble)
                self._token.run_sync_soon(self._settle, group, trouble)

    def _next_group(self) -> tuple[list[_Entry[object]], bool]:
        """What gathered while the last commit ran: no timer, so a lone job pays one commit."""
        group: list[_Entry[object]] = []
        entry = self._queue.get()
        while entry is not None:
            group.append(entry)
            if len(group) == GROUP or self._queue.empty():
                return group, False
            entry = self._queue.get()
        return group, True

    def _commit(self, group: list[_Entry[object]]) -> str:
        """Commit the group; when it does not go in as a whole, each job by itself."""
        try:
            self._writer.execute("BEGIN IMMEDIATE")
            for entry in group:
                entry.run(self._writer)
            self._writer.execute("COMMIT")
        except sqlite3.Error as error:
            if self._writer.in_transaction:
                self._writer.execute("ROLLBACK")
            if len(group) > 1:
                troubles = [self._commit([entry]) for entry in group]
                return max(troubles, key=lambda text: (is_damage(text), text))
            group[0].error = StorageError(f"state.db did not take a write: {error}")
            return str(group[0].error)
        return ""

    def _suspect(self, damage: str) -> None:
        """Have the writer end, and the whole file checked at the next start."""
        self._damage = damage
        with suppress(OSError):
            suspect(self._path).touch()

    def _refuse_the_rest(self) -> None:
        """Answer what the writer left: nothing when it ended in order."""
        while not self._queue.empty():
            entry = self._queue.get_nowait()
            if entry is not None:
                entry.error = StorageError(CLOSED)
                entry.settle()
                self._places.release()

    def _settle(self, group: list[_Entry[object]], trouble: str) -> None:
        self._watch(trouble)
        for entry in group:
            entry.settle()
            self._places.release()

    def _watch(self, trouble: str) -> None:
        now = trio.current_time()
        if trouble:
            self._failed_at = now
            if trouble != self.trouble:
                log.error(trouble)
            self.trouble = trouble
            if is_full(trouble):
                self.no_room.ring()
        elif self.trouble and now - self._failed_at >= CALM:
            log.warning("state.db takes writes again")
            self.trouble = ""


@asynccontextmanager
async def open_database(path: Path, *, max_bytes: int) -> AsyncGenerator[Database]:
    """The state database at `path`, at most `max_bytes` long, for as long as the block runs.

    A damaged file is moved aside and replaced; `Database.replaced` then names where it went.

    Raises:
        SchemaTooNew: written by a newer program.
        StorageError: the file can be neither opened nor replaced.
        StorageDamaged: (in a group) the file turned out damaged while the block ran.
    Cancellation: leaving the block waits until what is queued is committed.
    """
    opened = await trio.to_thread.run_sync(open_file, path, max_bytes)
    with closing(opened.connection):
        database = Database(path, opened)
        try:
            async with trio.open_nursery() as nursery:
                nursery.start_soon(database.run_writer)
                try:
                    yield database
                finally:
                    database.close()
        finally:
            await database.close_readers()  # noqa: ASYNC102 - shielded, with a deadline, by itself
