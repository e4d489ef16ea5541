import os
import resource
import subprocess
import sys

import pytest

from botkube.plugins.limits import Limits, limit_process, show_size
from botkube.runtime.cgroup import Bounds


def test_nothing_is_bounded_that_nobody_asked_for_but_what_a_flaw_would_exhaust() -> None:
    limits = Limits()
    assert limits.bounds == Bounds(cpus=None, memory=None, processes=4096)
    assert (limits.open_files, limits.max_message, limits.stdio_rate) == (16384, 2**26, 2**25)


def test_the_end_by_memory_names_the_key() -> None:
    text = "the plugin used more than its 512 MiB of memory (plugins.limits.memory)"
    assert Limits(memory=512 << 20).memory_used_up == text


@pytest.mark.parametrize(
    ("size", "shown"),
    [
        (0, "0 bytes"),
        (1023, "1023 bytes"),
        (1536, "1.5 KiB"),
        (2**30, "1 GiB"),
        (2**50, "1024 TiB"),
    ],
)
def test_sizes_as_people_write_them(size: int, shown: str) -> None:
    assert show_size(size) == shown


def test_a_running_process_is_bounded() -> None:
    with subprocess.Popen(  # noqa: TID251 - what is bounded
        [sys.executable, "-IS", "-c", "input()"], stdin=subprocess.PIPE
    ) as process:
        limit_process(process.pid, Limits(open_files=123))
        assert resource.prlimit(process.pid, resource.RLIMIT_NOFILE) == (123, 123)
        limit_process(process.pid, Limits(open_files=2**40))  # not beyond what it may be
        assert resource.prlimit(process.pid, resource.RLIMIT_NOFILE) == (123, 123)
        process.kill()
    limit_process(process.pid, Limits())  # one that is gone is fine
    limit_process(os.getpid(), Limits(open_files=2**40))
