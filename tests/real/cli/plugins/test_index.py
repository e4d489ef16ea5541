"""`botkube plugins index build`: its files, its key, and its errors."""

import io
import sys
from pathlib import Path

import minisign
import pytest

from botkube.cli.plugins.index import PASSWORD, Options, build
from botkube.packages.index.choose import this_platform
from botkube.packages.index.entries import parse_index
from tests.fakes.authors import EXECUTOR

pytestmark = [pytest.mark.real, pytest.mark.slow]


@pytest.fixture
def plugins(tmp_path: Path) -> Path:
    folder = tmp_path / "some plugins"
    folder.mkdir()
    plugin = folder / f"executor_sample_{this_platform().replace('/', '_')}"
    plugin.write_text(f"#!{sys.executable} -P\n{EXECUTOR.replace('STREAMS', 'False')}")
    plugin.chmod(0o755)
    return folder


def test_beside_the_plugins_or_elsewhere(
    tmp_path: Path, plugins: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "web" / "index.yaml"
    target.parent.mkdir()
    proof = target.with_name("index.yaml.minisig")
    proof.write_text("of another index")
    assert build(Options(folder=plugins, target=target)) == 0
    said = capsys.readouterr()
    assert said.out == f"executor sample 1.2.3: {this_platform()}\nThe index is {target}.\n"
    assert said.err == "executor sample: asking what it is\n"
    assert not proof.exists()
    entry = parse_index(target.read_bytes(), target.as_uri()).entries[0]
    found = entry.packages[this_platform()].artifact.url
    name = f"executor_sample_{this_platform().replace('/', '_')}.tar.gz"
    assert found == f"{tmp_path.as_uri()}/some%20plugins/{name}"


def test_what_cannot_be_done_says_so_before_any_plugin_is_asked(
    tmp_path: Path,
    plugins: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    target, key = tmp_path / "index.yaml", tmp_path / "key"
    secret = minisign.KeyPair.generate().secret_key
    secret.encrypt("right", opslimit=32768, memlimit=1 << 20)
    key.write_bytes(bytes(secret))
    monkeypatch.delenv(PASSWORD, raising=False)
    monkeypatch.setattr("sys.stdin", io.StringIO())
    assert build(Options(folder=plugins, target=target, sign_key=key)) == 1
    assert f"set {PASSWORD}, or run this in a terminal" in capsys.readouterr().err
    monkeypatch.setenv(PASSWORD, "wrong")
    assert build(Options(folder=plugins, target=target, sign_key=key)) == 1
    assert "wrong password" in capsys.readouterr().err
    key.unlink()
    with pytest.raises(SystemExit):
        build(Options(folder=plugins, target=target, sign_key=key))
    assert "key cannot be read: No such file" in capsys.readouterr().err
    (plugins / "source_x").touch()
    assert build(Options(folder=plugins, target=target, name_filter="x")) == 1
    assert capsys.readouterr().err.startswith("botkube: source_x: is not named KIND_NAME")
    (plugins / "source_x").unlink()
    assert build(Options(folder=plugins, target=tmp_path / "none" / "index.yaml")) == 1
    assert "index.yaml cannot be written: No such file" in capsys.readouterr().err
    assert not target.exists()
