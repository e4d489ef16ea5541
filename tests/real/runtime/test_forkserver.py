"""The warm parent by itself: what its children are, and that it is never left with one too many."""

import json
import os
import signal
from pathlib import Path

import pytest

from botkube.runtime.forkorder import LIMIT, Order, encode_order
from tests.fakes.forking import Server, serving

pytestmark = pytest.mark.real

LOOK = """
import json, os, random, resource, signal, tempfile
status = dict(line.split(":\\t") for line in open("/proc/self/status").read().splitlines() if ":\\t" in line)
print(json.dumps({
    "pid": os.getpid(), "parent": os.getppid(), "group": os.getpgrp(), "session": os.getsid(0),
    "argv": sys.argv, "environ": dict(os.environ), "cwd": os.getcwd(), "umask": os.umask(0),
    "fds": sorted(os.listdir("/proc/self/fd"))[:-1], "stdin": sys.stdin.read(),
    "threads": status["Threads"], "blocked": status["SigBlk"], "ignored": status["SigIgn"],
    "caught": status["SigCgt"], "chance": random.random(), "tmp": tempfile.gettempdir(),
    "shell": os.popen("echo $A $SECRET").read(), "title": open("/proc/self/cmdline").read().rstrip("\\0").split("\\0"),
}), flush=True)
sys.exit(7)
"""
SEEN = """
import os
os.kill(os.getpid(), 9)
"""


def look(server: Server, *environ: bytes) -> dict[str, object]:
    fork = server.order(*environ)
    fork.go()
    code, printed, complaints = fork.end()
    assert (code, complaints) == (7, "")
    seen = json.loads(printed)
    assert seen["pid"] == fork.pid
    return dict(seen)


def test_a_child_is_what_its_order_says(tmp_path: Path) -> None:
    environ = (b"A=1", b"PATH=" + os.environb[b"PATH"], b"TMPDIR=" + os.fsencode(tmp_path))
    with serving(LOOK) as server:
        seen = look(server, *environ)
        assert seen["parent"] == os.getpid()
        assert seen["group"] == seen["pid"]
        assert seen["session"] == os.getsid(0)
        assert seen["argv"] == seen["title"] == ["botkube", "plugin", "serve", "x"]
        assert seen["environ"] == {"A": "1", "PATH": os.environ["PATH"], "TMPDIR": str(tmp_path)}
        assert seen["shell"] == "1\n"
        assert seen["tmp"] == str(tmp_path)
        assert (seen["fds"], seen["stdin"], seen["threads"]) == (["0", "1", "2"], "", "1")
        assert (seen["cwd"], seen["umask"]) == (str(Path.cwd()), own_umask())
        assert seen["chance"] != look(server, *environ)["chance"]
        assert server.close() == (0, "")


def test_signals_are_as_after_an_exec() -> None:
    with serving(LOOK) as server:
        forked = look(server)
        status = Path(f"/proc/{server.process.pid}/status").read_text().splitlines()
        executed = dict(line.split(":\t") for line in status if ":\t" in line)
        assert forked["blocked"] == executed["SigBlk"] == "0" * 16
        assert forked["ignored"] == executed["SigIgn"]
        assert forked["caught"] == executed["SigCgt"]


def own_umask() -> int:
    mask = os.umask(0o77)
    os.umask(mask)
    return mask


def test_its_end_is_ours_to_see() -> None:
    with serving(SEEN) as server:
        fork = server.order()
        fork.go()
        assert fork.end() == (-signal.SIGKILL, "", "")


def test_it_waits_for_the_word_and_leaves_without_it() -> None:
    with serving("print('it ran')") as server:
        waits = server.order()
        leaves = server.order()
        assert leaves.end() == (0, "", "")
        assert os.waitpid(waits.pid, os.WNOHANG) == (0, 0)
        assert os.getpgid(waits.pid) == waits.pid
        waits.go()
        assert waits.end() == (0, "it ran\n", "")


def test_a_child_that_is_not_whose_it_should_be_leaves() -> None:
    with serving("print('it ran')") as server:
        fork = server.order(parent=os.getpid() + 1)
        fork.go()
        assert fork.end() == (0, "", "")


def test_it_outlives_its_server() -> None:
    with serving("print(sys.stdin.read(), os.getppid() == order.parent)", "import os") as server:
        fork = server.order()
        server.process.kill()
        server.process.wait()
        fork.go()
        assert fork.end() == (0, " True\n", "")


FULL = """
import os
fork, left = os.fork, [{nth}]
def full():
    left[0] -= 1
    if left[0] == 0:
        raise BlockingIOError(11, "")
    return fork()
os.fork = full
"""


@pytest.mark.parametrize("nth", [1, 2], ids=["the first fork", "the second"])
def test_no_room_for_a_process_is_told_and_passes(nth: int) -> None:
    with serving("print('it ran')", FULL.format(nth=nth)) as server:
        for _ in range(nth):  # the second one was counted in a process of its own
            with pytest.raises(ValueError, match="Resource temporarily unavailable"):
                server.order()
        fork = server.order()
        fork.go()
        assert fork.end() == (0, "it ran\n", "")


def test_what_fails_in_the_child_is_said_on_its_own_stderr() -> None:
    title = b"x" * LIMIT
    with serving("print('it ran')") as server:
        packet = encode_order(Order(argv=(title[:-64],), environ=(), parent=os.getpid()))
        fork = server.send(packet)
        fork.go()
        code, printed, complaints = fork.end()
        assert (code, printed) == (1, "")
        assert "no room for a command line" in complaints
        assert server.process.poll() is None


def test_garbage_ends_it() -> None:
    with serving("print('it ran')") as server:
        server.control.send(b"garbage")
        assert server.control.recv(64) == b""
        code, complaints = server.close()
        assert code == 1
        assert "garbage" not in complaints
        assert "Error" in complaints


def test_it_goes_when_nobody_is_left_to_order() -> None:
    with serving("") as server:
        assert server.close() == (0, "")
