import errno
import struct
from pathlib import Path

import pytest

from botkube.runtime.landlock import Grants, lacking, outside, restrict, version
from tests.fakes.kernel import FakeKernel

CREATE, ADD_RULE, RESTRICT = 444, 445, 446
EXECUTE, WRITE, READ, LIST, TRUNCATE, MAKE_SOCKET = 1, 2, 4, 8, 1 << 14, 1 << 9


def rights(kernel: FakeKernel) -> list[int]:
    packed = [arguments[2] for arguments in kernel.arguments(ADD_RULE)]
    return [struct.unpack("=Qi", rule)[0] for rule in packed if isinstance(rule, bytes)]


def test_a_kernel_of_today_lacks_nothing() -> None:
    assert lacking(FakeKernel(landlock=7)) == ()
    assert version(FakeKernel(landlock=7)) == 7


@pytest.mark.parametrize(
    ("found", "missing"),
    [
        (1, ["5.19", "6.2", "6.10", "6.12"]),
        (2, ["6.2", "6.10", "6.12"]),
        (4, ["6.10", "6.12"]),
        (5, ["6.12"]),
        (6, []),
    ],
)
def test_an_older_one_says_what_came_later(found: int, missing: list[str]) -> None:
    said = lacking(FakeKernel(landlock=found))
    assert len(said) == len(missing)
    for text, since in zip(said, missing, strict=True):
        assert f"Linux {since} " in text


@pytest.mark.parametrize(
    ("code", "text"),
    [
        (errno.ENOSYS, "this kernel has no Landlock (it came with Linux 5.13)"),
        (errno.EOPNOTSUPP, "switched off in this kernel: add landlock to the lsm= list"),
        (errno.EPERM, "forbidden here by a system call filter: allow landlock_create_ruleset"),
    ],
)
def test_where_there_is_none_it_says_why(code: int, text: str) -> None:
    [said] = lacking(FakeKernel(refusing={CREATE: code}))
    assert text in said


def test_the_order_and_the_end_of_a_restriction(tmp_path: Path) -> None:
    kernel = FakeKernel()
    descriptors = len(list(Path("/proc/self/fd").iterdir()))
    restrict(kernel, Grants(readable=("/usr",), writable=(str(tmp_path),)))
    assert kernel.names() == [CREATE, CREATE, ADD_RULE, ADD_RULE, RESTRICT]
    assert len(list(Path("/proc/self/fd").iterdir())) == descriptors


def test_what_each_grant_means(tmp_path: Path) -> None:
    kernel = FakeKernel()
    file = tmp_path / "file"
    file.touch()
    grants = Grants(readable=("/usr", str(file)), writable=(str(tmp_path),), devices=("/dev/null",))
    restrict(kernel, grants)
    directory, lone_file, device, own = rights(kernel)
    assert directory == EXECUTE | READ | LIST
    assert lone_file == EXECUTE | READ  # a right of directories would be refused
    assert device & (READ | WRITE | EXECUTE) == READ | WRITE
    assert own & (WRITE | TRUNCATE | MAKE_SOCKET) == WRITE | TRUNCATE | MAKE_SOCKET


def test_an_old_kernel_is_asked_for_nothing_it_does_not_know(tmp_path: Path) -> None:
    sizes = {}
    for found in (1, 3, 4, 6):
        kernel = FakeKernel(landlock=found)
        restrict(kernel, Grants(writable=(str(tmp_path),)))
        attributes = kernel.arguments(CREATE)[1][0]
        assert isinstance(attributes, bytes)
        [handled] = struct.unpack_from("=Q", attributes)
        sizes[found] = len(attributes)
        assert rights(kernel)[0] | handled == handled
        assert bool(handled & TRUNCATE) == (found >= 3)
    assert sizes == {1: 8, 3: 8, 4: 16, 6: 24}


def test_what_is_not_there_is_left_out(tmp_path: Path) -> None:
    kernel = FakeKernel()
    (tmp_path / "link").symlink_to("/etc")
    restrict(kernel, Grants(readable=("/nonexistent", str(tmp_path / "link"))))
    assert not kernel.arguments(ADD_RULE)


def test_a_refused_rule_is_an_error() -> None:
    with pytest.raises(PermissionError):
        restrict(FakeKernel(refusing={RESTRICT: errno.EPERM}), Grants())


def test_what_is_hidden_is_taken_out(tmp_path: Path) -> None:
    for name in ("a/state/token", "a/other", "b/x", "c"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "a" / "link").symlink_to(tmp_path / "a" / "state")
    found = outside([str(tmp_path)], [str(tmp_path / "a" / "state"), str(tmp_path / "c")])
    names = [str(Path(path).relative_to(tmp_path)) for path in found]
    assert names == ["a/link", "a/other", "b"]  # the link leads nowhere: see above


def test_nothing_hidden_leaves_a_path_whole(tmp_path: Path) -> None:
    assert list(outside([str(tmp_path)], ["/nonexistent/x"])) == [str(tmp_path)]
    assert list(outside([str(tmp_path / "absent")], [])) == [str(tmp_path / "absent")]


def test_a_path_that_is_hidden_itself_or_through_a_link(tmp_path: Path) -> None:
    secret, link = tmp_path / "secret", tmp_path / "link"
    secret.mkdir()
    link.symlink_to(secret)
    assert list(outside([str(secret)], [str(tmp_path)])) == []
    assert list(outside([str(link)], [str(secret)])) == [str(link)]
    assert list(outside([str(secret)], [str(link)])) == []
