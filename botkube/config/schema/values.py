"""The value types of the configuration's structs: secrets, and units that the decoder reads from text."""

from typing import Annotated

from botkube.runtime.override import override

Seconds = Annotated[float, "seconds"]
"""Written as Go durations (`1m30s`); a bare integer counts nanoseconds."""
Size = Annotated[int, "size"]
"""Bytes, or text such as `4GiB`."""
Number = Annotated[float, "number"]
"""Any number, such as 1.5."""
Port = Annotated[int, "port"]
REST = "rest"
"""Marks the one mapping field that takes every key no other field of its struct has."""


class Secret:
    """A text that no log line, traceback or encoder shows by accident; `reveal` is the only way to it."""

    __slots__ = ("_text",)

    def __init__(self, text: str = "") -> None:
        self._text = text

    def reveal(self) -> str:
        """Return the text itself."""
        return self._text

    @override
    def __repr__(self) -> str:
        return "Secret(***)" if self._text else "Secret()"

    def __bool__(self) -> bool:
        return bool(self._text)

    @override
    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._text == self._text

    @override
    def __hash__(self) -> int:
        return hash(self._text)
