"""Tables for people: aligned text with a header line, with colours on a terminal."""

import os
import sys
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


def print_table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a table; on a terminal its last column is cut to the width."""
    terminal = sys.stdout.isatty()
    width = _width() if terminal else 0
    plain = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
    colours = terminal and not plain
    for line in table(header, rows, width=width, colours=colours):
        print(line)


def table(
    header: Sequence[str], rows: Sequence[Sequence[str]], *, width: int = 0, colours: bool = False
) -> list[str]:
    """Return the lines of a table; `width` cuts the last column, unless hardly any of it would be left."""
    clean = [[" ".join(without_controls(cell).split()) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(header, *clean, strict=True)]
    before = sum(widths[:-1]) + 2 * (len(widths) - 1)
    room = max(width - before, _NARROWEST) if width else widths[-1]

    def line(cells: Sequence[str], codes: Mapping[str, str]) -> str:
        cut = [*cells[:-1], _cut(cells[-1], room)]
        padded = [cell.ljust(size) for cell, size in zip(cut, widths, strict=True)]
        coloured = [_coloured(p, codes.get(c, "")) for p, c in zip(padded, cells, strict=True)]
        return "  ".join(coloured).rstrip()

    bold = dict.fromkeys(header, _BOLD) if colours else {}
    return [line(header, bold), *(line(row, COLOURS if colours else {}) for row in clean)]


def _cut(text: str, room: int) -> str:
    return text if len(text) <= room else f"{text[: room - 1]}…"


def _coloured(text: str, code: str) -> str:
    bare = text.rstrip()
    return f"\x1b[{code}m{bare}\x1b[0m{text[len(bare) :]}" if code and bare else text


def _width() -> int:
    import shutil

    return shutil.get_terminal_size().columns
