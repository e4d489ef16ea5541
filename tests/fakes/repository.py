"""A plugin repository on a real socket: static files with ranges and conditions, and every way to misbehave."""

import hashlib
import ssl
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager, suppress

import h11
import msgspec
import trio
import yaml

from botkube.packages.index.choose import this_platform

PIECE = 16 << 10


class Asked(msgspec.Struct, frozen=True):
    """A request."""

    path: str
    headers: Mapping[str, str]


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What is sent, and how."""

    status: int = 200
    headers: Mapping[str, str] = {}
    body: bytes = b""
    length: int | None = None  # what Content-Length says, if it lies
    chunked: bool = False
    cut: int | None = None  # drop the connection after so many bytes of the body
    stop: int | None = None  # say nothing more after so many
    endless: bool = False
    delay: float = 0.0
    rate: float = 0.0  # bytes per second
    raw: bytes | None = None  # in place of all of it
    gate: trio.Event | None = None  # wait for it first


Page = Callable[[Asked], Answer]


def static(
    body: bytes, *, tag: str = "", modified: str = "", rate: float = 0.0, delay: float = 0.0
) -> Page:
    """A file as good servers send it."""
    tag = tag or f'"{hashlib.sha256(body).hexdigest()[:16]}"'

    def page(asked: Asked) -> Answer:
        headers = {"ETag": tag} if tag != "-" else {}
        if modified:
            headers["Last-Modified"] = modified
        if tag in asked.headers.get("if-none-match", "") or (
            modified and asked.headers.get("if-modified-since") == modified
        ):
            return Answer(status=304, headers=headers, delay=delay)
        wanted = asked.headers.get("range", "")
        condition = asked.headers.get("if-range", "")
        if not wanted or condition not in {tag, modified}:
            return Answer(headers=headers, body=body, rate=rate, delay=delay)
        start = int(wanted.removeprefix("bytes=").rstrip("-"))
        if start >= len(body):
            return Answer(status=416, headers=headers, delay=delay)
        headers["Content-Range"] = f"bytes {start}-{len(body) - 1}/{len(body)}"
        return Answer(status=206, headers=headers, body=body[start:], rate=rate, delay=delay)

    return page


def always(answer: Answer) -> Page:
    """The same, whatever is asked."""
    return lambda _: answer


def in_turn(*pages: Page) -> Page:
    """One after the other; the last one stays."""
    left = list(pages)

    def page(asked: Asked) -> Answer:
        now = left.pop(0) if len(left) > 1 else left[0]
        return now(asked)

    return page


class Repository:
    """Pages by path, and what was asked."""

    def __init__(self) -> None:
        self.pages: dict[str, Page] = {}
        self.asked: list[Asked] = []
        self.url = ""

    @property
    def paths(self) -> list[str]:
        """What was asked for, in order."""
        return [asked.path for asked in self.asked]

    def put(self, path: str, body: bytes) -> str:
        """Serve a file; returns its URL."""
        self.pages[path] = static(body)
        return self.url + path

    def put_index(self, *entries: Mapping[str, object], path: str = "/index.yaml") -> str:
        """Serve an index; returns its URL."""
        return self.put(path, index_of(*entries))


def index_of(*entries: Mapping[str, object]) -> bytes:
    """An index of these entries."""
    return yaml.safe_dump({"entries": list(entries)}).encode()


def entry(
    name: str,
    url: str,
    *,
    kind: str = "executor",
    version: str = "v1.0.0",
    checksum: str = "",
    dependencies: Mapping[str, Mapping[str, str]] | None = None,
) -> dict[str, object]:
    """An entry for this machine."""
    os, _, architecture = this_platform().partition("/")
    place: dict[str, object] = {
        "url": url,
        "checksum": checksum,
        "platform": {"os": os, "architecture": architecture},
    }
    if dependencies:
        place["dependencies"] = {name: dict(value) for name, value in dependencies.items()}
    return {"name": name, "type": kind, "version": version, "description": "x", "urls": [place]}


def sha256(data: bytes) -> str:
    """Its digest."""
    return hashlib.sha256(data).hexdigest()


@asynccontextmanager
async def served(
    host: str = "127.0.0.1", context: ssl.SSLContext | None = None
) -> AsyncGenerator[Repository]:
    """A repository while the block runs; with a context over TLS."""
    repository = Repository()
    async with trio.open_nursery() as nursery:

        async def handle(stream: trio.SocketStream) -> None:
            with suppress(
                trio.BrokenResourceError, trio.ClosedResourceError, h11.RemoteProtocolError
            ):
                async with stream:
                    await _converse(_secured(stream, context), repository)

        listeners = await trio.open_tcp_listeners(0, host=host)
        port = listeners[0].socket.getsockname()[1]
        repository.url = f"http{'s' if context else ''}://{host}:{port}"
        await nursery.start(trio.serve_listeners, handle, listeners)
        yield repository
        nursery.cancel_scope.cancel()


def _secured(stream: trio.SocketStream, context: ssl.SSLContext | None) -> trio.abc.Stream:
    if context is None:
        return stream
    return trio.SSLStream(stream, context, server_side=True, https_compatible=True)


async def _converse(stream: trio.abc.Stream, repository: Repository) -> None:
    connection = h11.Connection(h11.SERVER)
    while True:
        asked = await _next(stream, connection)
        if asked is None:
            return
        repository.asked.append(asked)
        page = repository.pages.get(asked.path, always(Answer(status=404, body=b"not found")))
        if not await _send(stream, page(asked)):
            return
        connection = h11.Connection(h11.SERVER)


async def _next(stream: trio.abc.Stream, connection: h11.Connection) -> Asked | None:
    found: Asked | None = None
    while True:
        event = connection.next_event()
        if isinstance(event, h11.Request):
            headers = {k.decode(): v.decode() for k, v in event.headers}
            found = Asked(event.target.decode(), headers)
        elif isinstance(event, h11.EndOfMessage):
            return found
        elif event is h11.NEED_DATA:
            data = await stream.receive_some()
            if not data and found is None:
                return None
            connection.receive_data(bytes(data))
        else:
            return None


async def _send(stream: trio.abc.Stream, answer: Answer) -> bool:
    """Send it; False if the connection is over."""
    await trio.sleep(answer.delay)
    if answer.gate is not None:
        await answer.gate.wait()
    if answer.raw is not None:
        await stream.send_all(answer.raw)
        return False
    head = [f"HTTP/1.1 {answer.status} X", *(f"{k}: {v}" for k, v in answer.headers.items())]
    framed = answer.status != 304
    if answer.chunked:
        head.append("Transfer-Encoding: chunked")
    elif framed and not answer.endless:
        length = len(answer.body) if answer.length is None else answer.length
        head.append(f"Content-Length: {length}")
    await stream.send_all("\r\n".join([*head, "", ""]).encode("latin-1"))
    return await _send_body(stream, answer)


async def _send_body(stream: trio.abc.Stream, answer: Answer) -> bool:
    sent, body = 0, answer.body
    while answer.endless or sent < len(body):
        if answer.cut is not None and sent >= answer.cut:
            return False
        if answer.stop is not None and sent >= answer.stop:
            await trio.sleep_forever()
        bounds = [x for x in (answer.cut, answer.stop) if x is not None]
        piece = bytes(PIECE) if answer.endless else body[sent : min([sent + PIECE, *bounds])]
        framed = b"%x\r\n%s\r\n" % (len(piece), piece) if answer.chunked else piece
        await stream.send_all(framed)
        sent += len(piece)
        if answer.rate:
            await trio.sleep(len(piece) / answer.rate)
    if answer.stop is not None:
        await trio.sleep_forever()
    if answer.cut is not None:
        return False
    if answer.chunked:
        await stream.send_all(b"0\r\n\r\n")
    return answer.length is None or answer.length == len(body)
