"""Group commit, its promises to callers, and what they see when the disk does not take a write."""

import sqlite3
import threading
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path

import pytest
import trio
import trio.testing

from botkube.model.errors import StorageError
from botkube.store import files
from botkube.store.database import CALM, GROUP, WAITING, Database, StorageDamaged
from tests.fakes.cancelling import cancelled_at
from tests.fakes.store import Gate, inserting, opened, texts

pytestmark = pytest.mark.real

FULL = "state.db did not take a write: database or disk is full"
SMALLEST = 1  # bytes asked for: the store makes it the least it can work with, 256 KiB


class Observer:
    """Counts what a caller is told."""

    def __init__(self) -> None:
        self.then: list[object] = []
        self.otherwise = 0

    def took(self, result: object) -> None:
        self.then.append(result)

    def failed(self) -> None:
        self.otherwise += 1


async def test_a_result_comes_back_and_is_on_disk(tmp_path: Path) -> None:
    async with opened(tmp_path) as database:
        seq = await database.do(inserting("one"))
        with sqlite3.connect(tmp_path / "state.db") as other:
            assert other.execute("SELECT seq, id FROM frame").fetchall() == [(seq, "one")]


async def test_a_reader_sees_what_was_committed(tmp_path: Path) -> None:
    async with opened(tmp_path) as database:
        for number in range(20):
            await database.do(inserting(str(number)))
            assert (await database.read(texts))[-1] == str(number)


async def test_the_reading_connection_cannot_write(tmp_path: Path) -> None:
    async with opened(tmp_path) as database:
        with pytest.raises(StorageError, match="readonly"):
            await database.read(inserting("never"))


async def test_jobs_that_gather_go_into_one_transaction(tmp_path: Path) -> None:
    statements: list[str] = []
    async with opened(tmp_path) as database:
        database._writer.set_trace_callback(statements.append)
        gate = Gate()
        async with trio.open_nursery() as nursery:
            await gate.close(database, nursery)
            for number in range(GROUP + 10):
                nursery.start_soon(database.do, inserting(str(number)))
            await trio.testing.wait_all_tasks_blocked()
            gate.open()
        database._writer.set_trace_callback(None)
        assert len(await database.read(texts)) == GROUP + 10
    assert statements.count("COMMIT") == 3  # the gate, a full group, the rest


async def test_observers_are_called_in_commit_order_before_the_callers_wake(
    tmp_path: Path,
) -> None:
    seen: list[object] = []
    woken_early: list[int] = []

    async def say(database: Database, number: int) -> None:
        seq = await database.do(inserting(str(number)), seen.append)
        if seq not in seen:
            woken_early.append(seq)

    async with opened(tmp_path) as database, trio.open_nursery() as nursery:
        for number in range(300):
            nursery.start_soon(say, database, number)
    assert len(seen) == 300
    assert seen == sorted(seen, key=str)
    assert woken_early == []


@pytest.mark.parametrize("checkpoint", range(1, 6))
async def test_exactly_one_observer_is_called_wherever_the_caller_is_cancelled(
    tmp_path: Path, checkpoint: int
) -> None:
    told = Observer()
    async with opened(tmp_path) as database:
        await cancelled_at(
            checkpoint, lambda: database.do(inserting("maybe"), told.took, told.failed)
        )
        await database.do(inserting("after"))
        stored = "maybe" in await database.read(texts)
    assert (len(told.then), told.otherwise) == ((1, 0) if stored else (0, 1))


async def given_up(call: Callable[[], Awaitable[object]]) -> None:
    """Make a call that has to wait, and cancel it then."""
    async with trio.open_nursery() as nursery:
        nursery.start_soon(call)
        await trio.testing.wait_all_tasks_blocked()
        assert nursery.child_tasks
        nursery.cancel_scope.cancel()


async def test_a_caller_cancelled_while_waiting_for_a_place_stores_nothing(
    tmp_path: Path,
) -> None:
    told = Observer()
    async with opened(tmp_path) as database:
        gate = Gate()
        async with trio.open_nursery() as nursery:
            await gate.close(database, nursery)
            for number in range(WAITING - 1):
                nursery.start_soon(database.do, inserting(str(number)))
            await trio.testing.wait_all_tasks_blocked()
            await given_up(partial(database.do, inserting("late"), told.took, told.failed))
            gate.open()
        assert "late" not in await database.read(texts)
        assert len(await database.read(texts)) == WAITING - 1
    assert (told.then, told.otherwise) == ([], 1)


async def test_a_cancelled_job_that_was_queued_happens(tmp_path: Path) -> None:
    told = Observer()
    async with opened(tmp_path) as database:
        gate = Gate()
        async with trio.open_nursery() as nursery:
            await gate.close(database, nursery)
            await given_up(partial(database.do, inserting("queued"), told.took, told.failed))
            assert told.then == []
            gate.open()
        await database.do(inserting("behind"))
        assert await database.read(texts) == ["queued", "behind"]
    assert (len(told.then), told.otherwise) == (1, 0)


