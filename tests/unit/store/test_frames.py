"""The playground's messages on disk."""

import json
import sqlite3

import msgspec
import pytest

from botkube.model.errors import StorageError
from botkube.model.frame import NewFrame
from botkube.store import frames
from botkube.store.pages import PAGE_BYTES
from tests.fakes.store import frame, tables


def put(connection: sqlite3.Connection, text: str, **more: str) -> int:
    new = msgspec.structs.replace(frame(text), **more)
    return frames.insert(connection, new).seq


def test_what_was_stored_comes_back_the_same() -> None:
    connection = tables()
    new = NewFrame(
        type="ephemeral",
        channel="general",
        id="m1",
        at=1767582000.25,
        body=b'{"baseBody":{"plaintext":"hi"}}',
        thread="t",
        author="ann",
        to="bob",
    )
    stored = frames.insert(connection, new)
    assert frames.after(connection, stored.seq - 1, 5) == [stored]
    assert json.loads(frames.encode([stored])) == [
        {
            "seq": stored.seq,
            "type": "ephemeral",
            "channel": "general",
            "thread": "t",
            "id": "m1",
            "author": "ann",
            "at": "2026-01-05T03:00:00.250Z",
            "body": {"baseBody": {"plaintext": "hi"}},
            "to": "bob",
        }
    ]


def test_a_seq_is_never_given_twice() -> None:
    connection = tables()
    given = [put(connection, "a"), put(connection, "b")]
    connection.execute("DELETE FROM frame")
    assert frames.newest_seq(connection) == given[-1]
    more = frames.insert_many(connection, [frame("c"), frame("d")])
    given += [item.seq for item in more]
    given.append(put(connection, "e"))
    assert given == sorted(set(given))
    assert frames.newest_seq(connection) == given[-1]


def test_many_frames_keep_their_order() -> None:
    connection = tables()
    stored = frames.insert_many(connection, [frame(str(n)) for n in range(5)])
    assert frames.after(connection, 0, 10) == stored
    assert frames.insert_many(connection, []) == []


def test_frames_after_a_seq_are_a_bounded_page() -> None:
    connection = tables()
    seqs = [put(connection, str(n)) for n in range(6)]
    assert [item.id for item in frames.after(connection, seqs[2], 2)] == ["3", "4"]
    assert frames.after(connection, seqs[-1], 10) == []
    large = tables()
    for n in range(4):
        frames.insert(large, frame(str(n), size=PAGE_BYTES // 2))
    assert [item.id for item in frames.after(large, 0, 500)] == ["0", "1"]


def test_history_is_the_newest_of_one_channel_ascending() -> None:
    connection = tables()
    for n in range(6):
        put(connection, f"g{n}")
        put(connection, f"o{n}", channel="other")
    page = frames.history(connection, "general", 2**62, 3, "")
    assert [item.id for item in page] == ["g3", "g4", "g5"]
    older = frames.history(connection, "general", page[0].seq, 2, "")
    assert [item.id for item in older] == ["g1", "g2"]
    assert frames.history(connection, "nowhere", 2**62, 3, "") == []


def test_history_is_bounded_in_bytes() -> None:
    connection = tables()
    for n in range(4):
        frames.insert(connection, frame(str(n), size=PAGE_BYTES // 2))
    assert [f.id for f in frames.history(connection, "general", 2**62, 500, "")] == ["2", "3"]


def test_a_search_looks_at_the_newest_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frames, "SCANNED", 3)
    connection = tables()
    for text in ("a word", "b word", "c", "d word"):
        put(connection, text)
    found = frames.history(connection, "general", 2**62, 9, "word")
    assert [item.id for item in found] == ["b word", "d word"]


def test_a_search_ends_when_its_time_is_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frames, "LONGEST", 0.0)
    connection = tables()
    frames.insert_many(connection, [frame(str(n)) for n in range(5000)])
    with pytest.raises(StorageError, match="nothing was found in 0 s"):
        frames.history(connection, "general", 2**62, 9, "absent")
    monkeypatch.setattr(frames, "LONGEST", 60.0)
    assert frames.history(connection, "general", 2**62, 9, "absent") == []


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("pods", ["Three Pods"]),
        ("THREE", ["Three Pods"]),
        ("%", ["100% sure"]),
        ("_", []),
        ("'; DROP TABLE frame; --", []),
        ("größe", ["größe"]),
    ],
)
def test_history_can_be_searched(query: str, found: list[str]) -> None:
    connection = tables()
    for text in ("Three Pods", "100% sure", "größe"):
        put(connection, text)
    assert [item.id for item in frames.history(connection, "general", 2**62, 9, query)] == found


def test_a_client_id_belongs_to_its_author() -> None:
    connection = tables()
    seq = put(connection, "a", author="ann", client_id="c1")
    put(connection, "b", author="bob", client_id="c1")
    found = frames.by_client_id(connection, "ann", "c1")
    assert found is not None
    assert found.seq == seq
    assert frames.by_client_id(connection, "ann", "c2") is None
    with pytest.raises(sqlite3.IntegrityError):
        put(connection, "again", author="ann", client_id="c1")


def test_frames_without_a_client_id_do_not_get_in_each_others_way() -> None:
    connection = tables()
    put(connection, "a", author="ann")
    put(connection, "b", author="ann")
    assert frames.by_client_id(connection, "ann", "") is None


def test_the_body_of_a_message_is_that_of_its_newest_frame() -> None:
    connection = tables()
    put(connection, "m1")
    frames.insert(
        connection, NewFrame(type="update", channel="general", id="m1", at=2.0, body=b'{"new":1}')
    )
    found = frames.body_of(connection, "m1")
    assert found is not None
    assert (found.type, bytes(found.body)) == ("update", b'{"new":1}')
    assert frames.body_of(connection, "unknown") is None


def test_threads_are_listed_the_one_used_last_first() -> None:
    connection = tables()
    for thread in ("t1", "t2", "", "t1", "t3", "t2"):
        put(connection, "x", thread=thread)
    put(connection, "x", thread="elsewhere", channel="other")
    assert frames.threads(connection, "general", 10) == ["t2", "t3", "t1"]
    assert frames.threads(connection, "general", 1) == ["t2"]
