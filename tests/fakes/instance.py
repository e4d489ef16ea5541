"""A running instance as client commands see it: its state directory, and answers to what they ask of plugins."""

import os
from collections.abc import AsyncGenerator, Iterable, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import h11
import msgspec
import trio

from botkube.app.statedir import Instance, locked, publish

TOKEN = "secret"


class Asked(msgspec.Struct, frozen=True):
    """A request."""

    method: str
    path: str
    body: bytes

    @property
    def values(self) -> dict[str, object]:
        """The body."""
        return msgspec.json.decode(self.body, type=dict[str, object])


class FakeInstance:
    """Answers by `answers`: a path, and the lines or the error (status and text) that it gets."""

    def __init__(self, state_dir: Path) -> None:
        self.state_dir = state_dir
        self.answers: dict[str, list[object] | tuple[int, str]] = {}
        self.asked: list[Asked] = []
        self.endless: set[str] = set()  # paths whose answers do not end
        self.left = trio.Event()  # a client went away from one of those

    async def serve(self, stream: trio.SocketStream) -> None:
        """Answer one request."""
        connection = h11.Connection(h11.SERVER)
        with suppress(trio.BrokenResourceError, trio.ClosedResourceError):
            async with stream:
                asked, token = await _read(stream, connection)
                self.asked.append(asked)
                path = asked.path.partition("?")[0]
                found = self.answers.get(path, (404, f"there is no {path}"))
                if token != TOKEN:
                    found = (401, "wrong token")
                if isinstance(found, tuple):
                    body = [msgspec.json.encode({"error": found[1]})]
                    await _send(stream, connection, found[0], body)
                    return
                lines = [msgspec.json.encode(line) + b"\n" for line in found]
                await _send(stream, connection, 200, lines, ends=path not in self.endless)
                if path in self.endless:
                    await self._hold(stream)

    async def _hold(self, stream: trio.SocketStream) -> None:
        with suppress(trio.BrokenResourceError):
            while await stream.receive_some():
                pass
        self.left.set()


@asynccontextmanager
async def running(
    state_dir: Path, answers: Mapping[str, list[object] | tuple[int, str]], **places: object
) -> AsyncGenerator[FakeInstance]:
    """An instance on a state directory while the block runs; `places` are where it has its plugins."""
    instance = FakeInstance(state_dir)
    instance.answers.update(answers)
    async with trio.open_nursery() as nursery:
        listeners = await trio.open_tcp_listeners(0, host="127.0.0.1")
        port = listeners[0].socket.getsockname()[1]
        await nursery.start(trio.serve_listeners, instance.serve, listeners)
        with locked(state_dir):
            told = Instance(
                pid=os.getpid(),
                url=f"http://127.0.0.1:{port}",
                token=TOKEN,
                version="2",
                started_at="",
                started_ms=0,
            )
            publish(state_dir, msgspec.structs.replace(told, **places))
            yield instance
        nursery.cancel_scope.cancel()


async def _read(stream: trio.SocketStream, connection: h11.Connection) -> tuple[Asked, str]:
    method = path = token = ""
    body = b""
    while True:
        event = connection.next_event()
        if event is h11.NEED_DATA:
            connection.receive_data(bytes(await stream.receive_some()))
        elif isinstance(event, h11.Request):
            method, path = event.method.decode(), event.target.decode()
            token = dict(event.headers).get(b"authorization", b"").decode().removeprefix("Bearer ")
        elif isinstance(event, h11.Data):
            body += event.data
        else:
            return Asked(method, path, body), token


async def _send(
    stream: trio.SocketStream,
    connection: h11.Connection,
    status: int,
    pieces: Iterable[bytes],
    *,
    ends: bool = True,
) -> None:
    events: list[h11.Event] = [h11.Response(status_code=status, headers=[("connection", "close")])]
    events += [h11.Data(data=piece) for piece in pieces]
    for event in [*events, *([h11.EndOfMessage()] if ends else [])]:
        await stream.send_all(connection.send(event) or b"")
