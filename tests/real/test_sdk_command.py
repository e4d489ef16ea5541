"""Programs that a plugin runs: their output, their end, and what a cancel takes with it."""

import sys
from pathlib import Path

import pytest
import trio

from botkube.sdk import Output, UserError, run_command
from tests.fakes.processes import alive
from tests.fakes.program import until

pytestmark = pytest.mark.real

TREE = "sh -c 'sleep 300 & sleep 300 & echo $$ $!; wait'"


class Screen:
    """Keeps what was written to an output."""

    def __init__(self) -> None:
        self.text = b""
        self.output = Output(self._take)
        self._grown = trio.Event()

    async def _take(self, data: bytes) -> None:
        await trio.lowlevel.checkpoint()
        self.text += data
        self._grown.set()

    async def first(self) -> bytes:
        """What came first."""
        await self._grown.wait()
        return self.text


async def test_both_streams_and_the_code() -> None:
    screen = Screen()
    with trio.fail_after(100):
        result = await run_command(
            ["sh", "-c", "echo out; echo err >&2; exit 3"], output=screen.output
        )
    assert (result.exit_code, result.stdout, result.stderr) == (3, "out\n", "err\n")
    assert sorted(screen.text.splitlines()) == [b"err", b"out"]


async def test_the_streams_may_go_apart() -> None:
    out, err = Screen(), Screen()
    with trio.fail_after(100):
        await run_command(
            ["sh", "-c", "echo out; echo err >&2"], output=out.output, errors=err.output
        )
    assert (out.text, err.text) == (b"out\n", b"err\n")


async def test_colours_are_cleared_and_bytes_are_replaced() -> None:
    with trio.fail_after(100):
        result = await run_command(["printf", "\\033[31mred\\033[0m \\377\\n"])
    assert result.stdout == "red �\n"


async def test_only_the_beginning_is_kept() -> None:
    with trio.fail_after(100):
        result = await run_command(["sh", "-c", "yes | head -c 9000000"], limit=1000)
    assert len(result.stdout) == 1000


async def test_dependencies_come_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tool = tmp_path / "sh"
    tool.write_text("#!/bin/sh\necho mine\n")
    tool.chmod(0o755)
    monkeypatch.setenv("PLUGIN_DEPENDENCY_DIR", str(tmp_path))
    with trio.fail_after(100):
        assert (await run_command("sh -c true")).stdout == "mine\n"
        assert (await run_command("printf there")).stdout == "there"


async def test_what_is_fed_is_read() -> None:
    with trio.fail_after(100):
        assert (await run_command("cat", stdin=b"x" * 300_000)).stdout == "x" * 300_000
        assert (await run_command("true", stdin=b"x" * 300_000)).exit_code == 0


async def test_a_bad_end_can_be_an_error_for_the_user() -> None:
    with trio.fail_after(100):
        assert (await run_command("echo fine")).checked().stdout == "fine\n"
        with pytest.raises(UserError, match=r"^out\nerr\nexit code 3$"):
            (await run_command(["sh", "-c", "echo out; echo err >&2; exit 3"])).checked()
        with pytest.raises(UserError, match=r"^exit code 1$"):
            (await run_command("false")).checked()


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("no-such-program x", "no program no-such-program"),
        ("sh 'open", "cannot read"),
        ("", "no command"),
    ],
)
async def test_what_cannot_run(command: str, words: str) -> None:
    with pytest.raises(UserError, match=words):
        await run_command(command)


async def test_a_grandchild_that_keeps_the_pipes_does_not_hold_it_up() -> None:
    with trio.fail_after(100):
        result = await run_command(["sh", "-c", "sleep 300 & echo done"])
    assert result.stdout == "done\n"


async def test_cancelled_it_takes_its_children_with_it() -> None:
    screen = Screen()
    with trio.fail_after(100):
        async with trio.open_nursery() as nursery:
            nursery.start_soon(lambda: run_command(TREE, output=screen.output))
            pids = [int(word) for word in (await screen.first()).split()]
            assert all(alive(pid) for pid in pids)
            began = trio.current_time()
            nursery.cancel_scope.cancel()
    assert trio.current_time() - began < 20
    with trio.fail_after(100):
        await until(lambda: not any(alive(pid) for pid in pids))  # init reaps the grandchild


async def test_one_that_ignores_sigterm_is_killed() -> None:
    screen = Screen()
    stubborn = "import signal, time; signal.signal(15, signal.SIG_IGN); print('up', flush=True); time.sleep(300)"
    with trio.fail_after(100):
        async with trio.open_nursery() as nursery:
            nursery.start_soon(
                lambda: run_command([sys.executable, "-c", stubborn], output=screen.output)
            )
            await screen.first()
            began = trio.current_time()
            nursery.cancel_scope.cancel()
    assert trio.current_time() - began < 20


async def test_cancelled_at_every_point() -> None:
    before = len(list(Path("/proc/self/fd").iterdir()))
    for milliseconds in range(0, 40, 2):
        with trio.move_on_after(milliseconds / 1000):
            await run_command("sleep 300")
    assert len(list(Path("/proc/self/fd").iterdir())) == before
