import os
from pathlib import Path

import pytest

from botkube.plugins.removal import remove_tree

DEEP = 3000  # deeper than Python recurses, and than a path may be long


def test_everything_goes(tmp_path: Path) -> None:
    top = tmp_path / "top"
    for name in ("a/b/c", "a/d", "e"):
        (top / name).mkdir(parents=True)
        (top / name / "file").write_text("x")
    os.mkfifo(top / "a" / "pipe")
    remove_tree(top)
    assert not top.exists()


def test_however_deep(tmp_path: Path) -> None:
    top = tmp_path / "top"
    top.mkdir()
    inner = os.open(top, os.O_RDONLY)
    for _ in range(DEEP):
        os.mkdir("d", dir_fd=inner)
        inner, outer = os.open("d", os.O_RDONLY, dir_fd=inner), inner
        os.close(outer)
    os.close(inner)
    remove_tree(top)
    assert not top.exists()


def test_no_link_is_followed(tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.mkdir()
    (precious / "file").write_text("x")
    top = tmp_path / "top"
    (top / "inner").mkdir(parents=True)
    for place in (top, top / "inner"):
        (place / "link").symlink_to(precious)
        (place / "broken").symlink_to("/nonexistent")
    remove_tree(top)
    assert not top.exists()
    assert (precious / "file").exists()


def test_a_link_is_no_directory(tmp_path: Path) -> None:
    (tmp_path / "precious").mkdir()
    (tmp_path / "precious" / "file").touch()
    (tmp_path / "top").symlink_to(tmp_path / "precious")
    remove_tree(tmp_path / "top")
    assert (tmp_path / "precious" / "file").exists()


def test_what_is_not_there_is_fine(tmp_path: Path) -> None:
    remove_tree(tmp_path / "absent")


def test_what_its_owner_has_closed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if os.geteuid() == 0:  # root may enter it anyway: let it take the way of others
        monkeypatch.setattr("os.geteuid", lambda: 1000)
    top = tmp_path / "top"
    (top / "a" / "b" / "c").mkdir(parents=True)
    for closed in (top / "a" / "b", top / "a"):
        closed.chmod(0)
    remove_tree(top)
    assert not top.exists()
