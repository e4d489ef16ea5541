"""Fixtures of the whole suite."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes.program import Program


@pytest.fixture
def running_playground(tmp_path: Path) -> Iterator[Program]:
    """The real program with its embedded default: `.url`, `.url_with_token`, `.restart()`."""
    program = Program(tmp_path)
    program.start()
    yield program
    program.close()
