"""`botkube config check`."""

import json
import os
from pathlib import Path

import pytest

from botkube.cli.config import check
from botkube.packages.index.cache import Note, keep_index
from tests.fakes.repository import entry, index_of

BAD = """communications:
  default:
    playground:
      enabled: true
      channels:
        general: {name: general, bindings: {executors: [tols]}}
executors:
  tools: {builtin/echo: {enabled: true}}
"""


@pytest.fixture
def bad(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("BOTKUBE_CONFIG_PATHS", raising=False)
    path = tmp_path / "bad.yaml"
    path.write_text(BAD)
    return path


def test_the_embedded_default_is_good(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("BOTKUBE_CONFIG_PATHS", raising=False)
    assert check((), "text") == 0
    said = capsys.readouterr().out
    assert "no problems in the embedded default" in said
    assert ("hint: plugins run as root: set plugins.sandbox.enabled" in said) == (os.geteuid() == 0)


def test_what_this_machine_cannot_do_for_a_sandbox_is_a_hint(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "sandbox.yaml"
    path.write_text(BAD.replace("tols", "tools") + "plugins: {sandbox: {enabled: true}}\n")
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    assert check((path,), "text") == 0
    said = capsys.readouterr().out
    assert "hint: sandbox: plugins keep the user of Botkube, as only root can" in said
    assert "run as root" not in said
    assert check((path,), "github") == 0
    assert "hint" not in capsys.readouterr().out


def test_what_the_kept_index_does_not_have_is_a_hint(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("BOTKUBE_CONFIG_PATHS", raising=False)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    keys = ("r/p@^1", "r/p@^9", "r/none", "other/p@^9")
    groups = {f"g{i}": {key: {"enabled": True}} for i, key in enumerate(keys)}
    channels = {name: {"name": name, "bindings": {"executors": [name]}} for name in groups}
    path, url = tmp_path / "config.yaml", "https://x.test/index.yaml"
    path.write_text(
        json.dumps(
            {
                "executors": groups,
                "plugins": {
                    "cacheDir": str(tmp_path / "cache"),
                    "repositories": {"r": {"url": url}, "other": {"url": url}},
                },
                "communications": {"d": {"playground": {"enabled": True, "channels": channels}}},
            }
        )
    )
    (tmp_path / "cache").mkdir()
    content = index_of(entry("p", "p", version="v1.2.0"))
    keep_index(tmp_path / "cache", "r", content, Note(url=url))
    assert check((path,), "text") == 0
    said = [line for line in capsys.readouterr().out.splitlines() if "cannot be installed" in line]
    none, old = sorted(said)
    assert "executor r/none cannot be installed: " in none
    assert "has no executor none" in none
    assert "executor r/p@^9 cannot be installed: " in old
    assert "there is v1.2.0" in old
    lock_file = tmp_path / "botkube" / "plugins.lock"
    lock_file.parent.mkdir()
    lock_file.write_text("{")
    assert check((path,), "text") == 0
    assert f"hint: {lock_file} is damaged (" in capsys.readouterr().out


def test_an_error_exits_with_3_and_names_place_key_value_and_fix(
    bad: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert check((bad,), "text") == 3
    said = capsys.readouterr().err
    for part in (f"{bad}:6", "bindings", "tols", "tools"):
        assert part in said


def test_json_is_one_document_on_stdout(bad: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert check((bad,), "json") == 3
    assert json.loads(capsys.readouterr().out)


def test_github_gets_annotations(bad: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert check((bad,), "github") == 3
    assert "::error file=" in capsys.readouterr().out


def test_the_configuration_of_a_built_in_plugin_is_checked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("BOTKUBE_CONFIG_PATHS", raising=False)
    path = tmp_path / "c.yaml"
    given = "{builtin/echo: {enabled: true, config: {changeResponseToUpperCase: loud}}}"
    path.write_text(BAD.replace("tols", "tools").replace("{builtin/echo: {enabled: true}}", given))
    assert check((path,), "text") == 3
    assert 'config.changeResponseToUpperCase: is "loud"' in capsys.readouterr().err
