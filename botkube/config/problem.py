"""What is wrong with a configuration, as values: where it is, what it says, and how to put it right.

`Findings` collects them without an end to reading, but with an end to memory: past LIMIT they are only counted.
"""

from collections.abc import Sequence
from typing import Literal

import msgspec

from botkube.config.tree.node import Origin

Severity = Literal["error", "warning"]
Path = tuple[str, ...]

LIMIT = 200
_LONGEST = 80


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """One finding, complete enough to act on; `value` is quoted, and never a secret."""

    severity: Severity
    file: str
    line: int | None
    key: str
    value: str
    text: str
    fix: str


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """A finding before anybody looked up in which file its key is."""

    severity: Severity
    path: Path
    text: str
    fix: str
    value: object = None


def error(path: Path, text: str, fix: str, value: object = None) -> Finding:
    """A finding that keeps the configuration from being used."""
    return Finding(severity="error", path=path, text=text, fix=fix, value=value)


def warning(path: Path, text: str, fix: str, value: object = None) -> Finding:
    """A finding that is only worth knowing."""
    return Finding(severity="warning", path=path, text=text, fix=fix, value=value)


class Findings:
    """Collects problems; owns their limit."""

    def __init__(self) -> None:
        self._problems: list[Problem] = []
        self._left_out: dict[Severity, int] = {"error": 0, "warning": 0}

    @property
    def full(self) -> bool:
        """Whether another problem would only be counted, so that its text is not worth building."""
        return len(self._problems) >= LIMIT

    @property
    def errors(self) -> int:
        """The number of errors so far, listed or not."""
        return sum(p.severity == "error" for p in self._problems) + self._left_out["error"]

    def add(self, finding: Finding, origin: Origin) -> None:
        """Record one finding at the place where its key is written."""
        if self.full:
            self._left_out[finding.severity] += 1
            return
        self._problems.append(
            Problem(
                severity=finding.severity,
                file=origin.file,
                line=origin.line,
                key=clip(join(finding.path)),
                value="" if finding.value is None else show(finding.value),
                text=clip(finding.text),
                fix=clip(finding.fix),
            )
        )

    def problems(self) -> tuple[Problem, ...]:
        """Everything found, in the order found, closed by a count of what was left out."""
        return (*self._problems, *(_more(s, n) for s, n in self._left_out.items() if n))


def join(path: Sequence[str]) -> str:
    """Join a key path; list positions (`[0]`) need no dot."""
    return "".join(
        part if i == 0 or part.startswith("[") else f".{part}" for i, part in enumerate(path)
    )


def clip(text: str, longest: int = 4 * _LONGEST) -> str:
    """Make any text fit for one line of a report: short, and without control characters."""
    short = text if len(text) <= longest else f"{text[: longest - 1]}…"
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in short)


def show(value: object) -> str:
    """Quote a value the way YAML shows it, clipped."""
    if isinstance(value, bool):
        return "true" if value else "false"
    text = clip(str(value), _LONGEST)
    return f'"{text}"' if isinstance(value, str) else text


def _more(severity: Severity, count: int) -> Problem:
    return Problem(
        severity=severity,
        file="",
        line=None,
        key="",
        value="",
        text=f"{count} more {severity}s are not shown",
        fix="correct the ones above first",
    )
