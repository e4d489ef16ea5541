"""The manifest on stdout is what Slack takes; nothing else is on it."""

import json

import pytest
import yaml
from typer.testing import CliRunner

from botkube.bots.slack.setup.manifest import HISTORY_SCOPES, SCOPES, manifest
from botkube.cli.commands import app


def printed(*options: str) -> str:
    done = CliRunner().invoke(app, ["slack", "manifest", *options])
    assert done.exit_code == 0
    return done.stdout


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ([], manifest()),
        (["--history"], manifest(history=True)),
        (["--triggers"], manifest(triggers=True)),
        (["--name", "on", "--slash", "/k"], manifest("on", slash="k")),
    ],
)
def test_yaml_and_json_say_what_the_options_mean(options: list[str], expected: object) -> None:
    assert yaml.safe_load(printed(*options)) == expected
    assert json.loads(printed(*options, "--output", "json")) == expected


def test_history_is_asked_for_only_when_it_is_wanted() -> None:
    assert not set(HISTORY_SCOPES) & set(printed().split())
    assert set(SCOPES) < set(printed("--history").split())
    assert set(HISTORY_SCOPES) < set(printed("--history").split())


def test_an_empty_name_is_wrong_usage() -> None:
    done = CliRunner().invoke(app, ["slack", "manifest", "--name", " "])
    assert done.exit_code == 2
    assert "--name" in done.stderr


def test_help_says_where_to_paste_it() -> None:
    said = CliRunner().invoke(app, ["slack", "manifest", "--help"]).stdout
    assert "https://api.slack.com/apps" in said
    assert "From a manifest" in said


def test_a_slash_command_that_slack_refuses_is_wrong_usage() -> None:
    for word in ("two words", "/Botkube", "x" * 33):
        done = CliRunner().invoke(app, ["slack", "manifest", "--slash", word])
        assert (done.exit_code, done.stdout) == (2, "")
        assert "is no slash command" in done.stderr
