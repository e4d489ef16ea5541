"""The launcher for a Botkube that is not root: the same user on both sides, and a wall between."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TypedDict

import pytest

from botkube.plugins.confine import Confinement, View, encode_order
from botkube.plugins.sandbox import SYSTEM
from tests.fakes.openpython import open_python

pytestmark = pytest.mark.real

NOBODY = 65534
USER = os.geteuid() or NOBODY
LAUNCH = "from botkube.plugins.confine import launch; from botkube.runtime.kernel import RealKernel; launch(RealKernel())"


class Credentials(TypedDict, total=False):
    """By which `subprocess` makes a child another user."""

    user: int
    group: int
    extra_groups: list[int]


AS_USER: Credentials = {}
if os.geteuid() == 0:
    AS_USER = {"user": NOBODY, "group": NOBODY, "extra_groups": []}
VIEWS: tuple[View, ...] = ("landlock", "mounts")


@pytest.fixture
def folder() -> Iterator[Path]:
    """With a private directory and a secret, both of the user that the plugin is too."""
    path = Path(tempfile.mkdtemp(prefix="bkt-", dir="/tmp"))
    path.chmod(0o755)
    (path / "private").mkdir(mode=0o700)
    (path / "secret").write_text("precious")
    for name in ("private", "secret"):
        os.chown(path / name, USER, USER if os.geteuid() == 0 else -1)
    yield path
    shutil.rmtree(path)


def launched(
    spec: Confinement, code: str, argv: tuple[str, ...] = ()
) -> "subprocess.CompletedProcess[str]":
    """Run some Python, or another program, through the launcher, as an ordinary user."""
    python = open_python()
    start = f"import sys; sys.path[:0] = {list(python.path)!r}; {LAUNCH}"
    order = encode_order(argv or (python.executable, "-IS", "-c", code), {}, spec)
    done = subprocess.run(
        [python.executable, "-I", "-c", start],
        input=order,
        capture_output=True,
        check=False,
        timeout=100,
        **AS_USER,
    )
    said = done.stdout.decode(), done.stderr.decode()
    if done.returncode == 125 and "Operation not permitted" in said[1]:
        pytest.skip(f"not for ordinary users here: {said[1].strip()}")
    return subprocess.CompletedProcess(done.args, done.returncode, *said)


def spec(folder: Path, view: View, **more: object) -> Confinement:
    python = Path(open_python().executable)
    return Confinement(
        directory=str(folder / "private"),
        view=view,
        own=(str(python.parents[1]),),
        readable=SYSTEM,
        **more,  # type: ignore[arg-type]
    )


HOSTILE = """
import ctypes, os
secret, directory, host = SECRET, DIRECTORY, HOST
def refused(what, act):
    try:
        act()
    except OSError:
        return
    print("got through:", what)
open("mine", "w").write("works")
refused("read", lambda: open(secret).read())
refused("write", lambda: open(secret, "w"))
refused("escape", lambda: open("/tmp/botkube-escaped", "w"))
refused("environ", lambda: open(f"/proc/{host}/environ").read())
refused("memory", lambda: open(f"/proc/{host}/mem", "rb+"))
refused("root", lambda: os.listdir(f"/proc/{host}/root"))
libc = ctypes.CDLL(None, use_errno=True)
if libc.ptrace(16, host, None, None) == 0:
    print("got through: ptrace")
libc.unshare(0x10020000)
for mounted in (directory, "/etc", "/"):
    if libc.umount2(mounted.encode(), 2) == 0:
        print("got through: umount", mounted)
refused("read afterwards", lambda: open(secret).read())
status = open("/proc/self/status").read().splitlines()
print(*[line for line in status if line.startswith("NoNewPrivs")])
"""


@pytest.mark.parametrize("view", VIEWS)
def test_the_same_user_gets_at_nothing(folder: Path, view: View) -> None:
    sleep = ["/bin/sleep", "60"]
    with subprocess.Popen(sleep, **AS_USER) as host:  # noqa: TID251 - stands for the host
        code = HOSTILE.replace("SECRET", repr(str(folder / "secret")))
        code = code.replace("DIRECTORY", repr(str(folder / "private")))
        done = launched(spec(folder, view), code.replace("HOST", str(host.pid)))
        host.kill()
    assert (done.stdout, done.stderr) == ("NoNewPrivs:\t1\n", "")
    assert (folder / "private" / "mine").read_text() == "works"
    assert (folder / "secret").read_text() == "precious"


@pytest.mark.parametrize("view", VIEWS)
def test_without_a_network(folder: Path, view: View) -> None:
    code = "print(open('/proc/self/net/dev').read().count(':'))"
    done = launched(spec(folder, view, network=False), code)
    assert (done.stdout, done.stderr) == ("1\n", "")  # the loopback device, and that is down


def test_its_limits(folder: Path) -> None:
    code = "import resource as r; print(*map(r.getrlimit, (r.RLIMIT_NOFILE, r.RLIMIT_NPROC)))"
    done = launched(spec(folder, "landlock", open_files=99, processes=98), code)
    assert done.stdout == "(99, 99) (98, 98)\n"


def test_what_python_ignores_is_not_ignored_by_the_plugin(folder: Path) -> None:
    done = launched(spec(folder, "all"), "", argv=("/bin/grep", "SigIgn", "/proc/self/status"))
    ignored = int(done.stdout.split()[1], 16)
    for number in (signal.SIGPIPE, signal.SIGXFSZ):
        assert not ignored & 1 << number - 1


@pytest.mark.parametrize("text", [b"", b"no order", b"\x93"])
def test_by_hand_it_says_what_it_is(text: bytes) -> None:
    command = [sys.executable, "-P", "-m", "botkube", "plugin", "confine"]
    done = subprocess.run(command, input=text, capture_output=True, check=False, timeout=100)
    assert done.returncode == 125
    assert done.stderr == b"botkube: `plugin confine` is for the program itself\n"
