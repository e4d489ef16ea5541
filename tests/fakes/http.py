"""Clients for the listener: requests as bytes, answers read back by h11."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager

import h11
import msgspec
import trio
import trio.testing

from botkube.web.budget import Budget
from botkube.web.connection import Connection
from botkube.web.http import Answer, Handler, Request, Response

Send = Callable[[bytes], Awaitable[None]]
Pair = Callable[[], tuple[trio.StapledStream, trio.StapledStream]]  # type: ignore[type-arg]


class Got(msgspec.Struct, frozen=True):
    """An answer, complete."""

    status: int
    headers: dict[str, str]
    body: bytes


def request_bytes(
    path: str = "/", method: str = "GET", body: bytes = b"", /, **headers: str
) -> bytes:
    """A request; header names are given with underscores."""
    lines = [f"{method} {path} HTTP/1.1", "host: localhost"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    if body:
        lines.append(f"content-length: {len(body)}")
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


class Client:
    """The client's end of a connection."""

    def __init__(self, stream: trio.abc.HalfCloseableStream) -> None:
        self.stream = stream
        self.dropped = trio.Event()  # the server is done with this connection
        self._left = b""

    async def send(self, data: bytes) -> None:
        await self.stream.send_all(data)

    async def answer(self, method: str = "GET") -> Got:
        """The next answer on the connection."""
        http = h11.Connection(h11.CLIENT)
        http.send(h11.Request(method=method, target="/", headers=[("host", "x")]))
        http.send(h11.EndOfMessage())
        if self._left:
            http.receive_data(self._left)
        head: h11.Response | None = None
        body = b""
        while True:
            event = http.next_event()
            if event is h11.NEED_DATA:
                http.receive_data(bytes(await self.stream.receive_some()))
            elif isinstance(event, h11.InformationalResponse | h11.Response):
                head = event if isinstance(event, h11.Response) else None
                if head is None:
                    assert event.status_code == 100
            elif isinstance(event, h11.Data):
                body += event.data
            else:
                break
        assert head is not None, event
        self._left = http.trailing_data[0]
        names = {k.decode(): v.decode("latin-1") for k, v in head.headers}
        return Got(head.status_code, names, body)

    async def ask(self, data: bytes, method: str = "GET") -> Got:
        """Send a request and read its answer."""
        await self.send(data)
        return await self.answer(method)

    async def rest(self) -> bytes:
        """Everything until the server closes."""
        data, self._left = self._left, b""
        try:
            async for chunk in self.stream:
                data += bytes(chunk)
        except trio.BrokenResourceError:
            pass
        return data


async def echo(request: Request) -> Answer:
    """Answers with what was understood of the request."""
    body = await request.read_body()
    text = f"{request.method} {request.path} {dict(request.query)} {body!r}"
    return Response(body=text.encode(), content_type="text/plain")


def answering(answer: Answer) -> Handler:
    """A handler with one answer."""

    async def handle(_request: Request) -> Answer:
        await trio.lowlevel.checkpoint()
        return answer

    return handle


@asynccontextmanager
async def connected(
    handler: Handler = echo,
    pair: Pair = trio.testing.memory_stream_pair,
    budget: Budget | None = None,
) -> AsyncGenerator[Client]:
    """A client connected to a handler in memory; at the end the connection must have ended."""
    theirs, ours = pair()
    client = Client(theirs)

    async def serve(*, task_status: trio.TaskStatus[None]) -> None:
        task_status.started()
        await Connection(ours, handler, budget or Budget()).run()
        client.dropped.set()

    async with trio.open_nursery() as nursery:
        await nursery.start(serve)
        yield client
        nursery.cancel_scope.cancel()
