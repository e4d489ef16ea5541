from pathlib import Path

import pytest

from botkube.packages.errors import PackageFailed
from botkube.packages.index.cache import Note, keep_index, load_index

NOTE = Note(url="https://x.test/i.yaml", etag='"1"', signature=b"\x00s", signed_at=5)


def test_what_was_kept_is_there_again(tmp_path: Path) -> None:
    assert load_index(tmp_path, "r") is None
    keep_index(tmp_path, "r", b"entries: []", NOTE)
    kept = load_index(tmp_path, "r")
    assert kept is not None
    assert kept.content == b"entries: []" == (tmp_path / "r.yaml").read_bytes()
    assert (kept.note.etag, kept.note.signature, kept.note.signed_at) == ('"1"', b"\x00s", 5)


@pytest.mark.parametrize("name", ["r.yaml", "r.index.json"])
@pytest.mark.parametrize("content", [b"", b"{}", b"\xff\xfe", b"entries: [x]"])
def test_halves_that_do_not_fit_are_nothing(tmp_path: Path, name: str, content: bytes) -> None:
    keep_index(tmp_path, "r", b"entries: []", NOTE)
    (tmp_path / name).write_bytes(content)
    assert load_index(tmp_path, "r") is None


def test_a_cache_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    with pytest.raises(PackageFailed, match="cannot write in"):
        keep_index(tmp_path / "none", "r", b"", NOTE)
