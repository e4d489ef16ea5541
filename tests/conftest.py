"""Fixtures of the whole suite."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.fakes.program import Program

# The same cases in every run: a new one is found by whoever looks for it, `--hypothesis-profile=default`.
# A loaded machine makes generation slow, not wrong.
settings.register_profile(
    "same",
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("same")


@pytest.fixture
def running_playground(tmp_path: Path) -> Iterator[Program]:
    """The real program with its embedded default: `.url`, `.url_with_token`, `.restart()`."""
    program = Program(tmp_path)
    program.start()
    yield program
    program.close()
