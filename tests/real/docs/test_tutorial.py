"""The tutorial does what it says, from its own text."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.fakes.documents import Block, blocks, check, commands, follow

pytestmark = [pytest.mark.real, pytest.mark.slow]

DOCS = Path(__file__).parents[3] / "docs" / "plugins"


@pytest.fixture
def environ(tmp_path: Path) -> Mapping[str, str]:
    """As in an activated environment, with places of its own."""
    state = tmp_path / "state"
    state.mkdir(mode=0o700)
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith("PYTEST")},
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "STATE_DIRECTORY": str(state),
        "BOTKUBE_SETTINGS_HTTP_LISTEN": "127.0.0.1:0",
        "PYTHONDONTWRITEBYTECODE": "1",
    }


def test_the_tutorial(tmp_path: Path, environ: Mapping[str, str]) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    assert follow(DOCS / "tutorial.md", folder, environ) > 12


def test_a_wrong_output_is_found() -> None:
    check("x", "a…c\n…\nend\n", "abc\n1\n2\nend\n\n")
    for wrong in ("a…c\n", "abc\n", "abc\nend\n", ""):
        with pytest.raises(AssertionError, match="the document says"):
            check("x", wrong, "abc\n1\n2\nend\n")


def test_blocks_and_commands_are_found(tmp_path: Path) -> None:
    document = tmp_path / "a.md"
    document.write_text(
        "```python a.py\nx = 1\n```\ntext\n```sh\nls\n```\n```console\n$ one\n1\n\n$ two\n```\n"
    )
    found = blocks(document)
    assert found[:2] == [Block("python", "a.py", "x = 1\n"), Block("sh", "", "ls\n")]
    assert list(commands(found[2])) == [("one", "1\n\n"), ("two", "")]
