import os
import signal
import subprocess

import pytest

from botkube.plugins.processes import (
    belongs_to,
    boot_id,
    holders_of,
    is_ours,
    kill_group,
    kill_holders,
    kill_user,
    running_users,
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
        assert belongs_to(one.pid, one.pid, "/elsewhere")  # by its group
        assert belongs_to(one.pid, other.pid, MARK)  # by its directory
        assert not belongs_to(one.pid, other.pid, MARK + "0")
        assert kill_holders(MARK) == (one.pid,)
        assert one.wait(60) == -signal.SIGKILL
        assert other.poll() is None
        pidfd = os.pidfd_open(other.pid)
        assert not wait_gone(pidfd, 0)
        kill_group(other.pid)
        assert wait_gone(pidfd, 5)
        os.close(pidfd)
        assert start_time(other.pid) is None  # a zombie is nobody
    kill_group(other.pid)
    assert kill_holders(MARK) == ()
    assert not belongs_to(other.pid, other.pid, MARK)  # gone


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to run something as another user")
def test_all_that_a_user_runs_is_killed() -> None:
    uid = 61179
    with subprocess.Popen(["sleep", "60"], user=uid, start_new_session=True) as process:  # noqa: TID251
        assert uid in running_users()
        assert kill_user(uid) == (process.pid,)
        assert process.wait(60) == -signal.SIGKILL
    assert uid not in running_users()
    assert kill_user(uid) == ()


def test_what_is_ours() -> None:
    with sleeper(MARK) as child:
        assert is_ours(os.getpid())
        assert is_ours(child.pid)
        kill_group(child.pid)
    assert not is_ours(1)
    assert not is_ours(os.getppid())  # only a bootloader is: the same program, frozen
    assert is_ours(2**22 + 1)  # gone: in nobody's way
