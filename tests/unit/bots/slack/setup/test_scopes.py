"""A missing scope is as bad as what it is needed for."""

import pytest

from botkube.bots.slack.setup.manifest import HISTORY_SCOPES, SCOPES
from botkube.bots.slack.setup.scopes import _USEFUL, _VITAL, scope_findings

EVERY = frozenset((*SCOPES, *HISTORY_SCOPES))


@pytest.mark.parametrize(
    ("scope", "triggers", "level"),
    [
        ("chat:write", False, "error"),
        ("app_mentions:read", False, "error"),
        ("files:write", False, "warning"),
        ("users:read", False, "warning"),
        ("channels:history", False, "ok"),
        ("channels:history", True, "error"),
        ("groups:history", True, "ok"),
    ],
)
def test_a_scope_that_is_missing(scope: str, level: str, *, triggers: bool) -> None:
    found = [f for f in scope_findings(EVERY - {scope}, triggers=triggers) if scope in f.text]
    assert [f.level for f in found] == [level]
    assert (f"add {scope}" in found[0].fix) is (level != "ok")


def test_every_scope_of_the_manifest_is_judged() -> None:
    assert set(_VITAL) | set(_USEFUL) == set(SCOPES)
    assert not set(_VITAL) & set(_USEFUL)


def test_one_line_if_nothing_is_missing() -> None:
    assert [f.level for f in scope_findings(EVERY | {"more"}, triggers=True)] == ["ok"]