async def test_an_error_of_a_job_undoes_only_that_job(tmp_path: Path) -> None:
    def breaks(connection: sqlite3.Connection) -> None:
        inserting("undone")(connection)
        raise LookupError("the job's own")

    told = Observer()
    problems: list[Exception] = []

    async def broken(database: Database) -> None:
        try:
            await database.do(breaks, told.took, told.failed)
        except LookupError as error:
            problems.append(error)

    async with opened(tmp_path) as database:
        gate = Gate()
        async with trio.open_nursery() as nursery:
            await gate.close(database, nursery)
            nursery.start_soon(database.do, inserting("a"))
            nursery.start_soon(broken, database)
            nursery.start_soon(database.do, inserting("b"))
            await trio.testing.wait_all_tasks_blocked()
            gate.open()
        assert sorted(await database.read(texts)) == ["a", "b"]
        assert database.trouble == ""
    assert (told.then, told.otherwise, len(problems)) == ([], 1, 1)


@pytest.mark.parametrize(
    "job",
    [
        lambda c: c.execute("INSERT INTO event (id) VALUES (1)"),  # IntegrityError
        lambda c: c.execute("SELECT ?", ()),  # ProgrammingError
        lambda c: c.execute("SELECT ?", (2**70,)),  # OverflowError
    ],
)
async def test_a_faulty_job_is_no_trouble_of_the_disk(tmp_path: Path, job: object) -> None:
    async with opened(tmp_path) as database:
        with pytest.raises((sqlite3.IntegrityError, sqlite3.ProgrammingError, OverflowError)):
            await database.do(job)  # type: ignore[arg-type]  # whatever it returns, it fails
        assert database.trouble == ""
        await database.do(inserting("next"))


