import errno
import os
import resource
from pathlib import Path

import msgspec
import pytest

from botkube.plugins.confine import Confinement, Order, Unconfined, confine, encode_order
from botkube.runtime.privileges import User
from tests.fakes.kernel import FakeKernel

ADD_RULE, RESTRICT = 445, 446


@pytest.fixture
def directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(tmp_path)  # to be where it was again afterwards
    (tmp_path / "private").mkdir()
    return str(tmp_path / "private")


def order_of(kernel: FakeKernel) -> list[str | int]:
    """The calls, each kind once, without the many questions about capabilities."""
    return list(dict.fromkeys(kernel.names()))


def test_everything_in_its_order(directory: str) -> None:
    kernel = FakeKernel()
    spec = Confinement(
        directory=directory,
        user=User(61000, 61000),
        view="landlock",
        network=False,
        cgroup="/cgroup/plugin-x/cgroup.procs",
        open_files=99,
        processes=9,
    )
    confine(kernel, spec)
    assert order_of(kernel) == [
        "/cgroup/plugin-x/cgroup.procs",  # while it may
        "setrlimit",
        "unshare",
        "prctl",  # no new privileges, which Landlock asks for
        444,
        ADD_RULE,
        RESTRICT,
        "setgroups",
        "setresgid",
        "setresuid",
        "capset",
    ]
    assert kernel.written == {"/cgroup/plugin-x/cgroup.procs": "0"}
    assert [arguments[0] for arguments in kernel.arguments("setrlimit")] == [
        resource.RLIMIT_NOFILE,
        resource.RLIMIT_NPROC,
    ]
    assert str(Path.cwd()) == directory


def test_nothing_wanted_still_gives_up_privileges(directory: str) -> None:
    kernel = FakeKernel()
    confine(kernel, Confinement(directory=directory))
    assert order_of(kernel) == ["prctl", "capset"]


def test_what_cannot_be_done_is_named_and_ends_it(directory: str) -> None:
    kernel = FakeKernel(refusing={RESTRICT: errno.EPERM})
    spec = Confinement(directory=directory, view="landlock", user=User(1, 1))
    with pytest.raises(Unconfined, match=r"cannot restrict its files \(Landlock\): Operation not"):
        confine(kernel, spec)
    assert "setresuid" not in kernel.names()


@pytest.mark.parametrize(
    ("call", "text"),
    [
        ("setresuid", "cannot become user 61000: Operation not permitted"),
        ("unshare", "cannot leave the host's mounts or network"),
        ("capset", "cannot drop its capabilities"),
        ("/x", "cannot join its control group"),
        ("setrlimit", "cannot set its limits"),
    ],
)
def test_each_step_has_a_name(directory: str, call: str, text: str) -> None:
    kernel = FakeKernel(refusing={call: errno.EPERM})
    spec = Confinement(
        directory=directory, user=User(61000, 61000), network=False, cgroup="/x", processes=9
    )
    with pytest.raises(Unconfined, match=text):
        confine(kernel, spec)


def test_a_limit_is_never_raised(directory: str) -> None:
    kernel = FakeKernel()
    confine(kernel, Confinement(directory=directory, open_files=2**40))
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    [(_, packed)] = kernel.arguments("setrlimit")
    assert isinstance(packed, bytes)
    assert int.from_bytes(packed[:8], "little") == hard


def test_the_private_directory_and_its_own_program_are_never_hidden(directory: str) -> None:
    kernel = FakeKernel()
    spec = Confinement(
        directory=directory,
        view="landlock",
        own=("/usr/bin",),
        readable=("/usr",),
        hidden=("/usr", directory),
    )
    confine(kernel, spec)
    devices = sum(Path(f"/dev/{name}").exists() for name in ("null", "zero", "full"))
    assert len(kernel.arguments(ADD_RULE)) >= 2 + devices


def test_an_order_survives_what_is_not_text() -> None:
    name = os.fsdecode(b"/opt/\xff")
    order = encode_order((name,), {"A": name}, Confinement(directory="/x"))
    read = msgspec.msgpack.decode(order, type=Order)
    assert read.argv == (b"/opt/\xff",)
    assert read.env == {b"A": b"/opt/\xff"}
