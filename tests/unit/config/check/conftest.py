"""Runs one rule over a configuration written as YAML."""

from collections.abc import Callable, Iterator

import pytest

from botkube.config.decode.decode import decode
from botkube.config.problem import Finding, Findings, join
from botkube.config.schema.root import Config
from botkube.config.tree.parse import parse

Rule = Callable[[Config], Iterator[Finding]]
Row = tuple[str, str, str]
Run = Callable[[Rule, str], list[Row]]


@pytest.fixture
def run() -> Run:
    """Return a function from rule and YAML to (severity, key, text) rows."""

    def rows(rule: Rule, text: str) -> list[Row]:
        findings = Findings()
        node = parse(text, "f.yaml", lambda *_: None, lambda *_: None)
        assert node is not None
        config, _ = decode(node, Config, findings)
        assert not findings.problems()
        found = list(rule(config))
        assert all(finding.fix for finding in found)
        return [(finding.severity, join(finding.path), finding.text) for finding in found]

    return rows
