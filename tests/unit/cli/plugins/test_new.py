"""Where a new project is written."""

import json
from pathlib import Path

import pytest

from botkube.cli.plugins.new import Options, new


def test_files_are_written_and_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert new(Options(kind="executor", name="hello")) == 0
    assert capsys.readouterr().out.startswith("The executor hello is in hello:\n")
    assert Path("hello/hello.py").stat().st_mode & 0o111
    assert Path("hello/hello.py").read_text().startswith("#!/usr/bin/env python3\n")


def test_json_and_another_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "there").mkdir()
    folder = tmp_path / "there"
    assert new(Options(kind="source", name="tick", folder=folder, output="json")) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["dir"] == str(folder)
    assert all((folder / path).is_file() for path in said["files"])


@pytest.mark.parametrize(
    ("name", "folder", "code", "said"),
    [
        ("My", "new", 2, "use small letters"),
        ("hello", "full", 1, "full is not empty: name another folder with --dir"),
        ("hello", "full/file", 1, "cannot write"),
    ],
)
def test_what_cannot_be_written(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    name: str,
    folder: str,
    code: int,
    said: str,
) -> None:
    full = tmp_path / "full"
    full.mkdir()
    (full / "file").write_text("mine")
    with pytest.raises(SystemExit) as ended:
        new(Options(kind="executor", name=name, folder=tmp_path / folder))
    assert ended.value.code == code
    assert said in capsys.readouterr().err
    assert (full / "file").read_text() == "mine"
