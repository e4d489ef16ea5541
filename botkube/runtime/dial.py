"""Connects to HTTP servers: directly or through a proxy, in the clear or by TLS. Knows no requests but CONNECT."""

import os
import ssl
from base64 import b64encode
from functools import lru_cache
from typing import Final, TypeAlias
from urllib.parse import unquote, urlsplit

import msgspec
import trio

Stream: TypeAlias = "trio.SocketStream | trio.SSLStream[trio.SocketStream]"

_PORTS: Final = {"http": 80, "https": 443}
_LONGEST_HEAD: Final = 16 << 10
_OK: Final = b"200"


class Place(msgspec.Struct, frozen=True):
    """A server: connections to equal places can serve each other's requests."""

    scheme: str
    host: str
    port: int

    @property
    def authority(self) -> str:
        """Host and port as in a `Host` header."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"


class DialFailed(Exception):
    """No connection came about; the text says why, and holds no credential."""


def place_of(url: str) -> Place:
    """The server of a URL.

    Raises: ValueError unless it is an http or https URL with a host.
    """
    parts = urlsplit(url)
    if parts.scheme not in _PORTS or not parts.hostname:
        raise ValueError("it is no http or https URL")
    return Place(parts.scheme, parts.hostname, parts.port or _PORTS[parts.scheme])


def target_of(url: str) -> str:
    """What a request to the server of a URL names: path and query."""
    parts = urlsplit(url)
    path = parts.path or "/"
    return f"{path}?{parts.query}" if parts.query else path


@lru_cache(maxsize=64)
def address_of(url: str) -> tuple[Place, str]:
    """The server of a URL, and what is asked of it; kept, for URLs that are asked again and again.

    Raises: as `place_of`; the text does not hold the URL.
    """
    return place_of(url), target_of(url)


def credentials_of(url: str) -> str:
    """The value of a header for the user and password in a URL ("": it has none)."""
    parts = urlsplit(url)
    if parts.username is None:
        return ""
    pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
    return f"Basic {b64encode(pair.encode()).decode()}"


async def dial(
    place: Place, context: ssl.SSLContext, proxy: str = "", *, tunnel: bool = False
) -> Stream:
    """Connect to a server, for https with the handshake done.

    For http through a proxy this is a connection to the proxy, which wants whole URLs; with `tunnel` one to the server.

    Raises: DialFailed.
    Cancellation: nothing stays open.
    """
    first = place_of(proxy) if proxy else place
    plain = await _open(first)
    try:
        if proxy and (tunnel or place.scheme == "https"):
            await _tunnel(plain, place, proxy)
        if place.scheme == "http":
            return plain
        return await _secured(plain, place, context)
    except BaseException:
        plain.socket.close()
        raise


async def _open(place: Place) -> trio.SocketStream:
    try:
        return await trio.open_tcp_stream(place.host, place.port)
    except OSError as error:
        raise DialFailed(f"{place.host}:{place.port}: {_why(error)}") from error


def _why(error: OSError) -> str:
    """The system's words; trio's own only count attempts."""
    cause = error.__cause__
    if isinstance(cause, BaseExceptionGroup):
        cause = cause.exceptions[0]
    found = cause if isinstance(cause, OSError) else error
    number = found.errno or 0  # the resolver's are below zero
    return os.strerror(number) if number > 0 else found.strerror or str(found)


async def _tunnel(stream: trio.SocketStream, place: Place, proxy: str) -> None:
    name = f"[{place.host}]" if ":" in place.host else place.host
    target = f"{name}:{place.port}"
    lines = [f"CONNECT {target} HTTP/1.1", f"Host: {target}"]
    if credentials := credentials_of(proxy):
        lines.append(f"Proxy-Authorization: {credentials}")
    answer = b""
    try:
        await stream.send_all("\r\n".join([*lines, "", ""]).encode("latin-1"))
        while b"\r\n\r\n" not in answer and len(answer) < _LONGEST_HEAD:
            piece = await stream.receive_some(1)  # not a byte of what comes after it
            if not piece:
                break
            answer += piece
    except trio.BrokenResourceError as error:
        raise DialFailed("the proxy broke off") from error
    status = answer.split(b" ", 2)[1:2]
    if status != [_OK]:
        text = answer.split(b"\r\n", 1)[0][:100].decode("latin-1")
        raise DialFailed(f"the proxy does not connect to {target}: {text or 'it says nothing'}")


async def _secured(
    plain: trio.SocketStream, place: Place, context: ssl.SSLContext
) -> "trio.SSLStream[trio.SocketStream]":
    stream = trio.SSLStream(plain, context, server_hostname=place.host, https_compatible=True)
    try:
        await stream.do_handshake()
    except trio.BrokenResourceError as error:
        cause = error.__cause__
        why = getattr(cause, "verify_message", "") or getattr(cause, "reason", "") or "it broke off"
        raise DialFailed(f"TLS with {place.host}:{place.port} failed: {why}") from error
    return stream
