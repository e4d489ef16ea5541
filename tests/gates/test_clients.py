"""Clients that misbehave: hundreds that ask for all history and read nothing, some that dribble, some
that send most of a large body without a token, and a thousand in all. Others are served.
"""

import resource
import socket
import time
from collections.abc import AsyncGenerator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path

import pytest
import trio

from tests.fakes.bounds import bound
from tests.fakes.program import Api, Program, text_of
from tests.gates.configs import several
from tests.gates.conftest import Launch
from tests.gates.looks import all_ready, metric, rss

pytestmark = [pytest.mark.real, pytest.mark.slow, pytest.mark.alone]

OPEN = 1000
STALLED = 300  # of them: WebSockets from the first frame on that never read
STRANGERS = 200  # of them: without a token, one byte short of a whole body
HISTORY = 4 * 2**20  # bytes at least that the stalled ones could have
GROWTH = 64  # MiB
ROUND_TRIP = bound(3, 30)  # seconds at most for a command beside all this
SIZE = 20_000
BEAT = {"interval": "5ms", "size": SIZE, "text": "n={n}."}
ENDING = 25.0  # less than the program allows itself


@pytest.fixture
def many_files() -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, 8192)), hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


async def connect(program: Program, request: bytes) -> trio.SocketStream:
    """A client with a small receive buffer that sent this and will do nothing by itself."""
    host, port = program.url.removeprefix("http://").split(":")
    sock = trio.socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    await sock.connect((host, int(port)))
    stream = trio.SocketStream(sock)
    await stream.send_all(request)
    return stream


def upgrade(program: Program) -> bytes:
    lines = [
        "GET /api/v1/stream?after=0 HTTP/1.1",
        f"Host: {program.url.removeprefix('http://')}",
        f"Authorization: Bearer {program.token}",
        "Connection: Upgrade",
        "Upgrade: websocket",
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    ]
    return "\r\n".join([*lines, "", ""]).encode()


def events(program: Program) -> bytes:
    return upgrade(program).replace(b"Upgrade: websocket", b"Accept: text/event-stream")


async def dribble(program: Program, *, task_status: trio.TaskStatus[None]) -> None:
    """Send a request one byte a second until the server has had enough."""
    stream = await connect(program, b"POST /api/v1/channels/one/messages HTTP/1.1\r\nHost: x\r\n")
    task_status.started()
    async with stream:
        while True:
            try:
                await stream.send_all(b"x")
            except trio.BrokenResourceError:
                return
            await trio.sleep(1)


BODY = b"POST /api/v1/interactions HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1048576\r\n\r\n"


async def send_body(stream: trio.SocketStream) -> None:
    """Send all but the last byte, as far as the server takes it, and stay."""
    with suppress(trio.BrokenResourceError):
        await stream.send_all(b"x" * (2**20 - 1))


@asynccontextmanager
async def bad_company(program: Program) -> AsyncGenerator[None]:
    """Readers that stopped, dribblers, and sockets that only stay open."""
    async with AsyncExitStack() as stack, trio.open_nursery() as nursery:
        quiet = [upgrade(program)] * STALLED + [events(program)] * 5
        quiet += [b""] * (OPEN - STRANGERS - 10 - len(quiet))
        for request in quiet:
            await stack.enter_async_context(await connect(program, request))
        for _ in range(STRANGERS):
            nursery.start_soon(
                send_body, await stack.enter_async_context(await connect(program, BODY))
            )
        for _ in range(10):
            await nursery.start(dribble, program)
        yield
        nursery.cancel_scope.cancel()


async def round_trips(api: Api, seconds: float) -> list[float]:
    """How long commands take, one after the other, for some time."""
    found: list[float] = []
    end = trio.current_time() + seconds
    while trio.current_time() < end:
        began = trio.current_time()
        assert text_of(await api.ask("one", f"@Botkube echo {began}")) == f"echo {began}"
        found.append(trio.current_time() - began)
    return found


async def test_others_are_served_memory_stays_and_the_end_is_in_time(
    folder: Path, launch: Launch, many_files: None
) -> None:
    program = launch(several(folder, beat=BEAT))
    with trio.fail_after(200):
        async with program.connected() as api:
            await all_ready(api)
            await round_trips(api, 3)
            assert await metric(api, "botkube_deliveries_total") * SIZE >= HISTORY
            before = rss(program.pid)
            async with bad_company(program):
                times = sorted(await round_trips(api, 8))
                grown = rss(program.pid) - before
                seen = await metric(api, "botkube_deliveries_total")
                ended = await trio.to_thread.run_sync(stop, program)
    print(
        f"beside {OPEN} sockets, {STALLED} of them stalled: {len(times)} commands, p50 {times[len(times) // 2] * 1000:.0f} ms,"
        f" slowest {times[-1] * 1000:.0f} ms; {seen:.0f} events of 20 kB delivered;"
        f" RSS {before:.0f} + {grown:.0f} MiB; SIGTERM: exit 0 after {ended:.2f} s"
    )
    assert times[-1] < ROUND_TRIP
    assert grown <= GROWTH
    assert ended < ENDING


def stop(program: Program) -> float:
    began = time.monotonic()
    assert program.stop() == 0
    return time.monotonic() - began
