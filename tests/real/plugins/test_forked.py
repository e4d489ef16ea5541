"""One fork of a warm parent, from the order to the exit code; and answers that are none."""

import os
import socket
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import pytest
import trio

from botkube.plugins.children import Children
from botkube.plugins.forked import ForkFailed, fork
from botkube.plugins.spawn import Command, Spawned
from tests.fakes.cancelling import cancelled_at
from tests.fakes.forking import own_children, serving, subreaper
from tests.fakes.plugins.rig import living_tasks, open_descriptors

pytestmark = pytest.mark.real

COMMAND = Command(argv=("/opt/botkube", "plugin", "serve", "x"), env={"A": "1"})


@asynccontextmanager
async def forking(child: str) -> AsyncGenerator[tuple[trio.socket.SocketType, Children]]:
    """A warm parent whose children run this code; nothing is left at the end but it."""
    children = Children()
    with trio.fail_after(60), serving(child) as server:
        control = trio.socket.from_stdlib_socket(server.control)
        before = open_descriptors(), living_tasks()
        async with trio.open_nursery() as nursery:
            await nursery.start(children.run)
            yield control, children
            while len(own_children()) > 1:  # noqa: ASYNC110 - no event tells
                await trio.sleep(0.01)
            nursery.cancel_scope.cancel()
        assert before == (open_descriptors(), living_tasks())


async def output(process: Spawned) -> tuple[int, bytes]:
    assert process.stdout is not None
    assert process.stderr is not None
    async with process.stdout, process.stderr:
        text = b"".join([bytes(part) async for part in process.stdout])
    return await process.wait(), text


@pytest.mark.parametrize(
    ("child", "code"),
    [
        ("sys.exit(0)", 0),
        ("sys.exit(200)", 200),
        ("raise ValueError", 1),
        ("import os; os.kill(os.getpid(), 9)", -9),
        ("import os, signal; os.abort()", -6),
    ],
)
async def test_its_exit_code_is_known(child: str, code: int) -> None:
    async with forking(child) as (control, children):
        assert await output(await fork(control, COMMAND, children)) == (code, b"")


async def test_it_knows_nothing_of_what_loaded_our_program() -> None:
    frozen = {
        "_PYI_APPLICATION_HOME_DIR": "/tmp/_MEI1",
        "LD_LIBRARY_PATH": "/tmp/_MEI1",
        "LD_LIBRARY_PATH_ORIG": "/opt/lib",
        "ODD": "\udcff",
    }
    command = Command(argv=COMMAND.argv, env=frozen)
    async with forking("import os; print(sorted(os.environb.items()), sys.argv)") as (
        control,
        kids,
    ):
        code, text = await output(await fork(control, command, kids))
    assert code == 0
    seen = "[(b'LD_LIBRARY_PATH', b'/opt/lib'), (b'ODD', b'\\xff')]"
    assert text.decode() == f"{seen} ['botkube', 'plugin', 'serve', 'x']\n"


async def test_cancelled_anywhere_it_leaves_nothing() -> None:
    async with forking("print('it ran')") as (control, children):
        started: list[Spawned] = []

        async def start() -> None:
            started.append(await fork(control, COMMAND, children))

        step = 1
        while await cancelled_at(step, start):
            step += 1
        assert step > 1
        assert await output(*started) == (0, b"it ran\n")


async def test_many_at_once_are_not_mixed_up() -> None:
    async with forking("import os; print(os.getpid(), os.environ['A'])") as (control, children):
        seen: list[int] = []

        async def one(number: int) -> None:
            command = Command(argv=COMMAND.argv, env={"A": str(number)})
            process = await fork(control, command, children)
            assert await output(process) == (0, f"{process.pid} {number}\n".encode())
            seen.append(number)

        async with trio.open_nursery() as nursery:
            for number in range(30):
                nursery.start_soon(one, number)
        assert sorted(seen) == list(range(30))


async def answered(said: bytes) -> str:
    """Why a fork failed whose order was answered so."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    before = open_descriptors()

    async def answer() -> None:
        await trio.lowlevel.wait_readable(theirs)
        _, descriptors, _, _ = socket.recv_fds(theirs, 65536, 3)
        if said:
            os.write(descriptors[2], said)
        for descriptor in descriptors:
            os.close(descriptor)

    with ours, theirs, trio.fail_after(100):
        async with trio.open_nursery() as nursery:
            nursery.start_soon(answer)
            with pytest.raises(ForkFailed) as raised:
                await fork(trio.socket.from_stdlib_socket(ours), COMMAND, Children())
        assert open_descriptors() == before
    return str(raised.value)


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (b"", "it said b'' where"),
        (b"Cannot allocate memory", "it said b'Cannot allocate memory' where"),
        (b"1", "it said b'1' where"),
        (b"%d" % os.getppid(), "No child processes"),
        (b"%d" % os.getpid(), "No child processes"),
        (b"4194303", "No such process"),
    ],
    ids=["nothing", "an error", "init", "our parent", "ourselves", "nobody"],
)
async def test_an_answer_that_is_none(said: bytes, why: str) -> None:
    with subreaper():
        assert why in await answered(said)


async def test_a_warm_parent_that_is_gone() -> None:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    theirs.close()
    with ours, pytest.raises(ForkFailed, match="Broken pipe"):
        await fork(trio.socket.from_stdlib_socket(ours), COMMAND, Children())


async def test_an_environment_that_is_too_long_is_not_sent() -> None:
    long = Command(argv=COMMAND.argv, env={"A": "x" * 20_000})
    async with forking("print('it ran')") as (control, children):
        with pytest.raises(ForkFailed, match="environment is too long"):
            await fork(control, long, children)
        assert await output(await fork(control, COMMAND, children)) == (0, b"it ran\n")
