"""Guesses which known word was meant."""

import json
import re
from collections.abc import Iterable

_LONGEST_WORD = 64


def closest(word: str, known: Iterable[str]) -> str | None:
    """Return the known word nearest to a mistyped one, or None if nothing is near."""
    if len(word) > _LONGEST_WORD:
        return None
    from difflib import get_close_matches  # noqa: PLC0415 - only a mistake has to pay for it

    folded = {name.casefold(): name for name in known}
    found = get_close_matches(word.casefold(), folded, n=1, cutoff=0.6)
    return folded[found[0]] if found else None


def write_name(name: str) -> str:
    """Return the advice to write a name, as YAML takes it."""
    plain = re.fullmatch(r"[A-Za-z_][\w.-]*", name)
    return f"write name: {name if plain else json.dumps(name, ensure_ascii=False)}"


def advice(word: str, known: Iterable[str], otherwise: str) -> str:
    """Return "did you mean …?", or another fix if nothing is near."""
    near = closest(word, known)
    return f'did you mean "{near}"?' if near is not None else otherwise
