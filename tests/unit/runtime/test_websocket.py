"""A WebSocket's client over real sockets, against a server of the same library and against bytes."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
import trio
import trio_websocket

from botkube.runtime.http import no_authorities
from botkube.runtime.websocket import Door, Heartbeat, WebSocket, converse

pytestmark = pytest.mark.real

Serve = Callable[[trio.SocketStream], Awaitable[None]]


@asynccontextmanager
async def serving(serve: Serve) -> AsyncGenerator[str]:
    """A server of raw connections; gives its URL."""
    with trio.fail_after(60):
        async with trio.open_nursery() as nursery:
            listeners = await trio.open_tcp_listeners(0, host="127.0.0.1")
            port = listeners[0].socket.getsockname()[1]
            await nursery.start(trio.serve_listeners, serve, listeners)
            yield f"ws://127.0.0.1:{port}/link?secret=1"
            nursery.cancel_scope.cancel()


@asynccontextmanager
async def talking(
    handle: Callable[[trio_websocket.WebSocketConnection], Awaitable[None]],
) -> AsyncGenerator[str]:
    async def take(request: trio_websocket.WebSocketRequest) -> None:
        assert request.path == "/link?secret=1"
        await handle(await request.accept())

    with trio.fail_after(60):
        async with trio.open_nursery() as nursery:
            server = await nursery.start(trio_websocket.serve_websocket, take, "127.0.0.1", 0, None)
            yield f"ws://127.0.0.1:{server.port}/link?secret=1"
            nursery.cancel_scope.cancel()


def door() -> Door:
    return Door(context=no_authorities())


async def nothing(_socket: WebSocket) -> None:
    await trio.lowlevel.checkpoint()


async def hold(_connection: object) -> None:
    await trio.sleep_forever()


async def listen(socket: WebSocket) -> None:
    while True:
        await socket.receive()


async def test_messages_go_both_ways_and_the_body_may_end_it() -> None:
    codes: list[int | None] = []
    ended = trio.Event()

    async def echo(connection: trio_websocket.WebSocketConnection) -> None:
        await connection.send_message(f"got {await connection.get_message()!r}")
        with pytest.raises(trio_websocket.ConnectionClosed) as caught:
            await connection.get_message()
        codes.append(caught.value.reason.code if caught.value.reason else None)
        ended.set()

    async def body(socket: WebSocket) -> None:
        await socket.send(b"hello")
        assert await socket.receive() == "got 'hello'"

    async with talking(echo) as url:
        assert await converse(door(), url, body) == ""
        await ended.wait()
    assert codes == [1000]


async def test_why_it_ended_is_said() -> None:
    async def leave(connection: trio_websocket.WebSocketConnection) -> None:
        await connection.aclose(1012, "restarting")

    async with talking(leave) as url:
        ended = await converse(door(), url, listen)
    assert ended == "the server closed the connection (1012: restarting)"


async def answered(stream: trio.SocketStream, data: bytes) -> None:
    await stream.receive_some()
    await stream.send_all(data)
    await stream.aclose()


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "the connection broke off"),
        (
            b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n",
            "the server refuses the connection: HTTP 404",
        ),
        (b"garbage\r\n\r\n", "what the server says is no WebSocket"),
    ],
)
async def test_a_server_that_speaks_otherwise(data: bytes, reason: str) -> None:
    async with serving(lambda stream: answered(stream, data)) as url:
        ended = await converse(door(), url, listen)
    assert reason.split(":", maxsplit=1)[0] in ended or ended.startswith("the server closed")
    assert "secret" not in ended


async def test_nobody_there() -> None:
    async with serving(lambda stream: answered(stream, b"")) as url:
        pass
    assert "Connection refused" in await converse(door(), url, nothing)


async def test_silence_is_found_by_the_heartbeat() -> None:
    async def mute(connection: trio_websocket.WebSocketConnection) -> None:
        connection._reader_running = False
        await trio.sleep_forever()

    async def body(socket: WebSocket) -> None:
        await socket.beat(Heartbeat(every=0.05, within=0.1))

    async with talking(mute) as url:
        assert await converse(door(), url, body) == "no sign of life within 0.1 s"


async def test_a_heartbeat_that_is_answered_goes_on() -> None:
    async def body(socket: WebSocket) -> None:
        with trio.move_on_after(0.5):
            await socket.beat(Heartbeat(every=0.05, within=30.0))

    async with talking(hold) as url:
        assert await converse(door(), url, body) == ""


async def test_an_error_of_the_body_is_its_own() -> None:
    async def body(_socket: WebSocket) -> None:
        await trio.lowlevel.checkpoint()
        raise KeyError("own")

    async with talking(hold) as url:
        with pytest.RaisesGroup(KeyError):
            await converse(door(), url, body)


async def test_what_is_no_url_is_refused() -> None:
    with pytest.raises(ValueError, match="no ws or wss URL"):
        await converse(door(), "https://x/", nothing)


async def test_cancelling_tells_the_other_side() -> None:
    told = trio.Event()

    async def wait(connection: trio_websocket.WebSocketConnection) -> None:
        with pytest.raises(trio_websocket.ConnectionClosed) as caught:
            await connection.get_message()
        if caught.value.reason and caught.value.reason.code == 1000:
            told.set()

    async with talking(wait) as url:
        with trio.CancelScope() as scope:

            async def listen_for_now(socket: WebSocket) -> None:
                scope.cancel()
                await listen(socket)

            await converse(door(), url, listen_for_now)
        await told.wait()
