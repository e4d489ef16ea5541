import errno

import pytest

from botkube.runtime.privileges import (
    User,
    become,
    become_reading,
    drop_capabilities,
    gain_nothing,
    limit_capabilities,
)
from tests.fakes.kernel import FakeKernel


def test_nothing_is_gained_by_another_program() -> None:
    kernel = FakeKernel()
    gain_nothing(kernel)
    assert kernel.asked == [("prctl", (38, 1, 0, 0, 0))]


def test_the_user_comes_last() -> None:
    kernel = FakeKernel()
    become(kernel, User(61000, 61001))
    assert kernel.asked == [
        ("setgroups", (0, None)),
        ("setresgid", (61001, 61001, 61001)),
        ("setresuid", (61000, 61000, 61000)),
    ]


def test_every_capability_is_dropped() -> None:
    kernel = FakeKernel()
    limit_capabilities(kernel)
    drop_capabilities(kernel)
    dropped = [arguments[1] for arguments in kernel.arguments("prctl") if arguments[0] == 24]
    assert dropped == list(range(64))
    [(_, sets)] = kernel.arguments("capset")
    assert sets == bytes(24)


def test_without_the_right_to_the_limit_stays() -> None:
    kernel = FakeKernel(refusing={"prctl": errno.EPERM})
    limit_capabilities(kernel)
    assert len(kernel.asked) == 1


def test_a_kernel_without_ambient_capabilities_has_none_to_clear() -> None:
    kernel = FakeKernel(refusing={"prctl": errno.EINVAL})
    drop_capabilities(kernel)
    assert kernel.names() == ["prctl", "capset"]


def test_one_that_keeps_them_is_an_error() -> None:
    with pytest.raises(PermissionError):
        drop_capabilities(FakeKernel(refusing={"prctl": errno.EPERM}))


@pytest.mark.parametrize("refusing", [{}, {"capset": errno.EPERM}])
def test_another_user_that_may_still_read(refusing: dict[str | int, int]) -> None:
    kernel = FakeKernel(refusing=refusing)
    become_reading(kernel, User(61000, 61001))
    assert [name for name, _ in kernel.asked] == [
        "prctl",
        "setgroups",
        "setresgid",
        "setresuid",
        "capset",
    ]
    [(_, sets)] = kernel.arguments("capset")
    assert sets == bytes.fromhex("04000000 04000000 00000000") + bytes(12)
