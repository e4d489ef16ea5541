"""`botkube run`, as far as it is not the program: what it says and how it fails."""

import sys
from contextlib import suppress
from pathlib import Path

import pytest

from botkube.app.build import Plan, build
from botkube.app.statedir import StateDirError
from botkube.cli import run
from botkube.cli.run import KEPT, Options
from botkube.config import embedded_default, load
from botkube.runtime.policy import Escalated

CONFIG = embedded_default().config
assert CONFIG is not None

PLAN = build(CONFIG)


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (*KEPT, "BOTKUBE_CONFIG_PATHS"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.usefixtures("alone")
def test_a_person_gets_a_url_to_click_and_what_to_type(capsys: pytest.CaptureFixture[str]) -> None:
    run._announce(Options(), PLAN, "http://127.0.0.1:1", "se/cret", Path("/state"))
    said = capsys.readouterr().out
    assert "http://127.0.0.1:1/?token=se%2Fcret" in said.replace("/cret", "%2Fcret")
    assert "@Botkube echo hello" in said
    run._announce(
        Options(config=(Path("mine.yaml"),)), PLAN, "http://127.0.0.1:1", "s", Path("/state")
    )
    assert "@Botkube help" in capsys.readouterr().out, "there may be no echo"


@pytest.mark.usefixtures("alone")
@pytest.mark.parametrize("name", KEPT)
def test_what_is_kept_in_a_journal_has_no_token(
    name: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, "x")
    run._announce(Options(), PLAN, "http://127.0.0.1:1", "secret", Path("/state"))
    said = capsys.readouterr().out
    assert "secret" not in said
    assert "/state/token" in said


@pytest.mark.usefixtures("alone")
def test_an_invalid_configuration_exits_with_3(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "c.yaml"
    path.write_text("communications: 1\n")
    assert run.run(Options(config=(path,), state_dir=tmp_path / "s")) == 3
    assert f"{path}:1" in capsys.readouterr().err
    assert not (tmp_path / "s").exists()


def test_errors_of_ours_are_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    group = ExceptionGroup("levels", [ExceptionGroup("store", [StateDirError("no room")])])
    assert run._failed(group) == 1
    assert capsys.readouterr().err == "botkube: no room\n"


def test_other_errors_are_logged_in_full(caplog: pytest.LogCaptureFixture) -> None:
    assert run._failed(ExceptionGroup("levels", [ZeroDivisionError("oops")])) == 1
    assert "oops" in caplog.text


@pytest.mark.usefixtures("alone")
def test_nobody_reading_the_announcement_does_not_stop_the_program(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    full = Path("/dev/full").open("w")  # noqa: SIM115 - closing it fails
    monkeypatch.setattr("sys.stdout", full)
    run._announce(Options(), PLAN, "http://127.0.0.1:1", "t", Path("/state"))
    sys.stdout.close()  # what it was replaced with
    with suppress(OSError):
        full.close()
    assert "nobody reads standard output: No space left on device" in caplog.text


@pytest.mark.usefixtures("alone")
def test_the_hint_names_a_command_that_finds_this_instance(
    capsys: pytest.CaptureFixture[str],
) -> None:
    run._announce(Options(state_dir=Path("/a b")), PLAN, "http://127.0.0.1:1", "t", Path("/a b"))
    assert "chat --state-dir '/a b' echo hello" in capsys.readouterr().out


@pytest.mark.parametrize("text", ["2110", "nonsense", "a:b", "127.0.0.1:99999"])
def test_an_address_that_is_none_is_wrong_usage(text: str) -> None:
    with pytest.raises(SystemExit) as caught:
        run.run(Options(listen=text))
    assert caught.value.code == 2


def test_a_program_that_was_told_to_end_with_its_plugins_says_one_sentence(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run._failed(ExceptionGroup("levels", [Escalated("plugin:r/p failed too often")])) == 1
    assert capsys.readouterr().err == "botkube: plugin:r/p failed too often\n"


SLACK = """\
communications:
  default-group:
    socketSlack:
      enabled: true
      botToken: xoxb-1
      appToken: xapp-1
      channels: {a: {name: one}, b: {name: "#two"}, c: {name: three}, d: {name: four}}
"""
HOOK = "communications: {g: {webhook: {enabled: true, url: 'http://h/'}}}"


def plan_of(folder: Path, text: str) -> Plan:
    path = folder / "c.yaml"
    path.write_text(text)
    config = load([path], {}).config
    assert config is not None
    return build(config)


@pytest.mark.usefixtures("alone")
def test_without_a_playground_it_says_where_else_to_talk(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    plan = plan_of(tmp_path, SLACK)
    run._announce(Options(state_dir=Path("/s"), open=True), plan, "http://h:1", "t", Path("/s"))
    first, slack, state, doctor = capsys.readouterr().out.splitlines()
    assert first == "Botkube is running: http://h:1 (token: /s/token)"
    where = "default-group-socketSlack: #one, #two, #three and 1 more"
    assert slack == f"In Slack ({where}) say: @Botkube help"
    assert state == "Whether everything works: http://h:1/readyz"
    assert doctor.endswith("doctor slack --state-dir /s")
    assert "there is no page to open" in caplog.text


@pytest.mark.usefixtures("alone")
def test_without_any_chat_it_says_that_it_takes_no_commands(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plan = plan_of(tmp_path, HOOK)
    run._announce(Options(), plan, "http://h:1", "t", Path("/s"))
    assert "It takes no commands: no playground is configured" in capsys.readouterr().out
