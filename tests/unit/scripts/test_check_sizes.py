"""The size checker finds what it is there to find."""

import importlib.util
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import ModuleType

import pytest

SCRIPT = Path(__file__).parents[3] / "scripts" / "check_sizes"


@pytest.fixture
def checker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The script, looking at a tree of the test's own."""
    loader = SourceFileLoader("check_sizes", str(SCRIPT))
    spec = importlib.util.spec_from_loader("check_sizes", loader)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    monkeypatch.setattr(module, "ROOT", tmp_path)
    monkeypatch.setattr(module, "MIRRORED_BY", {})
    return module


def write(root: Path, name: str, text: str = "def go():\n    return 1\n") -> None:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def test_a_clean_tree_is_green(checker: ModuleType, tmp_path: Path) -> None:
    write(tmp_path, "botkube/a/b.py")
    write(tmp_path, "tests/unit/a/test_b.py")
    assert checker.main() == 0


@pytest.mark.parametrize(
    ("name", "text", "finding"),
    [
        ("botkube/long.py", "x = 1\n" * 301, "botkube/long.py:1: 301 lines, at most 300"),
        ("scripts/tool", "#!/usr/bin/env -S python3 -P\n" + "x = 1\n" * 300, "scripts/tool:1: 301 lines, at most 300"),
        ("botkube/__init__.py", "async def f():\n" + "    x = 1\n" * 40, "botkube/__init__.py:1: f has 41 lines, at most 40"),
        ("botkube/a/b.py", "def go():\n    return 1\n", "botkube/a/b.py:1: no test such as tests/unit/a/test_b.py"),
    ],
)  # fmt: skip
def test_each_fault_is_found(
    checker: ModuleType,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    name: str,
    text: str,
    finding: str,
) -> None:
    write(tmp_path, name, text)
    assert checker.main() == 1
    assert capsys.readouterr().out == finding + "\n"


def test_values_and_protocols_need_no_test(checker: ModuleType, tmp_path: Path) -> None:
    write(
        tmp_path,
        "botkube/port.py",
        'class P:\n    x: int\n\n    def go(self) -> None:\n        """Go."""\n',
    )
    assert checker.main() == 0


def test_generated_code_is_left_alone(checker: ModuleType, tmp_path: Path) -> None:
    write(tmp_path, "botkube/_proto/x.py", "x = 1\n" * 999)
    assert checker.main() == 0


@pytest.mark.parametrize("test", ["tests/unit/other.py", "tests/unit/a/test_b.py"])
def test_an_entry_that_is_no_longer_true_is_found(
    checker: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, test: str
) -> None:
    write(tmp_path, "botkube/a/b.py")
    write(tmp_path, "tests/unit/a/test_b.py")
    monkeypatch.setattr(checker, "MIRRORED_BY", {"a.b": test})
    assert checker.main() == 1
