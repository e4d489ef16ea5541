import pytest
from hypothesis import given
from hypothesis import strategies as st

from botkube.plugins.hclog import MAX_LINE, LineReader, LogLine, parse_line


def test_an_object_of_hclog_gives_level_message_and_fields() -> None:
    line = (
        b'{"@level":"warn","@message":"slow","@module":"helm",'
        b'"@timestamp":"2026-11-22T14:50:47.614509Z","tries":3}'
    )
    assert parse_line(line) == LogLine(
        level="warning", message="slow", fields={"module": "helm", "tries": 3}
    )


@pytest.mark.parametrize(
    ("line", "level", "message"),
    [
        (b"[TRACE] a", "trace", "a"),
        (b"[DEBUG] a", "debug", "a"),
        (b"[INFO]  a ", "info", "a"),
        (b"[WARN]  a", "warning", "a"),
        (b"[ERROR] a", "error", "a"),
        (b"[FATAL] a", None, "[FATAL] a"),
        (b"plain\r", None, "plain"),
        (b"{not json", None, "{not json"),
        (b"[1, 2]", None, "[1, 2]"),
        (b"caf\xe9", None, "caf�"),
        (b'{"@level":"INFO ","@message":"a"}', "info", "a"),
        (b'{"@level":"all","@message":"a"}', None, "a"),
        (b'{"@level":"off","@message":"a"}', None, "a"),
        (b'{"@level":7,"@message":["a",1],"@timestamp":{}}', None, '["a",1]'),
        (b'{"@level":null,"@message":null}', None, "null"),
        (b'{"msg":"other format"}', None, ""),
        (b"", None, ""),
    ],
)
def test_lines(line: bytes, level: str | None, message: str) -> None:
    parsed = parse_line(line)
    assert (parsed.level, parsed.message) == (level, message)


def test_objects_nested_beyond_reason_are_text() -> None:
    line = b'{"a":' * 5000 + b"1" + b"}" * 5000
    assert parse_line(line).message.startswith('{"a":{"a":')


@given(st.binary(max_size=300))
def test_no_line_is_an_error(line: bytes) -> None:
    parse_line(line)
    parse_line(b'{"@message":' + line + b"}")


def read(chunks: list[bytes]) -> list[LogLine]:
    reader = LineReader("debug")
    return [line for chunk in chunks for line in reader.feed(chunk)] + reader.end()


@given(st.lists(st.binary(max_size=20), max_size=10))
def test_how_the_bytes_are_cut_does_not_matter(chunks: list[bytes]) -> None:
    assert read(chunks) == read([b"".join(chunks)])


def test_what_follows_a_panic_is_an_error_unless_tagged() -> None:
    reader = LineReader("debug")
    lines = reader.feed(b"before\npanic: boom\ngoroutine 1 [running]:\n[INFO] tagged\n")
    assert [line.level for line in lines] == ["debug", "error", "error", "info"]
    assert reader.panic == "panic: boom"


def test_a_fatal_error_of_the_go_runtime_is_one_too() -> None:
    lines = LineReader("debug").feed(b"fatal error: all goroutines are asleep\nmore\n")
    assert [line.level for line in lines] == ["error", "error"]


def test_a_long_line_comes_in_pieces_before_it_ends() -> None:
    reader = LineReader("debug")
    lines = reader.feed(b"x" * (2 * MAX_LINE + 5))
    assert [len(line.message) for line in lines] == [MAX_LINE, MAX_LINE]
    assert [len(line.message) for line in reader.feed(b"\nnext\n")] == [5, 4]


def test_a_long_line_with_its_end_comes_in_pieces_too() -> None:
    lines = LineReader("debug").feed(b"x" * (MAX_LINE + 5) + b"\n")
    assert [len(line.message) for line in lines] == [MAX_LINE, 5]


def test_after_skipping_it_resumes_at_a_line() -> None:
    reader = LineReader("debug")
    assert reader.feed(b"one\ntw") == [LogLine(level="debug", message="one")]
    reader.skip(b"o\nthr")
    assert reader.feed(b"ee") == []
    assert reader.feed(b"e\nfour\n") == [LogLine(level="debug", message="four")]
    reader.skip(b"five\n")
    assert reader.feed(b"six\n") == [LogLine(level="debug", message="six")]
