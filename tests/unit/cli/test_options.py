"""An option that several commands take is the same one at each."""

from collections.abc import Iterator

import pytest
import typer
from typer.core import TyperGroup, TyperOption

from botkube.cli.commands import app


def options(name: str) -> Iterator[tuple[str, TyperOption]]:
    """An option at each command that has it, by the command's words."""
    waiting = [("botkube", typer.main.get_command(app))]
    for words, command in waiting:
        if isinstance(command, TyperGroup):
            waiting += [(f"{words} {key}", found) for key, found in command.commands.items()]
        for option in command.params:
            if isinstance(option, TyperOption) and name in option.opts:
                yield words, option


@pytest.mark.parametrize(("name", "least"), [("--state-dir", 12), ("--cache-dir", 9)])
def test_a_directory_is_told_unreadable_by_what_is_in_it(name: str, least: int) -> None:
    found = dict(options(name))
    assert len(found) >= least
    assert len({option.help for option in found.values()}) == 1
    for words, option in found.items():
        assert getattr(option.type, "readable", None) is False, words
