"""Looks at processes that are not ours, and at what they leave: nobody tells us, so this looks."""

from pathlib import Path

import trio


def alive(pid: int) -> bool:
    """Whether a process runs; a zombie does not."""
    try:
        return _stat(pid)[0] != "Z"
    except OSError:
        return False


def parent_of(pid: int) -> int:
    """The parent of a process; 0 if it is gone."""
    try:
        return int(_stat(pid)[1])
    except OSError:
        return 0


async def note(file: Path) -> str:
    """What a process wrote, once it has."""
    while not file.exists():  # noqa: ASYNC110 - it is another process
        await trio.sleep(0.01)
    return file.read_text()


def _stat(pid: int) -> list[str]:
    """State, parent and the rest; the name before them may hold anything."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
