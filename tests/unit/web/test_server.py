"""The listeners on real sockets: many clients, rude clients, and a stop that waits for none of them."""

import socket
import struct
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import pytest
import trio
import trio_websocket

from botkube.web import server
from botkube.web.http import Answer, Handler, Request, Response, Streaming, Upgrade, WebSocket
from botkube.web.sending import SEND
from botkube.web.server import bind, serving
from tests.fakes.http import Client, Send, echo, request_bytes

pytestmark = pytest.mark.real

BIG = b"x" * 2**24  # more than the kernel takes for a client that does not read


@asynccontextmanager
async def served(handler: Handler = echo) -> AsyncGenerator[int]:
    """A listener on a free port, under a deadline; yields the port."""
    with trio.fail_after(60):
        listeners = await bind("127.0.0.1", 0)
        port = listeners[0].socket.getsockname()[1]
        async with serving(listeners, handler):
            yield port


@asynccontextmanager
async def connection(port: int) -> AsyncGenerator[Client]:
    async with await trio.open_tcp_stream("127.0.0.1", port) as stream:
        yield Client(stream)


async def any_of(request: Request) -> Answer:
    """What the path says: something big, a stream without end, a WebSocket without end."""
    await trio.lowlevel.checkpoint()

    async def stream(send: Send) -> None:
        while True:
            await send(b"x" * 2**16)

    async def session(websocket: WebSocket) -> None:
        while True:
            await websocket.send(b"x" * 2**16)

    match request.path:
        case "/big":
            return Response(body=BIG)
        case "/stream":
            return Streaming(run=stream, content_type="text/plain")
        case "/socket":
            return Upgrade(run=session)
        case _:
            return Response(body=b"small")


async def test_a_thousand_clients_at_once() -> None:
    answered = 0

    async def ask(port: int) -> None:
        nonlocal answered
        async with connection(port) as client:
            for _ in range(2):
                got = await client.ask(request_bytes("/x"))
                answered += got.status == 200

    async with served() as port, trio.open_nursery() as nursery:
        for _ in range(1000):
            nursery.start_soon(ask, port)
    assert answered == 2000


async def test_the_surplus_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "CONNECTIONS", 2)
    async with served() as port, connection(port) as one, connection(port) as two:
        assert (await one.ask(request_bytes())).status == 200
        assert (await two.ask(request_bytes())).status == 200
        async with connection(port) as three:
            assert (await three.answer()).status == 503
            assert await three.rest() == b""
        await one.stream.aclose()
        await _until_a_place_is_free(port)


async def _until_a_place_is_free(port: int) -> None:
    while True:
        async with connection(port) as client:
            await client.send(request_bytes())
            if (await client.answer()).status == 200:
                return


async def test_a_client_whose_body_is_refused_sees_why() -> None:
    """Closing with unread data would reset the connection, and the answer with it."""
    async with served() as port, connection(port) as client:
        await client.send(request_bytes("/", "POST", content_length=str(2**23)))
        async with trio.open_nursery() as nursery:
            nursery.start_soon(client.send, b"x" * 2**23)
            assert (await client.answer()).status == 413


async def test_a_client_that_resets_is_no_event(caplog: pytest.LogCaptureFixture) -> None:
    async with served() as port:
        for sent in (b"", b"GET / HT", request_bytes("/big")):
            async with await trio.open_tcp_stream("127.0.0.1", port) as stream:
                await stream.send_all(sent or b"x")
                stream.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        async with connection(port) as client:
            assert (await client.ask(request_bytes())).status == 200
    assert caplog.records == []


@pytest.mark.parametrize("path", ["/big", "/stream", "/socket", "/idle"])
async def test_clients_that_do_not_read_hold_up_neither_others_nor_the_stop(path: str) -> None:
    upgrade = {
        "upgrade": "websocket",
        "connection": "Upgrade",
        "sec_websocket_key": "dGhlIHNhbXBsZSBub25jZQ==",
        "sec_websocket_version": "13",
    }
    headers = upgrade if path == "/socket" else {}
    streams: list[trio.SocketStream] = []
    async with served(any_of) as port:
        for _ in range(20):
            stream = await trio.open_tcp_stream("127.0.0.1", port)
            streams.append(stream)
            await stream.send_all(request_bytes(path, **headers))
        async with connection(port) as other:
            for _ in range(5):
                with trio.fail_after(SEND * 0.75):
                    assert (await other.ask(request_bytes("/small"))).body == b"small"
        began = trio.current_time()
    assert trio.current_time() - began < SEND / 2  # not as long as a client may take
    for stream in streams:
        await trio.aclose_forcefully(stream)


async def test_a_websocket_client_of_another_make_is_understood() -> None:
    async def session(websocket: WebSocket) -> None:
        await websocket.send(b"one", "zwei ü".encode(), b"y" * 100_000)
        await trio.sleep_forever()

    async def handle(request: Request) -> Answer:
        await trio.lowlevel.checkpoint()
        assert request.query == {"after": "7"}
        return Upgrade(run=session)

    async with served(handle) as port:
        url = f"ws://127.0.0.1:{port}/stream?after=7"
        async with trio_websocket.open_websocket_url(url) as client:
            assert [await client.get_message() for _ in range(3)] == [
                "one",
                "zwei ü",
                "y" * 100_000,
            ]
            await client.ping(b"p")
        assert client.closed is not None
        assert client.closed.code == 1000


async def test_a_taken_address_is_an_error() -> None:
    (listener,) = await bind("127.0.0.1", 0)
    async with listener:
        with pytest.raises(OSError, match="already in use"):
            await bind("127.0.0.1", listener.socket.getsockname()[1])
