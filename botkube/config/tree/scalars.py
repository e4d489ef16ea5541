"""Which value a YAML scalar has, by the rules of Go's yaml.v3 (so `yes` and `on` are text).

Dates are text too, which yaml.v3 does only where text is wanted. Numbers that fit nowhere stay text.
"""

import math
import re

from botkube.config.tree.node import Scalar

_WORDS: dict[str, Scalar] = {
    "": None,
    "~": None,
    **dict.fromkeys(("null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys((".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"), math.inf),
    **dict.fromkeys(("-.inf", "-.Inf", "-.INF"), -math.inf),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), math.nan),
}
_INTEGER = re.compile(
    r"([-+]?)(?:0[xX](?P<hex>[0-9a-fA-F]+)|0[bB](?P<binary>[01]+)|0[oO]?(?P<octal>[0-7]+)"
    r"|(?P<decimal>0|[1-9][0-9]*))"
)
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_BASES = {"hex": 16, "binary": 2, "octal": 8, "decimal": 10}
_MAX_DIGITS = 64  # 2**64 in binary; also keeps int() off its own limit
_NUMBER_STARTS = frozenset("+-.0123456789")


def resolve(text: str) -> Scalar:
    """Return the value of an unquoted scalar."""
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in _NUMBER_STARTS:
        return text
    digits = text.replace("_", "")
    integer = parse_integer(digits)
    if integer is not None:
        return integer
    number = float(digits) if _FLOAT.fullmatch(digits) else math.inf
    return text if math.isinf(number) else number


def parse_integer(text: str) -> int | None:
    """Read a Go integer literal (base by its prefix) that fits 64 bits; None if it is not one."""
    found = _INTEGER.fullmatch(text)
    if found is None:
        return None
    base = str(found.lastgroup)
    digits = found[base].lstrip("0") or "0"
    if len(digits) > _MAX_DIGITS:
        return None
    value = int(found[1] + digits, _BASES[base])
    return value if -(2**63) <= value < 2**64 else None


def text_of(value: Scalar) -> str:
    """Write a scalar as Go prints it where text is wanted: no exponent, the shortest exact digits."""
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case float() if math.isfinite(value):
            return _fixed(value)
        case float():
            return "NaN" if math.isnan(value) else f"{'+' if value > 0 else '-'}Inf"
        case _:
            return str(value)


def _fixed(value: float) -> str:
    from decimal import Decimal  # noqa: PLC0415 - rarely wanted, and slow to load

    return f"{Decimal(repr(value)):f}".removesuffix(".0")
