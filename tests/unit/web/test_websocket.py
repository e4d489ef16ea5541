"""The server's end of a WebSocket, against a client that behaves and against bytes that do not."""

import tracemalloc
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
import trio
import trio.testing
from wsproto import ConnectionType, WSConnection
from wsproto.events import (
    AcceptConnection,
    BytesMessage,
    CloseConnection,
    Event,
    Ping,
    Pong,
    TextMessage,
)
from wsproto.events import Request as Opening

from botkube.web import sending, websocket
from botkube.web.http import Response, Upgrade, WebSocket
from tests.fakes.http import Client, Pair, answering, connected, request_bytes

Clock = trio.testing.MockClock
Session = Callable[[WebSocket], Awaitable[None]]


class Peer:
    """A client that speaks the protocol; `write` sends bytes as they are."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.protocol = WSConnection(ConnectionType.CLIENT)
        self.events: list[Event] = []

    async def open(self) -> None:
        await self.send(Opening(host="localhost", target="/stream?after=1"))
        assert isinstance(await self.next(), AcceptConnection)

    async def send(self, event: Event) -> None:
        await self.write(self.protocol.send(event))

    async def write(self, data: bytes) -> None:
        await self.client.send(data)

    async def next(self) -> Event:
        """The next event of the server's; `CloseConnection` with 1006 when it just went."""
        while not self.events:
            data = bytes(await self.client.stream.receive_some())
            self.protocol.receive_data(data or None)
            self.events += self.protocol.events()
        return self.events.pop(0)


@asynccontextmanager
async def opened(
    session: Session, pair: Pair = trio.testing.memory_stream_pair
) -> AsyncGenerator[Peer]:
    async with connected(answering(Upgrade(run=session)), pair) as client:
        peer = Peer(client)
        await peer.open()
        yield peer


async def idle(_socket: WebSocket) -> None:
    await trio.sleep_forever()


async def counting(socket: WebSocket) -> None:
    for number in range(3):
        await socket.send(b"%d" % number, b"and %d" % number)
        await trio.sleep(1)


async def endless(socket: WebSocket) -> None:
    while True:
        await socket.send(b"x" * 1000)


async def test_messages_come_in_order_and_then_a_close_frame(autojump_clock: Clock) -> None:
    async with opened(counting) as peer:
        got = [await peer.next() for _ in range(6)]
        assert [event.data for event in got if isinstance(event, TextMessage)] == [
            "0",
            "and 0",
            "1",
            "and 1",
            "2",
            "and 2",
        ]
        assert await peer.next() == CloseConnection(code=1001, reason="")
        await peer.client.dropped.wait()


async def test_text_of_any_language_is_text() -> None:
    async def say(socket: WebSocket) -> None:
        await socket.send("grüße 🎉 日本".encode())

    async with opened(say) as peer:
        event = await peer.next()
        assert isinstance(event, TextMessage)
        assert event.data == "grüße 🎉 日本"


async def test_a_ping_is_answered() -> None:
    async with opened(idle) as peer:
        for payload in (b"", b"abc", b"x" * 125):
            await peer.send(Ping(payload=payload))
            assert await peer.next() == Pong(payload=payload)


async def test_a_ping_is_answered_between_messages(autojump_clock: Clock) -> None:
    async with opened(counting) as peer:
        await peer.send(Ping(payload=b"p"))
        got = [await peer.next() for _ in range(7)]
        assert Pong(payload=b"p") in got
        assert sum(isinstance(event, TextMessage) for event in got) == 6


async def test_what_a_client_says_is_ignored() -> None:
    async with opened(idle) as peer:
        await peer.send(TextMessage(data="hello"))
        await peer.send(BytesMessage(data=b"\x00" * 200_000))
        await peer.send(Ping())
        assert isinstance(await peer.next(), Pong)


async def test_a_clients_close_is_answered_and_ends_the_session(
    caplog: pytest.LogCaptureFixture,
) -> None:
    ended = trio.Event()

    async def session(_socket: WebSocket) -> None:
        try:
            await trio.sleep_forever()
        finally:
            ended.set()

    async with opened(session) as peer:
        await peer.send(CloseConnection(code=1000, reason="bye"))
        assert await peer.next() == CloseConnection(code=1000, reason="bye")
        await ended.wait()
        await peer.client.dropped.wait()
    assert caplog.records == []


