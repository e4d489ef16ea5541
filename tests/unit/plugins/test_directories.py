from pathlib import Path

import pytest

from botkube.plugins.directories import (
    check_own,
    choose_runtime_dir,
    own_directory,
    writable_by_others,
)
from botkube.plugins.errors import PluginUnusable


def test_it_is_made_private_and_accepted_again(tmp_path: Path) -> None:
    made = own_directory(tmp_path / "a" / "b")
    assert made.stat().st_mode & 0o777 == 0o700
    assert own_directory(made) == made


def test_a_link_and_an_open_directory_are_refused(tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(tmp_path)
    with pytest.raises(PluginUnusable, match="is not a directory"):
        check_own(link)
    tmp_path.chmod(0o777)
    with pytest.raises(PluginUnusable, match="others can write"):
        check_own(tmp_path)


def test_who_can_write(tmp_path: Path) -> None:
    assert not writable_by_others(tmp_path / "absent")
    tmp_path.chmod(0o755)
    assert not writable_by_others(tmp_path)
    tmp_path.chmod(0o1777)
    assert writable_by_others(tmp_path)


def test_the_runtime_directory_is_short_enough_for_sockets() -> None:
    assert choose_runtime_dir({"RUNTIME_DIRECTORY": "/run/botkube:/run/x"}) == Path(
        "/run/botkube/plugins"
    )
    short = choose_runtime_dir({"TMPDIR": "/var/tmp"})
    assert short.parent == Path("/var/tmp")
    assert choose_runtime_dir({"TMPDIR": "/long" * 20}).parent == Path("/tmp")
