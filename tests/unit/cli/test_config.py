"""`botkube config check`."""

import json
from pathlib import Path

import pytest

from botkube.cli.config import check

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
    assert "no problems in the embedded default" in capsys.readouterr().out


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
