"""`botkube plugins`: the group and what its commands take."""

import pytest
from typer.testing import CliRunner

from botkube.cli.commands import app


def test_the_group_is_shown_with_what_works() -> None:
    assert " plugins " in CliRunner().invoke(app, ["--help"]).stdout
    shown = CliRunner().invoke(app, ["plugins", "--help"]).stdout
    for name in (
        "new",
        "run",
        "list",
        "search",
        "info",
        "install",
        "update",
        "remove",
        "verify",
        "logs",
    ):
        assert f" {name} " in shown


@pytest.mark.parametrize(
    "wrong",
    [
        "new",
        "new executor",
        "new plugin x",
        "new executor x --output yaml",
        "run",
        "run echo",
        "run echo --command x --metadata",
        "run echo --stream --help-message",
        "run echo --stream --events 0",
        "run echo --command x --config /nowhere.yaml",
        "list --output yaml",
        "info",
        "remove",
        "update --roll-back",
        "logs",
        "logs r/p --lines -1",
    ],
)
def test_wrong_usage_exits_with_2(wrong: str) -> None:
    assert CliRunner().invoke(app, ["plugins", *wrong.split()]).exit_code == 2
