"""A length of time in a configuration or a command, written as Go does."""

from typing import Final

import msgspec

from botkube.runtime.duration import parse_duration
from botkube.runtime.override import override

_MINUTE: Final = 60
_HOUR: Final = 3600


class Duration(float):
    """Seconds; written in a configuration as Go does: `500ms`, `1m30s`, `0`; its text is that form again."""

    __slots__ = ()

    @override
    def __str__(self) -> str:
        size = abs(self)
        if 0 < size < 1:
            return f"{self * 1000:g}ms"
        hours, rest = divmod(size, _HOUR)
        minutes, seconds = divmod(rest, _MINUTE)
        parts = ((hours, "h"), (minutes, "m"), (round(seconds, 9), "s"))
        text = "".join(f"{number:g}{unit}" for number, unit in parts if number)
        return ("-" if self < 0 else "") + (text or "0s")


def duration(text: str) -> Duration:
    """Return the default of a Duration field: `interval: Duration = duration("10s")`.

    Raises:
        ValueError: the text is no length of time.
    """
    value = Duration(parse_duration(text))
    made: Duration = msgspec.field(default_factory=lambda: value)  # msgspec cannot show the value
    return made


def read_custom(kind: type, value: object) -> object:
    """Read a value of a type that msgspec does not know, for its `dec_hook`.

    Raises:
        ValueError: it does not fit.
    """
    if kind is Duration and isinstance(value, str | int) and not isinstance(value, bool):
        return Duration(parse_duration(str(value)))
    raise ValueError(f"{value!r} cannot be a {kind.__name__}")


def write_custom(value: object) -> object:
    """Write such a value, for msgspec's `enc_hook`.

    Raises:
        NotImplementedError: nobody knows the type.
    """
    if isinstance(value, Duration):
        return str(value)
    raise NotImplementedError(type(value).__name__)


def schema_of_custom(kind: type) -> dict[str, object]:
    """Describe such a type, for msgspec's `schema_hook`.

    Raises:
        NotImplementedError: nobody knows the type.
    """
    if kind is Duration:
        return {"type": "string", "examples": ["90s", "1m30s"]}
    if kind is object:
        return {"type": ["object", "array", "string", "number", "boolean", "null"]}
    raise NotImplementedError(kind.__name__)
