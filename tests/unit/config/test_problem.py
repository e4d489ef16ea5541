"""Problems and their limit."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from botkube.config.problem import LIMIT, Findings, clip, error, join, show, warning
from botkube.config.tree.node import Origin

HERE = Origin("a.yaml", 3)


def test_a_finding_gets_its_place() -> None:
    findings = Findings()
    findings.add(error(("a", "b", "[1]", "c"), "is bad", "mend it", "v\n"), HERE)
    (problem,) = findings.problems()
    assert (problem.file, problem.line, problem.key) == ("a.yaml", 3, "a.b[1].c")
    assert (problem.value, problem.text, problem.fix) == ('"v\\n"', "is bad", "mend it")


def test_past_the_limit_problems_are_counted() -> None:
    findings = Findings()
    for i in range(LIMIT + 5):
        findings.add(warning((str(i),), "is odd", "mend it"), HERE)
    findings.add(error(("x",), "is bad", "mend it"), HERE)
    assert findings.full
    assert findings.errors == 1, "an error past the limit is an error"
    *_, errors, warnings = findings.problems()
    assert (errors.severity, errors.text) == ("error", "1 more errors are not shown")
    assert (warnings.severity, warnings.text) == ("warning", "5 more warnings are not shown")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("a", '"a"'),
        (5, "5"),
        (bool(1), "true"),
        ("x" * 500, f'"{"x" * 79}…"'),
        ("\x1b[", '"\\x1b["'),
    ],
)
def test_values_are_quoted_and_clipped(value: object, text: str) -> None:
    assert show(value) == text


def test_lists_need_no_dot() -> None:
    assert join(()) == ""
    assert join(("a", "[0]", "b/c@v1.0")) == "a[0].b/c@v1.0"


@given(st.text())
def test_clipped_text_fits_one_line(text: str) -> None:
    assert clip(text).isprintable()
