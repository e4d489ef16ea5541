"""Reading one file."""

from pathlib import Path

import pytest

from botkube.config.problem import Findings
from botkube.config.source import MAX_BYTES, Unreadable, read_file
from botkube.config.tree.node import plain


def read(file: Path) -> object:
    return plain(read_file(file, "f.yaml", Findings()))


@pytest.mark.parametrize(
    ("content", "value"),
    [
        (b"", {}),
        (b"# nothing\n", {}),
        (b"null\n", {}),
        (b"\xef\xbb\xbfa: \xc3\xa9\n", {"a": "é"}),
        (b"a: 1\r\nb: 2\r\n", {"a": 1, "b": 2}),
    ],
)
def test_content(tmp_path: Path, content: bytes, value: object) -> None:
    file = tmp_path / "f.yaml"
    file.write_bytes(content)
    assert read(file) == value


@pytest.mark.parametrize(
    ("content", "line", "words"),
    [
        (b"a: 1\nb: \xff\n", 2, "not UTF-8"),
        ("a: 1".encode("utf-16"), 1, "not UTF-8"),
        (b"\x7fELF\x01\x01\x00", 1, "control character"),
        (b"- a\n", 1, "must hold a map, not a list"),
        (b"\ntext\n", 2, "must hold a map, not text"),
        (b"a: " + b"x" * MAX_BYTES, None, "larger than 4 MiB"),
    ],
)
def test_unreadable_content(tmp_path: Path, content: bytes, line: int | None, words: str) -> None:
    file = tmp_path / "f.yaml"
    file.write_bytes(content)
    with pytest.raises(Unreadable) as caught:
        read(file)
    assert words in caught.value.finding.text
    assert (caught.value.origin.file, caught.value.origin.line) == ("f.yaml", line)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("none.yaml", "No such file"),
        (".", "holds no *.yaml file"),
        ("nul\x00", "null byte"),
        ("x" * 300, "too long"),
    ],
)
def test_unreadable_paths(tmp_path: Path, name: str, words: str) -> None:
    with pytest.raises(Unreadable) as caught:
        read(tmp_path / name)
    assert words in caught.value.finding.text


def test_duplicates_do_not_make_a_file_unreadable(tmp_path: Path) -> None:
    file = tmp_path / "f.yaml"
    file.write_text("a: 1\na: 2\n")
    findings = Findings()
    assert plain(read_file(file, "f.yaml", findings)) == {"a": 1}
    assert [(p.line, p.key) for p in findings.problems()] == [(2, "a")]


@pytest.mark.parametrize(
    ("content", "line"),
    [(b"a: 1\n", None), (b"a: 1\n---\n", None), (b"a: 1\n---\nb: 2\n", 2), (b"a: 1\n---\nb: [", 2)],
)
def test_second_document_is_pointed_out(tmp_path: Path, content: bytes, line: int | None) -> None:
    file = tmp_path / "f.yaml"
    file.write_bytes(content)
    findings = Findings()
    assert plain(read_file(file, "f.yaml", findings)) == {"a": 1}
    assert [(p.severity, p.line) for p in findings.problems()] == (
        [("warning", line)] if line else []
    )
