"""Installing on a terminal, and being interrupted."""

import os
import pty
import signal
import subprocess
from functools import partial

import pytest
import trio

from tests.fakes.installing import offer
from tests.fakes.managing import Manager
from tests.fakes.program import command
from tests.fakes.repository import Repository, entry, sha256, static

pytestmark = [pytest.mark.real, pytest.mark.slow]

LARGE = os.urandom(1 << 20)


def argv(manager: Manager, *words: str) -> list[str]:
    where = ("--config", str(manager.config), "--state-dir", str(manager.state))
    return [*command(), "plugins", *words, *where]


async def on_terminal(manager: Manager, *words: str, **environ: str) -> str:
    """Everything that a person sees."""
    ours, theirs = pty.openpty()
    terminal = partial(trio.run_process, stdin=theirs, stdout=theirs, stderr=theirs, check=False)
    shown = b""
    with trio.fail_after(100), os.fdopen(ours, "rb", buffering=0) as screen:  # noqa: ASYNC231 - a terminal
        async with trio.open_nursery() as nursery:
            process = await nursery.start(
                partial(terminal, env={**manager.environ, "TERM": "xterm", **environ}),
                argv(manager, *words),
            )
            os.close(theirs)
            try:
                while piece := await trio.to_thread.run_sync(screen.read, 4096):
                    shown += piece
            except OSError:  # EIO: nobody has it open any more
                pass
            assert await process.wait() == 0, shown
    return shown.decode()


async def test_bars_and_colours_on_a_terminal(server: Repository, manager: Manager) -> None:
    entries = [offer(server), offer(server, name="q")]
    server.put_index(*entries)
    server.pages["/p-v1.0.0.tar.gz"] = static(b"wrong")
    shown = await on_terminal(manager, "install", "r/q")
    assert "━" in shown
    assert "\x1b[2K" in shown  # the bars go when it is done
    assert shown.rstrip().endswith("executor r/q@^1: v1.0.0 is installed")
    listed = await on_terminal(manager, "list")
    assert "\x1b[1mPLUGIN\x1b[0m" in listed
    assert "\x1b[31mmissing\x1b[0m" in listed
    assert "\x1b[" not in await on_terminal(manager, "list", NO_COLOR="1")


async def test_what_came_before_ctrl_c_is_gone_on_with(
    server: Repository, manager: Manager
) -> None:
    server.put_index(entry("p", "large", checksum=sha256(LARGE)))
    server.pages["/large"] = static(LARGE, rate=1 << 17)
    with trio.fail_after(100):
        async with trio.open_nursery() as nursery:
            run = partial(
                trio.run_process,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                check=False,
                env=manager.environ,
            )
            process = await nursery.start(run, argv(manager, "install", "r/p"))
            said = b""
            while b"downloading" not in said:
                said += await process.stderr.receive_some()
            process.send_signal(signal.SIGINT)
            while piece := await process.stderr.receive_some():
                said += piece
            assert await process.wait() == 130
            assert await process.stdout.receive_some() == b""
    assert said.endswith(b"interrupted: what came so far stays, the same command goes on with it\n")
    assert b"Traceback" not in said
    server.pages["/large"] = static(LARGE)
    done = await manager("install r/p")
    assert done.returncode == 0, done
    assert server.asked[-1].headers["range"].startswith("bytes=")
