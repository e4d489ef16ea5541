"""Two processes that install at once: the second says for whom it waits, and both succeed."""

import subprocess
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest
import trio

from tests.fakes.installing import offer
from tests.fakes.managing import Manager
from tests.fakes.program import command
from tests.fakes.repository import Answer, Asked, Repository, served

pytestmark = [pytest.mark.real, pytest.mark.slow]


@asynccontextmanager
async def started(manager: Manager) -> AsyncGenerator[trio.Process]:
    """Begin an install; it ends with the block at the latest."""
    where = ["--config", str(manager.config), "--state-dir", str(manager.state)]
    process = await trio.lowlevel.open_process(
        [*command(), "plugins", "install", "r/p", *where],
        env=manager.environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    try:
        yield process
    finally:
        process.kill()


async def read_until(process: trio.Process, words: bytes) -> bytes:
    """Read what a process says beside its answer, up to these words or its end."""
    assert process.stderr is not None
    read = b""
    while words not in read and (piece := await process.stderr.receive_some()):
        read += piece
    return read


async def end(process: trio.Process) -> tuple[int, bytes]:
    """Wait for the end of a process; what it said."""
    assert process.stdout is not None
    async with process.stdout:
        said = b"".join([piece async for piece in process.stdout])
    return await process.wait(), said


def hold(server: Repository) -> tuple[trio.Event, trio.Event]:
    """Let the plugin's file wait: set when it was asked for, and to be set to let it go."""
    reached, gate = trio.Event(), trio.Event()
    plain = server.pages["/p-v1.0.0.tar.gz"]

    def page(asked: Asked) -> Answer:
        reached.set()
        answer = plain(asked)
        return Answer(status=answer.status, headers=answer.headers, body=answer.body, gate=gate)

    server.pages["/p-v1.0.0.tar.gz"] = page
    return reached, gate


async def test_the_second_waits_and_both_succeed(tmp_path: Path) -> None:
    async with served() as server:
        server.put_index(offer(server))
        reached, gate = hold(server)
        manager = Manager(tmp_path, server)
        with trio.fail_after(90):
            async with AsyncExitStack() as stack, trio.open_nursery() as nursery:
                first = await stack.enter_async_context(started(manager))
                nursery.start_soon(read_until, first, b"\0")  # so that it never has to wait for us
                await reached.wait()
                second = await stack.enter_async_context(started(manager))
                said = await read_until(second, b"at work")
                assert f"executor r/p: waiting: another installer (pid {first.pid}) is at work" in (
                    said.decode()
                )
                assert second.poll() is None
                gate.set()
                nursery.start_soon(read_until, second, b"\0")
                assert await end(first) == (0, b"executor r/p: v1.0.0 is installed\n")
                assert await end(second) == (0, b"executor r/p: v1.0.0 is installed\n")
        assert server.paths.count("/p-v1.0.0.tar.gz") == 1
    assert manager.locked == {"executor r/p": "v1.0.0"}
    assert (manager.cache / "r" / "executor_v1.0.0_p").read_text() == "plugin p v1.0.0\n"
