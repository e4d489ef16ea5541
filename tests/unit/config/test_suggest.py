"""Guessing what was meant."""

import pytest

from botkube.config.suggest import advice, closest, write_name

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


def test_a_name_is_written_as_yaml_takes_it() -> None:
    given = {"two": "two", "#Two": '"#Two"', "1": '"1"', "a b": '"a b"', "é": '"é"'}
    assert {name: write_name(name) for name in given} == {
        name: f"write name: {text}" for name, text in given.items()
    }
