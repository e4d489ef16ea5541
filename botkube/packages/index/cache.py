"""The indexes as they were last fetched, beside the plugins: `<repository>.yaml`, where the original has them, and what
is known of each in `<repository>.index.json`. Blocking, for a thread.
"""

import hashlib
from pathlib import Path

import msgspec

from botkube.packages.errors import PackageFailed
from botkube.packages.files import replace_file


class Note(msgspec.Struct, frozen=True, kw_only=True):
    """Where an index came from and what proved it."""

    url: str
    etag: str = ""
    modified: str = ""
    sha256: str = ""
    signature: bytes = b""
    signed_at: int = 0


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """An index and its note."""

    content: bytes
    note: Note


def load_index(root: Path, repository: str) -> Kept | None:
    """Return what was kept, None if there is nothing, or the two files do not belong to each other."""
    try:
        content = _content(root, repository).read_bytes()
        note = msgspec.json.decode(_note(root, repository).read_bytes(), type=Note)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError):
        return None
    return Kept(content=content, note=note) if note.sha256 == _digest(content) else None


def keep_index(root: Path, repository: str, content: bytes, note: Note) -> None:
    """Keep an index for the next time.

    Raises: PackageFailed if the cache cannot be written.
    """
    note = msgspec.structs.replace(note, sha256=_digest(content))
    try:
        replace_file(_content(root, repository), content)
        replace_file(_note(root, repository), msgspec.json.encode(note))
    except OSError as error:
        raise PackageFailed(f"cannot write in {root}: {error.strerror}") from error


def _content(root: Path, repository: str) -> Path:
    return root / f"{repository}.yaml"


def _note(root: Path, repository: str) -> Path:
    return root / f"{repository}.index.json"


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
