import tomllib
from importlib import metadata
from pathlib import Path

from betterproto import _version

import botkube.wire

PROJECT = Path(botkube.wire.__file__).parent.parent.parent / "pyproject.toml"


def test_the_version_that_betterproto_is_told_is_its_own() -> None:
    assert _version.__version__ == metadata.version("betterproto")
    pins = tomllib.loads(PROJECT.read_text())["project"]["dependencies"]
    assert f"betterproto=={_version.__version__}" in pins
