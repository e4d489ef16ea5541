"""A project as it is written passes its own tests and checks."""

import subprocess
import sys
from pathlib import Path

import pytest

from botkube.cli.plugins.new import Options, new
from botkube.cli.plugins.scaffold import Kind

pytestmark = [pytest.mark.real, pytest.mark.slow]


def check(folder: Path, *arguments: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="module")
def mypy_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One for all: most of the time goes to the SDK, which is the same."""
    return tmp_path_factory.mktemp("mypy")


@pytest.mark.parametrize("kind", ["executor", "source"])
def test_it_passes_its_own_tests_and_checks(tmp_path: Path, mypy_cache: Path, kind: Kind) -> None:
    assert new(Options(kind=kind, name="my-plugin", folder=tmp_path / "project")) == 0
    check(tmp_path / "project", "pytest", "-q", "-p", "no:cacheprovider")
    check(tmp_path / "project", "mypy", "--cache-dir", str(mypy_cache))
    check(tmp_path / "project", "ruff", "check", "--no-cache")
    check(tmp_path / "project", "ruff", "format", "--check", "--no-cache")
