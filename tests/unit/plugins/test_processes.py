import os
import signal
import subprocess

from botkube.plugins.processes import (
    boot_id,
    holders_of,
    kill_group,
    kill_holders,
    start_time,
    wait_gone,
)

MARK = "/run/botkube-test/bk-42"


def sleeper(directory: str) -> "subprocess.Popen[bytes]":  # noqa: TID251 - what is to be found
    environ = {"PATH": os.environ["PATH"], "PLUGIN_UNIX_SOCKET_DIR": directory}
    return subprocess.Popen(["sleep", "60"], env=environ, process_group=0)  # noqa: TID251


def test_facts_of_this_machine() -> None:
    assert len(boot_id()) == 36
    assert start_time(os.getpid()) == start_time(os.getpid()) != None  # noqa: E711
    assert start_time(2**22 + 1) is None


def test_holders_are_found_by_the_whole_name() -> None:
    with sleeper(MARK) as one, sleeper(MARK + "0") as other:
        assert list(holders_of(MARK)) == [one.pid]
        assert kill_holders(MARK) == (one.pid,)
        assert one.wait(5) == -signal.SIGKILL
        assert other.poll() is None
        pidfd = os.pidfd_open(other.pid)
        assert not wait_gone(pidfd, 0)
        kill_group(other.pid)
        assert wait_gone(pidfd, 5)
        os.close(pidfd)
        assert start_time(other.pid) is None  # a zombie is nobody
    kill_group(other.pid)
    assert kill_holders(MARK) == ()
