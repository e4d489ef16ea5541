"""A forward proxy on a real socket: CONNECT, and whole URLs for http; it notes what it was asked for."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from urllib.parse import urlsplit

import trio


class Forward:
    """What was asked, as (method, target, credentials)."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, str]] = []
        self.refuse = False
        self.url = ""


async def _pump(source: trio.SocketStream, sink: trio.SocketStream) -> None:
    with suppress(trio.BrokenResourceError, trio.ClosedResourceError):
        async for data in source:
            await sink.send_all(data)
        await sink.send_eof()


async def _serve(stream: trio.SocketStream, proxy: Forward) -> None:
    head = b""
    while b"\r\n\r\n" not in head:
        data = await stream.receive_some(4096)
        if not data:
            return
        head += data
    method, target, _ = head.split(b"\r\n", 1)[0].decode().split(" ", 2)
    lines = head.decode("latin-1").split("\r\n")
    found = [x.partition(": ")[2] for x in lines if x.lower().startswith("proxy-authorization:")]
    proxy.asked.append((method, target, found[0] if found else ""))
    if proxy.refuse:
        await stream.send_all(b"HTTP/1.1 407 No\r\nContent-Length: 0\r\n\r\n")
        return
    place = urlsplit(f"//{target}" if method == "CONNECT" else target)
    there = await trio.open_tcp_stream(place.hostname or "", place.port or 80)
    async with there, trio.open_nursery() as nursery:
        if method == "CONNECT":
            await stream.send_all(b"HTTP/1.1 200 Connected\r\n\r\n")
        else:
            await there.send_all(head)
        nursery.start_soon(_pump, stream, there)
        await _pump(there, stream)
        nursery.cancel_scope.cancel()


@asynccontextmanager
async def forwarding() -> AsyncGenerator[Forward]:
    """A proxy while the block runs."""
    proxy = Forward()

    async def handle(stream: trio.SocketStream) -> None:
        async with stream:
            await _serve(stream, proxy)

    async with trio.open_nursery() as nursery:
        listeners = await trio.open_tcp_listeners(0, host="127.0.0.1")
        proxy.url = f"http://127.0.0.1:{listeners[0].socket.getsockname()[1]}"
        await nursery.start(trio.serve_listeners, handle, listeners)
        yield proxy
        nursery.cancel_scope.cancel()
