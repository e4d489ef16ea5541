"""Writes problems for a person, a program, or a GitHub workflow."""

from collections.abc import Iterable

import msgspec

from botkube.config.problem import Problem


def render_text(problems: Iterable[Problem]) -> str:
    """Return one clickable `file:line:` line and one fix line for each problem, closed by a count."""
    listed = tuple(problems)
    return "".join(f"{_headline(p)}\n    fix: {p.fix}\n" for p in listed) + _summary(listed)


def one_line(problem: Problem) -> str:
    """Return a problem for a log."""
    return f"{_headline(problem)}; fix: {problem.fix}"


def render_json(problems: Iterable[Problem]) -> str:
    """Return one JSON document."""
    listed = tuple(problems)
    errors = sum(p.severity == "error" for p in listed)
    document = {"valid": not errors, "problems": listed}
    return msgspec.json.encode(document).decode() + "\n"


def render_github(problems: Iterable[Problem]) -> str:
    """Return workflow commands that annotate the lines of a pull request."""
    return "".join(_annotation(problem) for problem in problems)


def _headline(problem: Problem) -> str:
    parts = (_place(problem), problem.severity, problem.key, _sentence(problem))
    return ": ".join(part for part in parts if part)


def _place(problem: Problem) -> str:
    return problem.file if problem.line is None else f"{problem.file}:{problem.line}"


def _sentence(problem: Problem) -> str:
    return f"{problem.value} {problem.text}" if problem.value else problem.text


def _summary(problems: tuple[Problem, ...]) -> str:
    errors = sum(p.severity == "error" for p in problems)
    warnings = len(problems) - errors
    counts = [_count(errors, "error")] * bool(errors) + [_count(warnings, "warning")] * bool(
        warnings
    )
    return f"{', '.join(counts) or 'no problems'}\n"


def _count(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"


def _annotation(problem: Problem) -> str:
    in_a_file = problem.file and not problem.file.startswith("$")
    place = [f"file={_property(problem.file)}"] if in_a_file else []
    if problem.line is not None:
        place.append(f"line={problem.line}")
    place.append(f"title={_property(problem.key or 'configuration')}")
    text = f"{_sentence(problem)}; fix: {problem.fix}"
    return f"::{problem.severity} {','.join(place)}::{_data(text)}\n"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
