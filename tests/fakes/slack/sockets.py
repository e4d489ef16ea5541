"""Socket Mode's server side: up to ten sockets, each payload to one of them, again if nobody acknowledges it.

What it is told to do wrong is done to the bytes, below the WebSocket library: frames that end in the middle, silence.
"""

import json
from collections.abc import Mapping
from contextlib import suppress
from itertools import count
from random import Random
from typing import Final

import trio
from trio_websocket import (
    ConnectionClosed,
    HandshakeError,
    WebSocketConnection,
    wrap_server_stream,
)

from botkube.runtime.override import override
from tests.fakes.slack.changing import Changing

MOST: Final = 10
RETRIES: Final = (0.0, 60.0, 300.0)  # seconds until an event that nobody took comes again
GONE: Final = (ConnectionClosed, trio.BrokenResourceError, trio.ClosedResourceError)


class Line(trio.abc.Stream):
    """A TCP connection that can go silent, as one behind a machine that lost its power."""

    def __init__(self, stream: trio.SocketStream) -> None:
        self.stream = stream
        self.silent = False
        self._hung = trio.Event()
        self._sending = trio.Lock()

    @override
    async def receive_some(self, max_bytes: int | None = None) -> bytes:
        data = bytes(await self.stream.receive_some(max_bytes))
        if self.silent:
            await self._hung.wait()
            return b""
        return data

    async def give_up(self) -> None:
        """Miss the other side at last, as a server does that hears nothing."""
        self.silent = True
        self._hung.set()
        await self.stream.aclose()

    @override
    async def send_all(self, data: bytes | bytearray | memoryview) -> None:
        async with self._sending:
            if not self.silent:
                await self.stream.send_all(data)

    @override
    async def wait_send_all_might_not_block(self) -> None:
        await self.stream.wait_send_all_might_not_block()

    @override
    async def aclose(self) -> None:
        await self.stream.aclose()


class Socket:
    """One connection of the app."""

    def __init__(self, number: int, line: Line, connection: WebSocketConnection) -> None:
        self.number = number
        self.line = line
        self.connection = connection
        self.closing = False  # it was told to go: nothing more is sent there

    async def send(self, text: str) -> None:
        """A text frame; nothing if it is gone."""
        with suppress(*GONE):
            await self.connection.send_message(text)

    async def send_raw(self, data: bytes) -> None:
        """Bytes below the protocol."""
        with suppress(trio.BrokenResourceError, trio.ClosedResourceError):
            await self.line.send_all(data)

    async def disconnect(self, reason: str) -> None:
        """Say that it will be closed; Slack closes it ten seconds later."""
        self.closing = True
        await self.send(json.dumps({"type": "disconnect", "reason": reason, "debug_info": {}}))

    async def cut(self, *, mid_frame: bool = True) -> None:
        """End the TCP connection, in the middle of a frame."""
        if mid_frame:
            await self.send_raw(bytes([0x81, 126, 0x04, 0x00]) + b'{"type":"events_api","envel')
        await self.line.stream.aclose()

    async def close(self, code: int = 1000) -> None:
        """Close it as the protocol has it."""
        with trio.move_on_after(1), suppress(*GONE):
            await self.connection.aclose(code, "")


class Sent:
    """A payload and what became of it."""

    def __init__(self, kind: str, payload: Mapping[str, object], *, answerable: bool) -> None:
        self.kind = kind
        self.payload = payload
        self.answerable = answerable
        self.envelopes: list[str] = []  # one for each attempt
        self.sent_at: list[float] = []
        self.acks: list[float] = []
        self.answer: object = None
        self.acked = trio.Event()

    @property
    def delay(self) -> float:
        """Seconds from its last envelope to its first acknowledgement."""
        return self.acks[0] - self.sent_at[-1]


