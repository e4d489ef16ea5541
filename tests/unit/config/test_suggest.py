"""Guessing what was meant."""

import pytest

from botkube.config.suggest import advice, closest

KNOWN = ("clusterName", "kubeconfig", "log")


@pytest.mark.parametrize(
    ("word", "near"),
    [
        ("clustername", "clusterName"),
        ("clutserName", "clusterName"),
        ("kubeConfg", "kubeconfig"),
        ("zzz", None),
        ("", None),
        ("c" * (1 << 20), None),
    ],
)
def test_closest(word: str, near: str | None) -> None:
    assert closest(word, KNOWN) == near


def test_advice() -> None:
    assert advice("lok", KNOWN, "remove it") == 'did you mean "log"?'
    assert advice("zzz", KNOWN, "remove it") == "remove it"
