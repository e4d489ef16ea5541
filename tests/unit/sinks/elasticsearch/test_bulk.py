"""`_bulk` requests, and what their answers say about each document."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from botkube.model.delivery import Delivered, Delivery, Rejected, Retry
from botkube.sinks.elasticsearch.bulk import (
    BadAnswer,
    Item,
    bulk_body,
    document,
    index_name,
    read_outcomes,
)


def delivery(raw: bytes = b'{"Kind":"Pod"}', name: str = "e1") -> Delivery:
    return Delivery(
        id=1,
        target="t",
        event_id=name,
        source="s",
        message=b'{"baseBody":{}}',
        raw=raw,
        received_at=0.0,
    )


def item(name: str = "e1", index: str = "i-1970-01-01", kind: str = "") -> Item:
    return Item(delivery=delivery(name=name), index=index, type=kind)


def answer(*results: object) -> bytes:
    return msgspec.json.encode({"errors": True, "items": [{"create": one} for one in results]})


def test_two_lines_for_each_document() -> None:
    assert bulk_body([item("a"), item("b", kind="event")]) == (
        b'{"create":{"_index":"i-1970-01-01","_id":"a"}}\n{"Kind":"Pod"}\n'
        b'{"create":{"_index":"i-1970-01-01","_type":"event","_id":"b"}}\n{"Kind":"Pod"}\n'
    )


@pytest.mark.parametrize(
    ("raw", "line"),
    [
        (b'{"a":1}', b'{"a":1}'),
        (b' {"a":\n 1,\r\n"b":"\\n"} ', b'{"a":  1,  "b":"\\n"}'),
        (b"null", b'{"Message":{"baseBody":{}}}'),
        (b"", b'{"Message":{"baseBody":{}}}'),
        (b'"text"', b'{"data":"text"}'),
        (b"[1,\n2]", b'{"data":[1, 2]}'),
    ],
)
def test_a_document_is_the_raw_object_on_one_line(raw: bytes, line: bytes) -> None:
    assert document(delivery(raw)) == line


@given(
    st.recursive(
        st.text() | st.integers() | st.none(), lambda c: st.lists(c) | st.dictionaries(st.text(), c)
    )
)
def test_whatever_the_object_it_is_one_line(value: object) -> None:
    raw = msgspec.json.format(msgspec.json.encode(value), indent=1)
    line = document(delivery(raw))
    assert b"\n" not in line
    found = msgspec.json.decode(line)
    if isinstance(value, dict):
        assert found == value
    elif value is not None:
        assert found == {"data": value}


def test_es_12_the_day_is_the_event_s_in_utc() -> None:
    midnight = 1795996800.0  # 2026-11-30T00:00:00Z
    assert index_name("x", midnight - 1) == "x-2026-11-29"
    assert index_name("x", midnight + 1) == "x-2026-11-30"


def test_es_4_each_document_has_its_own_outcome() -> None:
    items = [item(name) for name in "abcdefgh"]
    kinds = ("es_rejected_execution_exception", "mapper_parsing_exception", "validation_exception")
    found = read_outcomes(
        items,
        answer(
            {"status": 201},
            {"status": 429, "error": {"type": kinds[0], "reason": "full"}},
            {"status": 400, "error": {"type": kinds[1], "reason": "no date"}},
            {"status": 409, "error": {"type": "version_conflict_engine_exception"}},
            {"status": 503, "error": {"type": "unavailable_shards_exception", "reason": None}},
            {"status": 400, "error": {"type": kinds[2], "reason": "too many shards"}},
            {"status": 403, "error": {"type": "cluster_block_exception"}},
            {"status": 400, "error": "old words"},
        ),
    )
    assert found[0] == found[3] == Delivered()
    why = "the index i-1970-01-01 answered 400: mapper_parsing_exception: no date"
    assert found[2] == Rejected(reason=why)
    assert found[7] == Rejected(reason="the index i-1970-01-01 answered 400: old words")
    assert [n for n, o in enumerate(found) if isinstance(o, Retry)] == [1, 4, 5, 6]


@pytest.mark.parametrize(
    "body", [b"", b"{}", answer(), answer({"status": 200}, {"status": 200}), b'{"items":[{}]}']
)
def test_an_answer_that_does_not_fit_settles_nothing(body: bytes) -> None:
    with pytest.raises(BadAnswer):
        read_outcomes([item()], body)
