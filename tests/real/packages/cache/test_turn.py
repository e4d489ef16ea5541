"""One installer at a time, across processes; whoever waits can be told and can give up."""

import subprocess
import sys
import threading
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest
import trio

from botkube.packages.cache.turn import NAME, Turn, idle
from botkube.packages.errors import PackageFailed

pytestmark = pytest.mark.real

HOLD = """
import fcntl, os, sys
file = open(sys.argv[1], "w")
fcntl.flock(file, fcntl.LOCK_EX)
file.write(f"pid {os.getpid()}")
file.flush()
print("held", flush=True)
sys.stdin.read()
"""


@contextmanager
def holder(root: Path) -> Generator[subprocess.Popen[str]]:  # noqa: TID251 - its type
    """Another process that has the turn."""
    process = subprocess.Popen(  # noqa: TID251 - a foreign process
        [sys.executable, "-c", HOLD, str(root / NAME)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


async def test_the_second_waits_and_says_for_whom(tmp_path: Path) -> None:
    told: list[str] = []
    with trio.fail_after(100), holder(tmp_path) as other:
        async with trio.open_nursery() as nursery:

            def waiting(text: str) -> None:
                told.append(text)
                assert other.stdin is not None
                nursery.start_soon(trio.to_thread.run_sync, other.stdin.close)

            async with Turn(tmp_path).taken(waiting):
                assert other.poll() is None or other.returncode == 0
                with idle(tmp_path) as held:
                    assert not held
    assert told == [f"another installer (pid {other.pid}) is at work"]
    with idle(tmp_path) as held:
        assert held


async def test_the_tasks_of_one_process_share_it(tmp_path: Path) -> None:
    turn = Turn(tmp_path)
    inside = 0
    both = trio.Event()

    async def work() -> None:
        nonlocal inside
        async with turn.taken(pytest.fail):
            inside += 1
            if inside == 2:
                both.set()
            await both.wait()

    with trio.fail_after(100):
        async with trio.open_nursery() as nursery:
            nursery.start_soon(work)
            nursery.start_soon(work)
    with idle(tmp_path) as held:
        assert held


async def test_a_wait_that_is_given_up_holds_nothing_later(tmp_path: Path) -> None:
    with holder(tmp_path) as other:
        with trio.move_on_after(0.1) as scope:
            async with Turn(tmp_path).taken(lambda _: None):
                pytest.fail("taken")
        assert scope.cancelled_caught
        assert other.stdin is not None
        other.stdin.close()
        assert other.wait(60) == 0
    with trio.fail_after(100):
        async with Turn(tmp_path).taken(lambda _: None):
            pass


async def test_waits_that_are_given_up_leave_threads_to_others(tmp_path: Path) -> None:
    turn = Turn(tmp_path)
    tokens = trio.to_thread.current_default_thread_limiter()
    with trio.fail_after(100), holder(tmp_path) as other:
        before = threading.active_count()
        for _ in range(int(tokens.total_tokens) + 10):
            with trio.move_on_after(0.01):  # time for a thread to begin
                async with turn.taken(lambda _: None):
                    pytest.fail("taken")
        assert tokens.borrowed_tokens == 0
        assert threading.active_count() <= before + 1
        assert other.stdin is not None
        other.stdin.close()
        async with turn.taken(lambda _: None):
            pass
    with idle(tmp_path) as held:
        assert held


async def test_a_cache_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    with pytest.raises(PackageFailed, match="cannot be opened"):
        async with Turn(tmp_path / "none").taken(lambda _: None):
            pytest.fail("taken")