async def test_an_observer_that_breaks_does_not_stop_the_others(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    def breaks(_result: int) -> None:
        raise LookupError("an observer's own")

    async with opened(tmp_path) as database:
        assert await database.do(inserting("a"), breaks) > 0
        await database.do(inserting("b"))
    assert "a commit observer failed" in caplog.text


async def test_leaving_the_block_finishes_what_is_queued(tmp_path: Path) -> None:
    gate = Gate()
    async with trio.open_nursery() as nursery, opened(tmp_path) as database:
        calls = [partial(database.do, inserting(str(number))) for number in range(200)]
        await gate.gather(database, nursery, calls)
        gate.open()
    async with opened(tmp_path) as database:
        assert len(await database.read(texts)) == 200


async def test_jobs_after_the_end_are_refused(tmp_path: Path) -> None:
    told = Observer()
    async with opened(tmp_path) as database:
        pass
    with pytest.raises(StorageError, match="the state database is closed"):
        await database.do(inserting("late"), told.took, told.failed)
    assert (told.then, told.otherwise) == ([], 1)
    with pytest.raises(StorageError, match="the state database is closed"):
        await database.read(texts)


ENDLESS = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT count(*) FROM n"


@pytest.mark.parametrize("people", [True, False])
async def test_a_read_that_runs_at_the_end_is_cut_short_before_its_connection_closes(
    tmp_path: Path, *, people: bool
) -> None:
    began = threading.Event()
    refused: list[str] = []

    def endless(connection: sqlite3.Connection) -> object:
        began.set()
        return connection.execute(ENDLESS).fetchone()

    async def read(database: Database) -> None:
        with pytest.raises(StorageError) as caught:
            await database.read(endless, people=people)
        refused.append(str(caught.value))

    async with trio.open_nursery() as nursery, opened(tmp_path) as database:
        nursery.start_soon(read, database)  # noqa: ASYNC111 - they outlive it on purpose
        nursery.start_soon(read, database)  # noqa: ASYNC111 - they outlive it on purpose
        await trio.to_thread.run_sync(began.wait, 20)
    assert refused == ["the state database is closed"] * 2


async def test_what_people_read_keeps_no_delivery_waiting(tmp_path: Path) -> None:
    hold = threading.Event()
    async with opened(tmp_path) as database, trio.open_nursery() as nursery:
        nursery.start_soon(partial(database.read, lambda _: hold.wait(200), people=True))
        await trio.testing.wait_all_tasks_blocked()
        try:
            with trio.fail_after(60):
                assert await database.read(texts) == []
        finally:
            hold.set()


async def test_those_waiting_for_a_place_at_the_end_are_refused(tmp_path: Path) -> None:
    refused: list[int] = []

    async def say(database: Database, number: int) -> None:
        try:
            await database.do(inserting(str(number)))
        except StorageError:
            refused.append(number)

    gate = Gate()
    async with trio.open_nursery() as nursery, opened(tmp_path) as database:
        calls = [partial(say, database, number) for number in range(WAITING + 9)]
        await gate.gather(database, nursery, calls)
        gate.open()
    async with opened(tmp_path) as database:
        assert len(await database.read(texts)) == WAITING + 9 - len(refused)
    assert len(refused) == 10


async def test_a_cancelled_block_still_finishes_what_is_queued(tmp_path: Path) -> None:
    with trio.CancelScope() as scope:
        async with opened(tmp_path) as database, trio.open_nursery() as nursery:
            gate = Gate()
            await gate.close(database, nursery)
            for number in range(50):
                nursery.start_soon(database.do, inserting(str(number)))
            await trio.testing.wait_all_tasks_blocked()
            scope.cancel()
            gate.open()
    async with opened(tmp_path) as database:
        assert len(await database.read(texts)) == 50


async def test_a_full_disk_acknowledges_nothing_and_recovers(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with opened(tmp_path, max_bytes=SMALLEST) as database:
        acknowledged: list[str] = []

        async def fill() -> None:
            while True:
                text = str(len(acknowledged))
                await database.do(inserting(text, size=4000))
                acknowledged.append(text)

        with pytest.raises(StorageError) as caught:
            await fill()
        assert str(caught.value) == FULL
        assert database.trouble == FULL
        assert await database.read(texts) == acknowledged
        assert len(acknowledged) > 10

        await database.do(lambda c: c.execute("PRAGMA max_page_count = 10000").fetchone())
        await database.do(inserting("room again", size=4000))
        assert database.trouble == FULL, "small writes fit now and then: that is no recovery"
        database._failed_at -= CALM
        await database.do(inserting("later"))
        assert database.trouble == ""
        assert await database.read(texts) == [*acknowledged, "room again", "later"]
    assert caplog.text.count("database or disk is full") == 1
    assert "state.db takes writes again" in caplog.text


async def test_a_job_that_does_not_fit_does_not_fail_its_neighbours(tmp_path: Path) -> None:
    outcome: dict[str, str] = {}

    async def say(database: Database, text: str, size: int) -> None:
        told = Observer()
        try:
            await database.do(inserting(text, size=size), told.took, told.failed)
        except StorageError as error:
            outcome[text] = str(error)
        else:
            outcome[text] = "stored"
        assert len(told.then) + told.otherwise == 1
        assert len(told.then) == (outcome[text] == "stored")

    async with opened(tmp_path, max_bytes=SMALLEST) as database:
        gate = Gate()
        async with trio.open_nursery() as nursery:
            await gate.close(database, nursery)
            for text, size in (("a", 10), ("huge", 2**20), ("b", 10)):
                nursery.start_soon(say, database, text, size)
            await trio.testing.wait_all_tasks_blocked()
            gate.open()
        assert sorted(await database.read(texts)) == ["a", "b"]
    assert outcome == {"a": "stored", "huge": FULL, "b": "stored"}


async def _spoil(folder: Path) -> None:
    """Fill the database, then overwrite the pages that hold its frames."""
    async with opened(folder) as database:
        for number in range(50):
            await database.do(inserting(str(number), size=4000))
    file = folder / "state.db"
    data = bytearray(file.read_bytes())
    middle = len(data) // 2 // files.PAGE * files.PAGE
    data[middle:] = b"\xa5" * (len(data) - middle)
    file.write_bytes(data)


def _write_over_it(connection: sqlite3.Connection) -> None:
    connection.execute("UPDATE frame SET body = x'00'")


async def test_damage_met_by_a_write_ends_the_block_and_the_next_start_replaces_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await _spoil(tmp_path)
    monkeypatch.setattr(files, "CHECKED", 0)  # as for a file too large to check at every start
    with pytest.RaisesGroup(
        pytest.RaisesExc(StorageDamaged, match="malformed.*moves the file aside")
    ):
        async with opened(tmp_path) as database:
            with pytest.raises(StorageError, match="malformed"):
                await database.do(_write_over_it)
            with pytest.raises(StorageError, match="is closed"):
                await database.do(inserting("never"))
            await trio.sleep_forever()
    assert (tmp_path / "state.db.suspect").exists()
    async with opened(tmp_path) as database:
        assert "state.db.damaged-" in database.replaced
        assert await database.read(texts) == []
    assert not (tmp_path / "state.db.suspect").exists()


async def test_damage_met_by_a_read_does_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await _spoil(tmp_path)
    monkeypatch.setattr(files, "CHECKED", 0)
    with pytest.RaisesGroup(StorageDamaged):
        async with opened(tmp_path) as database:
            with pytest.raises(StorageError, match=r"state\.db cannot be read: .*malformed"):
                await database.read(lambda c: c.execute("SELECT * FROM frame").fetchall())
            await trio.sleep_forever()
    async with opened(tmp_path) as database:
        assert database.replaced


async def test_what_is_queued_behind_damage_is_refused_not_forgotten(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await _spoil(tmp_path)
    monkeypatch.setattr(files, "CHECKED", 0)
    told = Observer()

    async def say(database: Database) -> None:
        with trio.CancelScope(shield=True), pytest.raises(StorageError):
            await database.do(inserting("behind"), told.took, told.failed)

    with pytest.RaisesGroup(StorageDamaged):
        async with opened(tmp_path) as database, trio.open_nursery() as nursery:
            gate = Gate()
            await gate.close(database, nursery)
            database._suspect("found damaged")
            for _ in range(5):
                nursery.start_soon(say, database)
            await trio.testing.wait_all_tasks_blocked()
            gate.open()
    assert (told.then, told.otherwise) == ([], 5)