@pytest.mark.parametrize("half", [b"", b"\x81", b"\x81\xfe\x01", b"\x81\x85\x00\x00\x00\x00he"])
async def test_a_client_that_goes_in_the_middle_of_a_frame_is_no_event(
    half: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    async with opened(idle) as peer:
        if half:
            await peer.write(half)
        await peer.client.stream.aclose()
        await peer.client.dropped.wait()
    assert caplog.records == []


@pytest.mark.parametrize(
    "data",
    [
        b"\x81\x05hello",  # not masked
        b"\xff\x80\x00\x00\x00\x00",  # reserved bits and opcode
        b"\x89\xfe\x01\x00" + b"\x00" * 300,  # a ping of 256 bytes
        b"\x09\x80\x00\x00\x00\x00",  # a ping in pieces
        b"\x80\x80\x00\x00\x00\x00",  # goes on with nothing
        b"\x81\x82\x00\x00\x00\x00\xc3\x28",  # no UTF-8
        b"\x88\x82\x00\x00\x00\x00\x00\x01",  # a close code that is none
        b"\x81\xff\xff\xff\xff\xff\xff\xff\xff\xff",  # larger than anything
        b"GET / HTTP/1.1\r\n\r\n",
    ],
)
async def test_a_client_that_breaks_the_protocol_is_dropped(
    autojump_clock: Clock, data: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    async with opened(idle) as peer:
        await peer.write(data)
        with trio.fail_after(5):
            await peer.client.dropped.wait()
    assert caplog.records == [], "a client's nonsense is no fault of ours"


async def test_a_message_without_end_is_not_collected(autojump_clock: Clock) -> None:
    async with opened(idle) as peer:
        await peer.write(b"\x01\xff" + (2**40).to_bytes(8, "big") + b"\x00" * 4)
        tracemalloc.start()
        for _ in range(64):
            await peer.write(b"x" * 2**16)
            await trio.testing.wait_all_tasks_blocked()
        kept, _peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert kept < 2**20, "4 MiB of it came"
        await peer.client.stream.aclose()
        await peer.client.dropped.wait()


async def test_a_client_that_does_not_read_is_dropped(autojump_clock: Clock) -> None:
    async with opened(endless, trio.testing.lockstep_stream_pair) as peer:
        await peer.client.dropped.wait()
        assert trio.current_time() == sending.SEND


@pytest.mark.parametrize("session", [idle, counting])
async def test_cancelling_takes_no_time(autojump_clock: Clock, session: Session) -> None:
    async with opened(session) as peer:
        await peer.next() if session is counting else await trio.testing.wait_all_tasks_blocked()
        began = trio.current_time()
    assert trio.current_time() - began == 0


async def test_cancelling_does_not_wait_for_a_client_that_does_not_read(
    autojump_clock: Clock,
) -> None:
    async with opened(endless, trio.testing.lockstep_stream_pair):
        await trio.testing.wait_all_tasks_blocked()
        began = trio.current_time()
    assert trio.current_time() - began == 0


async def test_cancelling_waits_a_second_at_most_to_say_goodbye(autojump_clock: Clock) -> None:
    async with opened(idle, trio.testing.lockstep_stream_pair):
        await trio.testing.wait_all_tasks_blocked()
        began = trio.current_time()
    assert trio.current_time() - began == websocket.FAREWELL


async def test_a_client_that_reads_is_told_when_the_server_stops() -> None:
    async with opened(idle) as peer:
        await trio.testing.wait_all_tasks_blocked()
    assert await peer.next() == CloseConnection(code=1001, reason="")


async def test_sending_after_the_end_is_a_broken_resource() -> None:
    kept: list[WebSocket] = []

    async def session(socket: WebSocket) -> None:
        kept.append(socket)
        await trio.lowlevel.checkpoint()

    async with opened(session) as peer:
        await peer.client.dropped.wait()
        with pytest.raises((trio.BrokenResourceError, trio.ClosedResourceError)):
            await kept[0].send(b"late")


async def test_a_session_that_breaks_is_logged_and_closed(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def session(_socket: WebSocket) -> None:
        await trio.lowlevel.checkpoint()
        raise KeyError("a fault of ours")

    async with opened(session) as peer:
        assert await peer.next() == CloseConnection(code=1001, reason="")
        await peer.client.dropped.wait()
    assert "a connection broke" in caplog.text


KEY = "dGhlIHNhbXBsZSBub25jZQ=="
GOOD = {
    "upgrade": "websocket",
    "connection": "Upgrade",
    "sec_websocket_key": KEY,
    "sec_websocket_version": "13",
}


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({}, 101),
        ({"upgrade": "WebSocket"}, 101),
        ({"connection": "keep-alive, Upgrade"}, 101),
        ({"sec_websocket_key": None}, 400),
        ({"sec_websocket_version": "8"}, 400),
        ({"sec_websocket_version": None}, 400),
        ({"connection": "close"}, 400),
        ({"upgrade": None}, 426),
        ({"upgrade": "h2c"}, 426),
    ],
)
async def test_handshakes(
    change: dict[str, str | None], status: int, caplog: pytest.LogCaptureFixture
) -> None:
    headers = {name: value for name, value in (GOOD | change).items() if value is not None}
    async with connected(answering(Upgrade(run=idle))) as client:
        await client.send(request_bytes("/stream", **headers))
        data = bytes(await client.stream.receive_some())
        assert data.startswith(f"HTTP/1.1 {status} ".encode())
        if status != 101:
            assert b'"error"' in data + await client.rest()
    assert caplog.records == []


async def test_an_upgrade_where_none_is_offered_is_a_usual_answer() -> None:
    async with connected(answering(Response(body=b"plain"))) as client:
        assert (await client.ask(request_bytes("/", **GOOD))).body == b"plain"
        assert (await client.ask(request_bytes("/"))).body == b"plain"


async def test_a_large_message_reaches_a_slow_reader(autojump_clock: Clock) -> None:
    text = "x" * 2**20

    async def session(socket: WebSocket) -> None:
        await socket.send(text.encode())
        await trio.sleep_forever()

    got: list[str] = []
    async with opened(session, trio.testing.lockstep_stream_pair) as peer:
        while len("".join(got)) < len(text):
            data = bytes(await peer.client.stream.receive_some(2**16))
            assert not peer.client.dropped.is_set(), "it was cut"
            peer.protocol.receive_data(data)
            got += [
                event.data for event in peer.protocol.events() if isinstance(event, TextMessage)
            ]
            await trio.sleep(sending.SEND - 1)
    assert "".join(got) == text
    assert trio.current_time() > sending.SEND * 5, "longer than one deadline"


async def test_what_is_sent_to_a_stuck_client_is_not_framed_all_at_once() -> None:
    messages = [b"x" * 2**14] * 256

    async def session(socket: WebSocket) -> None:
        await socket.send(*messages)

    async with opened(session, trio.testing.lockstep_stream_pair):
        tracemalloc.start()
        await trio.testing.wait_all_tasks_blocked()
        kept, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert max(kept, peak) < 2**20, "4 MiB are to be sent"


async def test_tiny_frames_leave_time_for_others() -> None:
    turns: list[int] = []

    async def session(_socket: WebSocket) -> None:
        while True:
            turns.append(1)
            await trio.lowlevel.checkpoint()

    async with opened(session) as peer:
        before = len(turns)
        tiny = b"\x81\x81\x00\x00\x00\x00x" * 2000
        await peer.write(tiny + b"\x89\x80\x00\x00\x00\x00")
        assert isinstance(await peer.next(), Pong)
        assert len(turns) - before > 50


async def test_a_handshake_with_a_body_is_refused() -> None:
    async with connected(answering(Upgrade(run=idle))) as client:
        got = await client.ask(request_bytes("/stream", "GET", b"body", **GOOD))
        assert got.status == 400
