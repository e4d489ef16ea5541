"""Regular expressions of the configuration: RE2's, as the original's are. Pure.

The time that one takes is in proportion to the text, whatever the pattern is. With `re` it doubles with each letter of
a text that was made for it, and the whole program waits meanwhile.
"""

from functools import lru_cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import re2

_KEPT: Final = 256  # compiled patterns; a configuration has fewer


def matches(pattern: str, text: str) -> bool:
    """Whether a pattern is found somewhere in a text.

    Raises: ValueError if it is none; `wrong` says so before.
    """
    whole = text.encode("utf-8", "replace").decode()  # RE2 takes no half of a character
    return _compiled(pattern).search(whole) is not None


def wrong(pattern: str) -> str:
    """Return why a text is no pattern; "" if it is one."""
    try:
        _compiled(pattern)
    except ValueError as problem:
        return str(problem)
    return ""


@lru_cache(_KEPT)
def _compiled(pattern: str) -> "re2._Regexp":
    """Raises: ValueError."""
    import re2  # noqa: PLC0415 - 3 MiB, and most configurations have no pattern

    options = re2.Options()
    options.log_errors = False  # it would write to stderr by itself
    try:
        return re2.compile(pattern, options)
    except re2.error as problem:
        raise ValueError(problem.args[0].decode(errors="replace")) from problem
