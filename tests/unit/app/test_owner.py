"""Whose directory it is, and what root does about it; see tests/real/cli/test_other_user.py for the commands."""

import errno
import os
from pathlib import Path

import pytest

from botkube.app.owner import OwnerError, owner_of, work_as_owner
from botkube.runtime.privileges import User
from tests.fakes.kernel import FakeKernel

root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root to give directories away")
OWNER = User(61_998, 61_999)


def own(path: Path) -> Path:
    os.chown(path, OWNER.uid, OWNER.gid, follow_symlinks=False)
    return path


def test_what_is_ours_stays_so(tmp_path: Path) -> None:
    kernel = FakeKernel()
    work_as_owner(tmp_path / "not" / "there", tmp_path, kernel)
    assert kernel.asked == []
    assert owner_of(tmp_path / "not" / "there").uid == os.geteuid()


@root
def test_the_owner_of_where_it_is_or_will_be(tmp_path: Path) -> None:
    folder = tmp_path / "theirs"
    folder.mkdir()
    own(folder)
    kernel = FakeKernel()
    work_as_owner(folder / "new" / "cache", tmp_path, kernel)
    assert ("setresuid", (OWNER.uid,) * 3) in kernel.asked
    with pytest.raises(OwnerError, match=r"theirs belongs to user 61998, .*run the command as"):
        work_as_owner(folder, tmp_path, FakeKernel(refusing={"setresuid": errno.EPERM}))


@root
def test_a_directory_of_root_below_one_of_theirs_is_theirs(tmp_path: Path) -> None:
    ours = tmp_path / "theirs" / "ours"
    ours.mkdir(parents=True)
    assert owner_of(ours).uid == 0
    own(ours.parent)
    assert owner_of(ours) == OWNER


@root
def test_a_link_of_theirs_makes_it_theirs_and_one_of_root_leads_to_the_owner(
    tmp_path: Path,
) -> None:
    (tmp_path / "real" / "cache").mkdir(parents=True)
    link = tmp_path / "link"
    link.symlink_to("../" + tmp_path.name + "/real")
    assert owner_of(link / "cache").uid == 0
    own(tmp_path / "real")  # as systemd does it: /var/cache/x -> private/x, or another disk
    assert owner_of(link / "cache") == owner_of(link / "new") == OWNER
    os.chown(tmp_path / "real", 0, 0)
    own(link)
    assert owner_of(link / "cache") == owner_of(link) == OWNER
    loop = tmp_path / "loop"
    loop.symlink_to(loop)
    assert owner_of(loop / "cache").uid == 0


@root
def test_the_owner_of_the_lock_files_folder_counts_as_well(tmp_path: Path) -> None:
    cache, state = tmp_path / "new" / "cache", tmp_path / "state"
    state.mkdir()
    own(state)
    kernel = FakeKernel()
    work_as_owner(cache, state, kernel)
    assert ("setresuid", (OWNER.uid,) * 3) in kernel.asked
    assert not cache.exists()
    work_as_owner(cache, state, FakeKernel(), make=True)
    assert owner_of(cache) == OWNER
    os.chown(cache, 1, 1)
    with pytest.raises(OwnerError, match=r"belongs to user 1 and .*/state belongs to user 61998"):
        work_as_owner(cache, state, kernel)
