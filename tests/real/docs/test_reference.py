"""The pieces of code in the documents are right."""

import re
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from botkube.plugins.hclog import parse_line
from botkube.sdk import (
    Button,
    LabelInput,
    Message,
    MultiSelect,
    Section,
    Select,
    Selects,
    TextField,
)
from tests.fakes.documents import blocks

pytestmark = [pytest.mark.real, pytest.mark.slow]

DOCS = Path(__file__).parents[3] / "docs" / "plugins"
REFERENCE = DOCS / "reference.md"
PROTOCOL = DOCS / "protocol.md"


def test_each_piece_of_code_is_right(tmp_path: Path) -> None:
    pieces = [block.text for block in blocks(REFERENCE) if block.kind == "python"]
    assert len(pieces) > 4
    for number, text in enumerate(pieces):
        path = tmp_path / f"piece{number}.py"
        path.write_text(text, "utf-8")
        python(tmp_path, str(path))
    python(tmp_path, "-m", "mypy", "--strict", "--cache-dir", str(tmp_path / "cache"), ".")


def test_the_json_of_the_protocol_is_whole_and_right() -> None:
    message, line = [block.text for block in blocks(PROTOCOL) if block.kind == "json"]
    assert msgspec.json.decode(message, type=Message).sections  # strict: every key is known
    named = set(re.findall(r'"(\w+)":', message))
    kinds: list[type[msgspec.Struct]] = [
        Message,
        Section,
        Button,
        MultiSelect,
        Selects,
        Select,
        LabelInput,
        TextField,
    ]
    known = {field.encode_name for kind in kinds for field in msgspec.structs.fields(kind)}
    assert known <= named
    assert parse_line(line.encode()).message == "listening"


def python(folder: Path, *arguments: str) -> None:
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr
