"""`botkube version`."""

import json

import pytest

from botkube import __version__
from botkube.cli.version import print_version


def test_text_names_the_version(capsys: pytest.CaptureFixture[str]) -> None:
    print_version("text")
    assert capsys.readouterr().out.startswith(f"botkube {__version__}")


def test_json_has_every_field(capsys: pytest.CaptureFixture[str]) -> None:
    print_version("json")
    info = json.loads(capsys.readouterr().out)
    assert list(info) == ["version", "commit", "platform", "python", "libc"]
    assert info["libc"]
