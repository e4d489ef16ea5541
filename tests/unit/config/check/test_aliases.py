"""Rules on aliases."""

from collections.abc import Callable, Iterator

import pytest

from botkube.config.check.aliases import check_aliases
from botkube.config.problem import Finding
from botkube.config.schema.root import Config

Run = Callable[[Callable[[Config], Iterator[Finding]], str], list[tuple[str, str, str]]]


EXECUTORS = "executors: {g: {r/kubectl@v1: {enabled: false}, broken: {}}}\n"


@pytest.mark.parametrize("command", ["kubectl get pods", "help", "list  executors", " ping"])
def test_known_first_words(run: Run, command: str) -> None:
    assert run(check_aliases, f"{EXECUTORS}aliases: {{k: {{command: '{command}'}}}}") == []


@pytest.mark.parametrize("command", ["", "   "])
def test_a_command_is_required(run: Run, command: str) -> None:
    assert run(check_aliases, f"aliases: {{k: {{command: '{command}'}}}}") == [
        ("error", "aliases.k.command", "command is a required field")
    ]


@pytest.mark.parametrize("word", ["kubectll", "Help", "broken", "r/kubectl"])
def test_unknown_first_words(run: Run, word: str) -> None:
    assert run(check_aliases, f"{EXECUTORS}aliases: {{k: {{command: {word} x}}}}") == [
        (
            "error",
            "aliases.k.command",
            f"starts with '{word}', not found in executors or builtin commands",
        )
    ]
