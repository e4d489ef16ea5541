import os
import subprocess
import sys

import pytest

from tests.fakes.forking import FORBID_SUBREAPER, subreaper

pytestmark = pytest.mark.real

ORPHAN = ["sh", "-c", "sleep 60 >/dev/null 2>&1 & echo $!"]
FORBIDDEN = f"""
{FORBID_SUBREAPER}
from botkube.runtime.subreaper import become_subreaper
try:
    become_subreaper()
except OSError as error:
    print(error)
"""


def orphan() -> int:
    shell = subprocess.run(ORPHAN, capture_output=True, check=True, timeout=60)
    return int(shell.stdout)


def test_orphans_are_our_children_while_we_are_one() -> None:
    with subreaper():
        pid = orphan()
        assert os.waitpid(pid, os.WNOHANG) == (0, 0)
        os.kill(pid, 9)
        assert os.waitpid(pid, 0)[1] == 9
    pid = orphan()
    with pytest.raises(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)
    os.kill(pid, 9)


def test_where_it_is_forbidden_it_says_so() -> None:
    done = subprocess.run(
        [sys.executable, "-c", FORBIDDEN], capture_output=True, text=True, check=False, timeout=60
    )
    assert (done.stdout, done.stderr) == ("[Errno 1] Operation not permitted\n", "")
