"""The command line's names: each does something or says that it cannot."""

import pytest
from typer.testing import CliRunner

from botkube.cli.commands import app

LATER = [
    "status", "reload",
    "config show", "config schema", "config explain", "config replay", "config init",
    "outbox list", "outbox show", "outbox retry", "outbox drop",
]  # fmt: skip


@pytest.mark.parametrize("command", LATER)
def test_later_commands_say_so_and_exit_with_2(command: str) -> None:
    done = CliRunner().invoke(app, [*command.split(), "whatever", "--flag"])
    assert done.exit_code == 2
    assert f"botkube {command} is not available in this version" in done.stderr


@pytest.mark.parametrize(
    "command",
    [
        "run",
        "chat",
        "version",
        "config check",
        "plugins new",
        "plugins run",
        "plugins list",
        "plugins search",
        "plugins info",
        "plugins install",
        "plugins update",
        "plugins remove",
        "plugins verify",
        "plugins logs",
        "plugins vendor",
        "plugins index build",
        "slack manifest",
        "doctor",
    ],
)
def test_help_has_an_example(command: str) -> None:
    done = CliRunner().invoke(app, [*command.split(), "--help"])
    assert done.exit_code == 0
    assert "Example: botkube" in done.stdout


@pytest.mark.parametrize(
    "arguments", [["nonsense"], ["run", "--nonsense"], ["chat", "--timeout", "x"]]
)
def test_wrong_usage_exits_with_2(arguments: list[str]) -> None:
    assert CliRunner().invoke(app, arguments).exit_code == 2


def test_built_in_plugins_are_not_for_people() -> None:
    assert " plugin " not in CliRunner().invoke(app, ["--help"]).stdout
