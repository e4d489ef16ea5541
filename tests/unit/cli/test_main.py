"""Which arguments skip the command-line library, and what that is worth."""

import subprocess
import sys

import pytest

LIST = "import sys; sys.argv = ['botkube', *{arguments!r}]; from botkube.cli.main import main\n"
LIST += "try: main()\nexcept SystemExit: pass\n"
LIST += "print([m for m in ('typer', 'trio', 'yaml', 'httpx') if m in sys.modules])"


def modules_after(*arguments: str) -> str:
    code = LIST.format(arguments=list(arguments))
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout.splitlines()[-1]


@pytest.mark.real
def test_version_imports_nothing_heavy() -> None:
    assert modules_after("version") == "[]"


@pytest.mark.real
def test_help_does_not_import_the_program() -> None:
    assert modules_after("--help") == "['typer']"
