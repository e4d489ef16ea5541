"""Texts by their keys, and how long they stay."""

from botkube.store import kept
from botkube.store.retention import KEPT_AGE, prune
from tests.fakes.store import tables


def test_what_is_kept_is_found() -> None:
    connection = tables()
    kept.keep(connection, {"~1": "one", "?2": 'two "\u00e9"'}, now=0)
    assert kept.find(connection, ["~1", "?2", "~3"]) == {"~1": "one", "?2": 'two "\u00e9"'}
    kept.keep(connection, {"~1": "uno"}, now=1)
    assert kept.find(connection, ["~1"]) == {"~1": "uno"}
    assert kept.find(connection, []) == {}


def test_keeping_again_is_keeping_longer() -> None:
    connection = tables()
    kept.keep(connection, {"~1": "one", "~2": "two"}, now=0)
    kept.keep(connection, {"~2": "two"}, now=100)
    prune(connection, now=50 + KEPT_AGE)
    assert kept.find(connection, ["~1", "~2"]) == {"~2": "two"}
