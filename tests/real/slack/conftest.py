"""Programs run in folders with short paths: sockets want them short."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="bk-slack-", dir="/tmp") as path:
        yield Path(path)