class SocketMode(Changing):
    """All sockets of the app, and what is to be acknowledged."""

    def __init__(self, random: Random) -> None:
        self.sockets: list[Socket] = []
        self.foreign = 0  # sockets of another program with the same token, that are not ours to see
        self.opened = 0
        self.refused = 0
        self.hello = True  # say it
        self.retries: tuple[float, ...] = RETRIES
        self.patience = 3.0  # seconds until an acknowledgement is missed
        self.acks: list[str] = []
        self.stray: list[str] = []  # acknowledgements of nothing, and frames that are none
        self.by_envelope: dict[str, Sent] = {}
        self.taken_elsewhere: list[Sent] = []
        self._tickets: set[str] = set()
        self._random = random
        self._names = count(1)
        super().__init__()

    def ticket(self, base: str) -> str:
        """A URL for one connection."""
        name = f"t{next(self._names)}"
        self._tickets.add(name)
        return f"{base}/link/?ticket={name}&app_id=A1"

    async def serve(self, stream: trio.SocketStream) -> None:
        """One TCP connection, from its handshake to its end."""
        async with trio.open_nursery() as nursery:
            with suppress(*GONE, HandshakeError):
                await self._connect(nursery, Line(stream))
            nursery.cancel_scope.cancel()
            await trio.aclose_forcefully(stream)

    async def _connect(self, nursery: trio.Nursery, line: Line) -> None:
        request = await wrap_server_stream(nursery, line)
        name = request.path.partition("ticket=")[2].partition("&")[0]
        if name not in self._tickets or len(self.sockets) >= MOST:
            self.refused += 1
            await request.reject(408, body=b"")
            return
        self._tickets.remove(name)
        connection = await request.accept()
        await self._run(Socket(next(self._names), line, connection))

    async def _run(self, socket: Socket) -> None:
        self.opened += 1
        self.sockets.append(socket)
        try:
            if self.hello:
                number = len(self.sockets) + self.foreign
                info = {"connection_info": {"app_id": "A1"}, "debug_info": {"host": "fake"}}
                hello = {"type": "hello", "num_connections": number, **info}
                await socket.send(json.dumps(hello))
            self.tell()
            while True:
                self._take(await socket.connection.get_message())
        finally:
            self.sockets.remove(socket)
            self.tell()

    def _take(self, text: str | bytes) -> None:
        try:
            frame = json.loads(text)
            sent = self.by_envelope[frame["envelope_id"]]
        except (ValueError, KeyError, TypeError):
            self.stray.append(str(text))
            self.tell()
            return
        self.acks.append(frame["envelope_id"])
        sent.acks.append(trio.current_time())
        sent.answer = frame.get("payload", sent.answer)
        sent.acked.set()
        self.tell()

    def forget(self) -> None:
        """Keep nothing of what was sent: at a time when nothing is sent again any more."""
        self.by_envelope.clear()
        for kept in (self.acks, self.stray, self.taken_elsewhere):
            kept.clear()

    async def connected(self, number: int = 1) -> None:
        """Until so many sockets are open."""
        await self.until(lambda: len(self.sockets) == number)

    async def send(self, sent: Sent) -> None:
        """Send a payload until it is acknowledged: of interactions there is one attempt."""
        retries = self.retries if sent.kind == "events_api" else ()
        for attempt, wait in enumerate((0.0, *retries)):
            await trio.sleep(wait)
            if await self._attempt(sent, attempt):
                return

    async def _attempt(self, sent: Sent, attempt: int) -> bool:
        open_ = [socket for socket in self.sockets if not socket.closing]
        if self.foreign and self._random.randrange(self.foreign + len(open_)) < self.foreign:
            self.taken_elsewhere.append(sent)  # by somebody who acknowledges everything
            return True
        if not open_:
            return False
        socket = self._random.choice(open_)
        envelope = self._envelope(sent, attempt)
        self.tell()
        await socket.send(envelope)
        with trio.move_on_after(self.patience):
            # A socket that goes counts as a missed acknowledgement at once.
            await self.until(lambda: sent.acked.is_set() or socket not in self.sockets)
        return sent.acked.is_set()

    def _envelope(self, sent: Sent, attempt: int) -> str:
        name = f"e-{next(self._names)}"
        self.by_envelope[name] = sent
        sent.envelopes.append(name)
        sent.sent_at.append(trio.current_time())
        frame: dict[str, object] = {
            "type": sent.kind,
            "envelope_id": name,
            "accepts_response_payload": sent.answerable,
            "payload": sent.payload,
        }
        if sent.kind == "events_api":
            frame |= {"retry_attempt": attempt, "retry_reason": "timeout" if attempt else ""}
        return json.dumps(frame)
