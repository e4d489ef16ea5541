"""Where version and commit come from."""

import json
from pathlib import Path

import pytest

from botkube import __version__
from botkube.app import buildinfo

COMMIT = "0123456789abcdef0123456789abcdef01234567"


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An installed package that nothing is known about."""
    (tmp_path / "botkube").mkdir()
    monkeypatch.setattr(buildinfo, "PACKAGE", str(tmp_path / "botkube"))
    return tmp_path / "botkube"


def test_the_build_says_it(package: Path) -> None:
    (package / "_build.json").write_text(json.dumps({"commit": COMMIT, "libc": "2.35"}))
    info = buildinfo.version_info()
    assert (info["version"], info["commit"], info["libc"]) == (
        __version__,
        COMMIT[:12],
        "2.35",
    )


@pytest.mark.parametrize("packed", [False, True], ids=["loose", "packed"])
def test_a_source_tree_asks_git(package: Path, *, packed: bool) -> None:
    git = package.parent / ".git"
    (git / "refs/heads").mkdir(parents=True)
    (git / "HEAD").write_text("ref: refs/heads/main\n")
    if packed:
        (git / "packed-refs").write_text(f"# pack-refs\n{COMMIT} refs/heads/main\n")
    else:
        (git / "refs/heads/main").write_text(f"{COMMIT}\n")
    assert buildinfo.version_info()["commit"] == COMMIT[:12]


def test_a_detached_head_is_the_commit(package: Path) -> None:
    (package.parent / ".git").mkdir()
    (package.parent / ".git/HEAD").write_text(f"{COMMIT}\n")
    assert buildinfo.version_info()["commit"] == COMMIT[:12]


def test_without_git_the_commit_is_unknown(package: Path) -> None:
    assert buildinfo.version_info()["commit"] == ""
    assert package.exists()
