"""Reads single values the way the original does (mapstructure's weak typing, Go's number syntax)."""

import math
from collections.abc import Callable, Mapping
from typing import NoReturn

from botkube.config.decode.shape import ScalarKind
from botkube.config.schema.values import Secret
from botkube.config.tree.node import Scalar
from botkube.config.tree.scalars import parse_integer, text_of
from botkube.config.units import MAX_PORT, parse_duration, parse_size

_TRUE = frozenset(("1", "t", "T", "TRUE", "true", "True"))
_FALSE = frozenset(("0", "f", "F", "FALSE", "false", "False", ""))
_NANOSECONDS = 1e9
_TOO_LARGE = 2**63


class Misfit(Exception):
    """A value that cannot be read as what its key holds."""

    def __init__(self, text: str, fix: str) -> None:
        super().__init__(text)
        self.text, self.fix = text, fix


def read_scalar(kind: ScalarKind, value: Scalar) -> object:
    """Return the value as its kind.

    Raises: Misfit.
    """
    return _READERS[kind](value)


def _text(value: Scalar) -> str:
    if isinstance(value, bool):
        return "1" if value else "0"
    return value if isinstance(value, str) else text_of(value)


def _secret(value: Scalar) -> Secret:
    return Secret(_text(value))


def _flag(value: Scalar) -> bool:
    if not isinstance(value, str):
        return bool(value)
    if value not in _TRUE | _FALSE:
        _refuse("cannot be read as true or false", "write true or false")
    return value in _TRUE


def _integer(value: Scalar) -> int:
    number: int | None = None
    if isinstance(value, str):
        number = parse_integer(value.replace("_", "") or "0")
    elif isinstance(value, int) or (isinstance(value, float) and abs(value) < _TOO_LARGE):
        number = int(value)
    if number is None:
        _refuse("cannot be read as a whole number", "write digits only, for example 10")
    return number


def _number(value: Scalar) -> float:
    try:
        number = float(value if isinstance(value, str | int | float) else "")
    except (ValueError, OverflowError):
        number = math.nan
    if not math.isfinite(number) or isinstance(value, bool):
        _refuse("cannot be read as a number", "write digits, for example 1.5")
    return number


def _port(value: Scalar) -> int | None:
    if value == "":
        return None
    number = _integer(value)
    if not 0 <= number <= MAX_PORT:
        _refuse("is not a port", f"write a number from 0 to {MAX_PORT} (0: any free port)")
    return number


def _seconds(value: Scalar) -> float:
    if isinstance(value, str):
        try:
            return parse_duration(value)
        except ValueError:
            _refuse_duration()
    if isinstance(value, bool) or not isinstance(value, int):
        _refuse_duration()
    return value / _NANOSECONDS


def _size(value: Scalar) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    try:
        return parse_size(value if isinstance(value, str) else "")
    except ValueError:
        _refuse("is not a size", "write bytes or a unit, for example 4GiB")


def _refuse_duration() -> NoReturn:
    _refuse("is not a duration", "write a number with a unit, for example 30s, 5m or 1h30m")


def _refuse(text: str, fix: str) -> NoReturn:
    raise Misfit(text, fix)


_READERS: Mapping[ScalarKind, Callable[[Scalar], object]] = {
    "text": _text,
    "secret": _secret,
    "flag": _flag,
    "integer": _integer,
    "number": _number,
    "port": _port,
    "seconds": _seconds,
    "size": _size,
}
