import errno
import os
from pathlib import Path

import pytest

from botkube.runtime.landlock import Grants
from botkube.runtime.namespaces import furnish, unshare
from tests.fakes.kernel import MOUNT_SETATTR, FakeKernel

MOUNTS, USERS, NETWORK = 0x20000, 0x10000000, 0x40000000
BIND_ALL, REMOUNT_READ_ONLY = 4096 | 16384, 4096 | 32 | 1


def test_root_needs_no_user_namespace() -> None:
    kernel = FakeKernel()
    unshare(kernel, mounts=True, network=False, privileged=True)
    assert kernel.asked == [("unshare", (MOUNTS,))]


def test_others_stay_who_they_are() -> None:
    kernel = FakeKernel()
    unshare(kernel, mounts=False, network=True, privileged=False)
    assert kernel.arguments("unshare") == [(NETWORK | USERS,)]
    user = os.geteuid()
    assert list(kernel.written.items())[:2] == [
        ("/proc/self/setgroups", "deny"),  # first: else the groups cannot be mapped
        ("/proc/self/uid_map", f"{user} {user} 1"),
    ]


def test_a_refusal_is_an_error() -> None:
    with pytest.raises(PermissionError):
        unshare(
            FakeKernel(refusing={"unshare": errno.EPERM}),
            mounts=True,
            network=True,
            privileged=False,
        )


@pytest.fixture
def old(tmp_path: Path) -> Path:
    for name in ("usr/bin", "run/bk-1", "dev"):
        (tmp_path / "old" / name).mkdir(parents=True)
    (tmp_path / "old" / "dev" / "null").touch()
    (tmp_path / "old" / "bin").symlink_to("usr/bin")
    return tmp_path / "old"


def test_what_is_granted_is_there_and_nothing_else(old: Path, tmp_path: Path) -> None:
    kernel, root = FakeKernel(), tmp_path / "new"
    grants = Grants(
        readable=("/usr", "/bin", "/absent"), writable=("/run/bk-1",), devices=("/dev/null",)
    )
    furnish(kernel, grants, root, old)
    assert {str(path.relative_to(root)) for path in root.rglob("*")} == {
        *("usr", "bin", "run", "run/bk-1", "dev", "dev/null")
    }
    assert str((root / "bin").readlink()) == "usr/bin"
    assert (root / "dev" / "null").is_file()
    bound = [(arguments[0], arguments[1]) for arguments in kernel.arguments("mount")]
    names = ("dev/null", "run/bk-1", "usr")
    assert bound == [(bytes(old / name), bytes(root / name)) for name in names]
    assert {arguments[3] for arguments in kernel.arguments("mount")} == {BIND_ALL}


def test_only_what_is_readable_is_protected(old: Path, tmp_path: Path) -> None:
    kernel, root = FakeKernel(), tmp_path / "new"
    furnish(kernel, Grants(readable=("/usr",), writable=("/run/bk-1",)), root, old)
    protected = [arguments[1] for arguments in kernel.arguments(MOUNT_SETATTR)]
    assert protected == [bytes(root / "usr")]


def test_an_old_kernel_protects_the_top_of_a_tree(old: Path, tmp_path: Path) -> None:
    kernel, root = FakeKernel(refusing={MOUNT_SETATTR: errno.ENOSYS}), tmp_path / "new"
    furnish(kernel, Grants(readable=("/usr",)), root, old)
    _, (nothing, target, _, flags, _) = kernel.arguments("mount")
    assert (nothing, target) == (None, bytes(root / "usr"))
    assert isinstance(flags, int)
    assert flags & REMOUNT_READ_ONLY == REMOUNT_READ_ONLY


def test_another_failure_to_protect_is_an_error(old: Path, tmp_path: Path) -> None:
    kernel = FakeKernel(refusing={MOUNT_SETATTR: errno.EINVAL})
    with pytest.raises(OSError, match="Invalid"):
        furnish(kernel, Grants(readable=("/usr",)), tmp_path / "new", old)


def test_the_directories_on_the_way_can_be_entered(old: Path, tmp_path: Path) -> None:
    mask = os.umask(0o077)
    try:
        furnish(FakeKernel(), Grants(writable=("/run/bk-1",)), tmp_path / "new", old)
        assert os.umask(0o077) == 0o077
    finally:
        os.umask(mask)
    assert (tmp_path / "new" / "run").stat().st_mode & 0o777 == 0o755
