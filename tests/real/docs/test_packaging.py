"""The ways to package a plugin work as they are written down. Without a network: the new environment sees the packages
of the one that runs this, so pip finds that everything is there.
"""

import os
import sys
import sysconfig
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.fakes.documents import follow

pytestmark = [pytest.mark.real, pytest.mark.slow]

ROOT = Path(__file__).parents[3]
# `python3 -m venv DIR`, and then the packages, in reach of the new environment.
PYTHON = """\
#!/bin/sh
{python} "$@" || exit
if [ "$2" = venv ]; then echo {packages} > "$(echo "$3"/lib/python3*/site-packages)/packages.pth"; fi
"""


@pytest.fixture
def environ(tmp_path: Path) -> Mapping[str, str]:
    programs = tmp_path / "bin"
    programs.mkdir()
    python = programs / "python3"
    packages = sysconfig.get_path("purelib")
    python.write_text(PYTHON.format(python=sys.executable, packages=packages))
    python.chmod(0o755)
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith("PYTEST")},
        "PATH": f"{programs}:{os.environ['PATH']}",
        "BOTKUBE": str(ROOT),
        "PIP_NO_INDEX": "1",
        "PIP_NO_BUILD_ISOLATION": "0",  # pip's way to say yes
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
    }


def test_every_way_to_package(tmp_path: Path, environ: Mapping[str, str]) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    assert follow(ROOT / "docs" / "plugins" / "packaging.md", folder, environ) > 15
