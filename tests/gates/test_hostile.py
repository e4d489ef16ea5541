"""Counts the cases of enemies that the tests of packages have, by kind; `pytest -s` on this file prints them."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

pytestmark = [pytest.mark.real, pytest.mark.slow]

ROOT = Path(__file__).parents[2]
KINDS: Final = {"archive", "bundle", "header", "index", "redirect", "server", "signature"}
LEAST: Final = 80
COUNT: Final = """
import collections, json, pytest

class Counter:
    def pytest_collection_finish(self, session):
        # A case's own mark comes after that of its function.
        kinds = ([*item.iter_markers("hostile")][-1].args[0] for item in session.items)
        print("\\n" + json.dumps(collections.Counter(kinds)))

arguments = ["--co", "-q", "-p", "no:cacheprovider", "-m", "hostile"]
raise SystemExit(pytest.main([*arguments, "tests/unit/packages", "tests/real/packages"], [Counter()]))
"""


def test_there_are_enough_of_each_kind() -> None:
    done = subprocess.run(
        [sys.executable, "-c", COUNT],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=200,
    )
    counts = json.loads(next(line for line in done.stdout.splitlines() if line.startswith("{")))
    print(*(f"{kind}: {count}" for kind, count in sorted(counts.items())), sep="\n")
    print(f"together: {sum(counts.values())}")
    assert set(counts) == KINDS
    assert sum(counts.values()) >= LEAST
