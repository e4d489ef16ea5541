"""Bounds what one read takes into memory: rows are few, but nobody says how large one is."""

from collections.abc import Callable, Iterable, Iterator
from typing import Final, TypeVar

T = TypeVar("T")

PAGE_BYTES: Final = 2 * 2**20  # a window of usual messages is far below this


def up_to_bytes(rows: Iterable[T], size: Callable[[T], int], most: int = PAGE_BYTES) -> Iterator[T]:
    """The rows until they are `most` bytes together; at least one."""
    total = 0
    for row in rows:
        yield row
        total += size(row)
        if total >= most:
            return
