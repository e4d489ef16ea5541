"""An HTTP server on a real socket that takes what sinks send: it records every call, and misbehaves as it is told.

By itself (`python -m tests.fakes.receiver LATENCY`) it takes everything after so many seconds, for benchmarks.
"""

import ssl
import sys
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress

import httptools
import msgspec
import trio

Stream = trio.SocketStream | trio.SSLStream[trio.SocketStream]


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """A request; header names in lower case."""

    at: float
    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    connection: int


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What is sent, and how."""

    status: int = 200
    headers: Mapping[str, str] = {}
    body: bytes = b""
    delay: float = 0.0
    cut: int | None = None  # close after so many bytes of the answer
    hang: bool = False  # never answer
    raw: bytes | None = None  # in place of all of it
    close: bool = False  # afterwards, as a server may


Decide = Callable[[Call], Answer]


def always(answer: Answer | None = None) -> Decide:
    """The same for each call."""
    fixed = answer or Answer()
    return lambda _: fixed


def in_turn(*answers: Answer) -> Decide:
    """One after the other; the last one stays."""
    left = list(answers)
    return lambda _: left.pop(0) if len(left) > 1 else left[0]


class Receiver:
    """What was called, and what is answered."""

    def __init__(self, decide: Decide) -> None:
        self.decide = decide
        self.calls: list[Call] = []
        self.answered: list[tuple[Call, Answer]] = []
        self.url = ""
        self.port = 0
        self.connections = 0
        self.open = 0
        self.most_open = 0
        self._heard = trio.Event()

    async def heard(self, number: int) -> None:
        """Until so many calls came."""
        while len(self.calls) < number:
            await self._heard.wait()

    def take(self, call: Call) -> Answer:
        """Record a call and decide."""
        self.calls.append(call)
        self._heard.set()
        self._heard = trio.Event()
        answer = self.decide(call)
        self.answered.append((call, answer))
        return answer

    def forget(self) -> None:
        """Keep nothing of what was."""
        self.calls.clear()
        self.answered.clear()

    @property
    def bodies(self) -> list[object]:
        """The bodies, read as JSON."""
        return [msgspec.json.decode(call.body) for call in self.calls]


class _Parsed:
    def __init__(self) -> None:
        self.parser = httptools.HttpRequestParser(self)
        self.url = b""
        self.headers: dict[str, str] = {}
        self.body = b""
        self.done = False

    def on_url(self, url: bytes) -> None:
        self.url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        self.headers[name.decode().lower()] = value.decode("latin-1")

    def on_body(self, body: bytes) -> None:
        self.body += body

    def on_message_complete(self) -> None:
        self.done = True


async def _next(stream: Stream, number: int) -> Call | None:
    parsed = _Parsed()
    while not parsed.done:
        data = await stream.receive_some(1 << 16)
        if not data:
            return None
        parsed.parser.feed_data(data)
    return Call(
        at=trio.current_time(),
        method=parsed.parser.get_method().decode(),
        path=parsed.url.decode(),
        headers=parsed.headers,
        body=parsed.body,
        connection=number,
    )


async def _converse(stream: Stream, receiver: Receiver) -> None:
    receiver.connections += 1
    number = receiver.connections
    while (call := await _next(stream, number)) is not None:
        answer = receiver.take(call)
        if answer.delay:
            await trio.sleep(answer.delay)
        if answer.hang:
            while await stream.receive_some(1 << 16):
                pass  # never an answer; the caller may go, and a run of days keeps nothing of it
            return
        data = _bytes(answer, call.method)
        await stream.send_all(data if answer.cut is None else data[: answer.cut])
        if answer.cut is not None or answer.raw is not None or answer.close:
            return


def _bytes(answer: Answer, method: str) -> bytes:
    if answer.raw is not None:
        return answer.raw
    head = [f"HTTP/1.1 {answer.status} X", *(f"{k}: {v}" for k, v in answer.headers.items())]
    if answer.status != 204:
        head.append(f"Content-Length: {len(answer.body)}")
    body = b"" if method == "HEAD" else answer.body
    return "\r\n".join([*head, "", ""]).encode("latin-1") + body


@asynccontextmanager
async def receiving(
    decide: Decide | None = None, *, context: ssl.SSLContext | None = None, port: int = 0
) -> AsyncGenerator[Receiver]:
    """A server while the block runs; with a context by TLS."""
    receiver = Receiver(decide or always())

    async def handle(plain: trio.SocketStream) -> None:
        receiver.open += 1
        receiver.most_open = max(receiver.most_open, receiver.open)
        stream: Stream = plain
        if context is not None:
            stream = trio.SSLStream(plain, context, server_side=True)
        with suppress(
            trio.BrokenResourceError, trio.ClosedResourceError, httptools.HttpParserError
        ):
            async with stream:
                await _converse(stream, receiver)
        receiver.open -= 1

    async with trio.open_nursery() as nursery:
        listeners = await trio.open_tcp_listeners(port, host="127.0.0.1")
        receiver.port = listeners[0].socket.getsockname()[1]
        receiver.url = f"{'https' if context else 'http'}://127.0.0.1:{receiver.port}"
        await nursery.start(trio.serve_listeners, handle, listeners)
        yield receiver
        nursery.cancel_scope.cancel()


async def _serve(decide: Decide, counted: Callable[[], Mapping[str, int]]) -> None:
    def answer(call: Call) -> Answer:
        if call.path == "/counted":
            return Answer(body=msgspec.json.encode(counted()))
        return decide(call)

    async with receiving(answer) as receiver:
        receiver.take = answer  # type: ignore[method-assign]  # nothing is kept
        print(receiver.port, flush=True)  # noqa: T201
        await trio.sleep_forever()


def main(latency: float) -> None:
    """Take everything."""
    seen = {"events": 0}

    def decide(call: Call) -> Answer:
        seen["events"] += call.method == "POST"
        return Answer(delay=latency)

    trio.run(_serve, decide, lambda: seen)


Serve = Callable[[Decide, Callable[[], Mapping[str, int]]], Awaitable[None]]
serve: Serve = _serve

if __name__ == "__main__":
    main(float(sys.argv[1]))
