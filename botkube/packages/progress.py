"""How far an install is, for people. Pure."""

from collections.abc import Callable
from typing import Final, Literal

import msgspec

Stage = Literal["waiting", "index", "downloading", "checking"]

_TEXTS: Final = {"index": "reading the index", "checking": "checking what was downloaded"}
_KIB: Final = 1 << 10
_MIB: Final = 1 << 20


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """A moment of an install; `done` and `total` are bytes, a total of 0 is not known."""

    stage: Stage
    done: int = 0
    total: int = 0
    detail: str = ""

    @property
    def text(self) -> str:
        """The moment in words, such as `downloading 43 %`."""
        if self.stage == "waiting":
            return f"waiting: {self.detail}"
        if self.stage != "downloading":
            return _TEXTS[self.stage]
        if self.total:
            return f"downloading {min(100 * self.done // self.total, 100)} %"
        return f"downloading, {size_text(self.done)} so far"


Tell = Callable[[Progress], None]


def size_text(size: int) -> str:
    """Return a number of bytes as people say it: `2.5 MiB`, below one in whole KiB."""
    return f"{size / _MIB:.1f} MiB" if size >= _MIB else f"{-(-size // _KIB)} KiB"


def files_text(count: int, size: int) -> str:
    """Return how many files there are, of how many bytes in all: `1 file of 20 KiB`."""
    return f"{count} file{'' if count == 1 else 's'} of {size_text(size)}"


def ignore(_: Progress) -> None:
    """Tell nobody."""


class Sum:
    """Adds up several downloads."""

    def __init__(self, tell: Tell) -> None:
        self._tell = tell
        self._parts: dict[str, tuple[int, int]] = {}

    def of(self, name: str) -> Callable[[int, int], None]:
        """Return what takes the progress of one of them."""
        self._parts[name] = (0, 0)

        def told(done: int, total: int) -> None:
            self._parts[name] = (done, total)
            totals = [part[1] for part in self._parts.values()]
            total = sum(totals) if all(totals) else 0
            done = sum(part[0] for part in self._parts.values())
            self._tell(Progress(stage="downloading", done=done, total=total))

        return told
