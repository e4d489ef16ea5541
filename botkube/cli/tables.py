"""Tables for people: aligned text with a header line, with colours on a terminal."""

import os
import sys
import textwrap
from collections.abc import Mapping, Sequence
from typing import Final

from botkube.runtime.terminal import without_controls

COLOURS: Final[Mapping[str, str]] = {
    "ok": "32", "ready": "32", "built in": "32", "by hand": "36", "starting": "33", "retrying": "33",
    "missing": "31", "damaged": "31", "parked": "31", "wrong": "31",
    "warning": "33", "error": "31",
}  # fmt: skip
_BOLD: Final = "1"
_NARROWEST: Final = 20
_EMPTY: Final = frozenset(("", "-"))


def print_table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a table; on a terminal its last column is cut to the width, or has lines of its own where that is narrow."""
    terminal = sys.stdout.isatty()
    width = _width() if terminal else 0
    plain = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
    colours = terminal and not plain
    for line in table(header, rows, width=width, colours=colours):
        print(line)


def table(
    header: Sequence[str], rows: Sequence[Sequence[str]], *, width: int = 0, colours: bool = False
) -> list[str]:
    """Return the lines of a table; `width` cuts the last column.

    Where hardly any of it would be left, columns without content are left out, and then the last one is below each row.
    """
    clean = [[" ".join(without_controls(cell).split()) for cell in row] for row in rows]
    codes = COLOURS if colours else {}
    bold = dict.fromkeys(header, _BOLD) if colours else {}
    if not width or _before(header, clean) + _NARROWEST <= width:
        room = max(width - _before(header, clean), _NARROWEST) if width else 0
        return _lines(header, [[*row[:-1], _cut(row[-1], room)] for row in clean], bold, codes)
    ends = {0, len(header) - 1}
    kept = [
        n for n in range(len(header)) if n in ends or any(row[n] not in _EMPTY for row in clean)
    ]
    if len(kept) < len(header):
        narrow = [[row[n] for n in kept] for row in clean]
        return table([header[n] for n in kept], narrow, width=width, colours=colours)
    heads = _lines(header[:-1], [row[:-1] for row in clean], bold, codes)
    below = [textwrap.wrap(row[-1], max(width - 2, _NARROWEST)) for row in clean]
    texts = (
        [head, *(f"  {text}" for text in more)] for head, more in zip(heads[1:], below, strict=True)
    )
    return [heads[0], *(line for lines in texts for line in lines)]


def _before(header: Sequence[str], rows: Sequence[Sequence[str]]) -> int:
    """How many columns of the terminal are taken before the last one."""
    widths = [max(map(len, column)) for column in zip(header, *rows, strict=True)]
    return sum(widths[:-1]) + 2 * (len(widths) - 1)


def _lines(
    header: Sequence[str],
    rows: Sequence[Sequence[str]],
    bold: Mapping[str, str],
    codes: Mapping[str, str],
) -> list[str]:
    widths = [max(map(len, column)) for column in zip(header, *rows, strict=True)]

    def line(cells: Sequence[str], codes: Mapping[str, str]) -> str:
        padded = [cell.ljust(size) for cell, size in zip(cells, widths, strict=True)]
        coloured = [_coloured(p, codes.get(c, "")) for p, c in zip(padded, cells, strict=True)]
        return "  ".join(coloured).rstrip()

    return [line(header, bold), *(line(row, codes) for row in rows)]


def _cut(text: str, room: int) -> str:
    return text if not room or len(text) <= room else f"{text[: room - 1]}…"


def _coloured(text: str, code: str) -> str:
    bare = text.rstrip()
    return f"\x1b[{code}m{bare}\x1b[0m{text[len(bare) :]}" if code and bare else text


def _width() -> int:
    import shutil

    return shutil.get_terminal_size().columns
