"""Opening the file: new, old, damaged in every way, and written by a newer program."""

import sqlite3
import stat
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest

from botkube.model.errors import StorageError
from botkube.store.files import PAGE, Opened, is_damage, open_file, suspect
from botkube.store.frames import newest_seq
from botkube.store.schema import VERSION, SchemaTooNew
from tests.fakes.store import inserting, texts

pytestmark = pytest.mark.real

ROOM = 2**26


def close(opened: Opened) -> None:
    opened.browser.close()
    opened.reader.close()
    opened.connection.close()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A database of forty frames."""
    path = tmp_path / "state.db"
    opened = open_file(path, ROOM)
    for number in range(40):
        inserting(str(number), size=3000)(opened.connection)
    close(opened)
    return path


def test_a_new_file_is_private_and_usable(tmp_path: Path) -> None:
    opened = open_file(tmp_path / "state.db", ROOM)
    assert opened.replaced == ""
    assert stat.S_IMODE((tmp_path / "state.db").stat().st_mode) == 0o600
    assert opened.connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert opened.connection.execute("PRAGMA synchronous").fetchone() == (2,)
    assert opened.reader.execute("SELECT count(*) FROM frame").fetchone() == (0,)
    close(opened)


def test_an_existing_file_keeps_what_it_has(file: Path) -> None:
    opened = open_file(file, ROOM)
    assert opened.replaced == ""
    assert len(texts(opened.reader)) == 40
    close(opened)


@pytest.mark.parametrize("name", ["a b", "100%41", "what?", "a#b", "ü", "file:x?mode=rwc"])
def test_any_directory_name_will_do(tmp_path: Path, name: str) -> None:
    folder = tmp_path / name
    folder.mkdir()
    opened = open_file(folder / "state.db", ROOM)
    inserting("here")(opened.connection)
    assert texts(opened.reader) == ["here"]
    close(opened)
    assert (folder / "state.db").exists()


def header(data: bytearray) -> None:
    data[:100] = b"\xa5" * 100


def magic(data: bytearray) -> None:
    data[3] ^= 0xFF


def schema_format(data: bytearray) -> None:
    data[47] = 0x7F


def random_page(data: bytearray) -> None:
    page = len(data) // PAGE // 2 * PAGE
    data[page : page + PAGE] = Random(7).randbytes(PAGE)


def root_page(data: bytearray) -> None:
    data[PAGE : 2 * PAGE] = b"\0" * PAGE


def tail_cut(data: bytearray) -> None:
    del data[-PAGE - 1000 :]


def half_cut(data: bytearray) -> None:
    del data[len(data) // 2 :]


def almost_all_cut(data: bytearray) -> None:
    del data[50:]


def text_instead(data: bytearray) -> None:
    data[:] = b"this is no database\n" * 1000


@pytest.mark.parametrize(
    "spoil",
    [
        header,
        magic,
        schema_format,
        random_page,
        root_page,
        tail_cut,
        half_cut,
        almost_all_cut,
        text_instead,
    ],
)
def test_a_damaged_file_is_moved_aside_and_replaced(
    file: Path, spoil: Callable[[bytearray], None], caplog: pytest.LogCaptureFixture
) -> None:
    data = bytearray(file.read_bytes())
    spoil(data)
    file.write_bytes(data)
    opened = open_file(file, ROOM)
    assert Path(opened.replaced).read_bytes() == bytes(data)
    assert Path(opened.replaced).name.startswith("state.db.damaged-")
    assert texts(opened.connection) == []
    inserting("new life")(opened.connection)
    close(opened)
    assert "moved to" in caplog.text
    assert "starting with an empty one" in caplog.text


def test_the_seqs_of_a_new_file_lie_above_those_of_the_old_one(file: Path) -> None:
    before = open_file(file, ROOM)
    highest = newest_seq(before.reader)
    close(before)
    file.write_bytes(b"garbage" * 1000)
    after = open_file(file, ROOM)
    assert newest_seq(after.reader) > highest
    assert inserting("next")(after.connection) > highest
    close(after)


@pytest.mark.parametrize("marked", [True, False])
def test_a_large_file_is_checked_only_when_it_is_suspect(
    file: Path, monkeypatch: pytest.MonkeyPatch, *, marked: bool
) -> None:
    monkeypatch.setattr("botkube.store.files.CHECKED", 0)
    data = bytearray(file.read_bytes())
    random_page(data)
    file.write_bytes(data)
    if marked:
        suspect(file).touch()
    opened = open_file(file, ROOM)
    assert bool(opened.replaced) is marked
    assert not suspect(file).exists()
    close(opened)


def test_a_file_of_a_newer_program_is_refused_and_left_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    with sqlite3.connect(path) as other:
        other.execute("CREATE TABLE future (x)")
        other.execute(f"PRAGMA user_version = {VERSION + 1}")
    other.close()
    path.chmod(0o640)
    before = path.read_bytes()
    with pytest.raises(SchemaTooNew) as caught:
        open_file(path, ROOM)
    assert str(caught.value) == (
        f"state.db has schema version {VERSION + 1}, this program knows up to {VERSION}: "
        "run the newer program again, or give --state-dir another directory"
    )
    assert path.read_bytes() == before
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert [item.name for item in tmp_path.iterdir()] == ["state.db"]


def test_a_place_where_no_file_can_be_is_an_error_with_its_name(tmp_path: Path) -> None:
    (tmp_path / "state.db").mkdir()
    with pytest.raises(StorageError, match=r"state\.db cannot be opened"):
        open_file(tmp_path / "state.db", ROOM)
    with pytest.raises(StorageError, match="cannot be opened"):
        open_file(tmp_path / "absent" / "state.db", ROOM)


def test_another_programs_database_is_not_taken_for_damaged(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    with sqlite3.connect(path) as other:
        other.execute("CREATE TABLE event (something TEXT)")
    other.close()
    with pytest.raises(StorageError, match="already exists"):
        open_file(path, ROOM)
    assert path.exists()
    assert [item.name for item in tmp_path.iterdir()] == ["state.db"]


def test_a_full_disk_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "state.db").mkdir()
    monkeypatch.setattr("botkube.store.files.LEAST", 2**62)  # no disk has that much
    with pytest.raises(StorageError, match=r"no space left for state\.db in .*: make room"):
        open_file(tmp_path / "state.db", ROOM)


@pytest.mark.parametrize(
    ("text", "damage"),
    [
        ("database disk image is malformed", True),
        ("file is not a database", True),
        ("unsupported file format", True),
        ("database or disk is full", False),
        ("database is locked", False),
        ("disk I/O error", False),
        ("", False),
    ],
)
def test_which_errors_mean_damage(text: str, *, damage: bool) -> None:
    assert is_damage(text) is damage
