"""A kernel of any age, that notes what it is asked and does none of it."""

import errno
import os
from collections.abc import Mapping
from typing import Final

LANDLOCK: Final = range(444, 447)
CREATE_RULESET: Final = 444
MOUNT_SETATTR: Final = 442

Asked = tuple[str | int, tuple[int | bytes | None, ...]]


class FakeKernel:
    """`landlock` is the version it has, 0 for none; `refusing` gives error numbers for calls by name or number."""

    def __init__(
        self, *, landlock: int = 7, refusing: Mapping[str | int, int] | None = None
    ) -> None:
        self._landlock = landlock
        self._refusing = dict(refusing or {})
        self.asked: list[Asked] = []
        self.written: dict[str, str] = {}

    def syscall(self, number: int, *arguments: int | bytes | None) -> int:
        self._note(number, arguments)
        if number in LANDLOCK and not self._landlock:
            raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS))
        if number == CREATE_RULESET:
            return self._landlock if arguments[0] is None else os.memfd_create("ruleset")
        return 0

    def libc(self, name: str, *arguments: int | bytes | None) -> int:
        self._note(name, arguments)
        return 0

    def write(self, path: str, text: str) -> None:
        self._note(path, (text.encode(),))
        self.written[path] = text

    def names(self) -> list[str | int]:
        """What it was asked, in order."""
        return [name for name, _ in self.asked]

    def arguments(self, name: str | int) -> list[tuple[int | bytes | None, ...]]:
        """With what it was asked for one call, each time."""
        return [arguments for asked, arguments in self.asked if asked == name]

    def _note(self, name: str | int, arguments: tuple[int | bytes | None, ...]) -> None:
        self.asked.append((name, arguments))
        if code := self._refusing.get(name):
            raise OSError(code, os.strerror(code))
