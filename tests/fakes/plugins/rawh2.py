"""A plugin's side of HTTP/2 as bytes, for plugins that break it. Checks nothing; standard library only.

The host is told to use no table for its headers, so that the path of a request can be read as it stands.
"""

import _thread
import os
import re
import socket
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress

DATA, HEADERS, PRIORITY, RST, SETTINGS, PUSH, PING, GOAWAY, WINDOW, CONTINUATION = range(10)
END_STREAM, END_HEADERS, ACK, PADDED = 1, 4, 1, 8
PREFACE = len(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
CHUNK = 16_384
MESSAGE = b'{"baseBody":{"plaintext":"fine"}}'
EVENT = b'{"Message":{"baseBody":{"plaintext":"event"}},"RawObject":{}}'


def frame(kind: int, flags: int = 0, stream: int = 0, payload: bytes = b"") -> bytes:
    head = len(payload).to_bytes(3, "big") + bytes((kind, flags)) + stream.to_bytes(4, "big")
    return head + payload


def setting(name: int, value: int) -> bytes:
    return name.to_bytes(2, "big") + value.to_bytes(4, "big")


def number(value: int) -> bytes:
    """A WINDOW_UPDATE's or RST_STREAM's payload."""
    return value.to_bytes(4, "big")


def varint(value: int) -> bytes:
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes((*out, value))


def field(key: int, data: bytes) -> bytes:
    """A protobuf field that holds bytes."""
    return varint(key << 3 | 2) + varint(len(data)) + data


def framed(message: bytes, flag: int = 0, length: int | None = None) -> bytes:
    """A gRPC message with its prefix."""
    size = len(message) if length is None else length
    return bytes((flag,)) + size.to_bytes(4, "big") + message


def header(name: bytes, value: bytes) -> bytes:
    """One header, spelled out."""
    return b"\0" + _text(name) + _text(value)


def _text(text: bytes) -> bytes:
    # HPACK's integer with a prefix of seven bits.
    size = bytes((len(text),)) if len(text) < 127 else b"\x7f" + varint(len(text) - 127)
    return size + text


OK = b"\x88" + header(b"content-type", b"application/grpc")
SETTINGS_OF_OURS = frame(SETTINGS, payload=setting(1, 0))


class Conn:
    """One connection of the host."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._data = b""
        self._lock = _thread.allocate_lock()
        self._windows: dict[int, int] = {}  # what may still be sent on a stream
        self._later: list[tuple[int, int, int, bytes]] = []  # came while something was being sent

    def send(self, data: bytes) -> None:
        """Send whole frames."""
        with self._lock:
            self._sock.sendall(data)

    def frame(self, kind: int, flags: int = 0, stream: int = 0, payload: bytes = b"") -> None:
        self.send(frame(kind, flags, stream, payload))

    def headers(self, stream: int, block: bytes = OK, *, end: bool = False) -> None:
        self.frame(HEADERS, END_HEADERS | (END_STREAM if end else 0), stream, block)

    def trailers(self, stream: int, status: int = 0, message: bytes = b"") -> None:
        block = header(b"grpc-status", str(status).encode())
        self.headers(
            stream, block + (header(b"grpc-message", message) if message else b""), end=True
        )

    def status(self, stream: int, status: int, message: bytes = b"") -> None:
        """An answer that is nothing but a status."""
        block = OK + header(b"grpc-status", str(status).encode())
        self.headers(stream, block + header(b"grpc-message", message), end=True)

    def data(self, stream: int, data: bytes) -> None:
        """Send under flow control."""
        for at in range(0, len(data), CHUNK):
            piece = data[at : at + CHUNK]
            while self._window(stream) < len(piece):
                self._later.append(self._one())
                if self._later[-1][0] == RST:
                    return  # nobody wants more of it
            self._window(stream, -len(piece))
            self.frame(DATA, 0, stream, piece)

    def pour(self, stream: int, data: bytes) -> None:
        """Send one frame, in a thread beside the one that reads."""
        while self._window(stream) < len(data):
            time.sleep(0.0005)
        self._window(stream, -len(data))
        self.frame(DATA, 0, stream, data)

    def _window(self, stream: int, more: int = 0) -> int:
        with self._lock:
            self._windows[stream] = self._windows.get(stream, 256 * 1024) + more
            return self._windows[stream]

    def reply(self, stream: int, message: bytes) -> None:
        """A whole answer."""
        self.headers(stream)
        self.data(stream, framed(message))
        self.trailers(stream)

    def close(self) -> None:
        self._sock.shutdown(socket.SHUT_RDWR)

    def skip_preface(self) -> None:
        self._take(PREFACE)

    def requests(self) -> Iterator[tuple[int, str, bytes]]:
        """Stream, method and body of each request; SETTINGS and PING are answered."""
        paths: dict[int, str] = {}
        bodies: dict[int, bytes] = {}
        while True:
            kind, flags, stream, payload = self._later.pop(0) if self._later else self._one()
            if kind == HEADERS:
                paths[stream] = _method_of(payload)
                bodies[stream] = b""
            elif kind == DATA and stream in bodies:
                bodies[stream] += payload
            if kind in {HEADERS, DATA} and flags & END_STREAM and stream in paths:
                yield stream, paths.pop(stream), bodies.pop(stream)[5:]

    def drain(self) -> None:
        """Read what the host sends until it hangs up."""
        while True:
            self._one()

    def _one(self) -> tuple[int, int, int, bytes]:
        head = self._take(9)
        payload = self._take(int.from_bytes(head[:3], "big"))
        kind, flags, stream = head[3], head[4], int.from_bytes(head[5:], "big")
        if kind == SETTINGS and not flags & ACK:
            self.frame(SETTINGS, ACK)
        elif kind == PING and not flags & ACK:
            self.frame(PING, ACK, payload=payload)
        elif kind == WINDOW and stream:
            self._window(stream, int.from_bytes(payload, "big"))
        return kind, flags, stream, payload

    def _take(self, size: int) -> bytes:
        while len(self._data) < size:
            more = self._sock.recv(65_536)
            if not more:
                raise ConnectionError
            self._data += more
        taken, self._data = self._data[:size], self._data[size:]
        return taken


def _method_of(headers: bytes) -> str:
    """The last part of the path, which is the one text with two slashes, behind its length."""
    found = re.search(rb"(.)(/[\w.]+/\w+)", headers, re.DOTALL)
    return found[2][: found[1][0]].rpartition(b"/")[2].decode() if found else ""


def say(text: str) -> None:
    os.write(1, text.encode())


def listen(path: str = "") -> socket.socket:
    """Listen and print the handshake."""
    path = path or f"{os.environ['PLUGIN_UNIX_SOCKET_DIR']}/s"
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(path)
    listener.listen()
    say(f"1|3|unix|{path}|grpc|\n")
    return listener


class Plugin:
    """A good plugin, except that the first request for `method` is given to `act`."""

    def __init__(self, method: str, act: Callable[[Conn, int], None]) -> None:
        self._method = method
        self.acts = {method: act}

    def serve(self, listener: socket.socket) -> None:
        while True:
            sock, _ = listener.accept()
            _thread.start_new_thread(self._connection, (sock,))

    def _connection(self, sock: socket.socket) -> None:
        conn = Conn(sock)
        with suppress(OSError):
            if act := self.acts.pop("connect", None):
                act(conn, 0)
                conn.drain()
            conn.send(SETTINGS_OF_OURS)
            conn.skip_preface()
            for stream, method, body in conn.requests():
                self._answer(conn, stream, method, body)

    def _answer(self, conn: Conn, stream: int, method: str, body: bytes) -> None:
        if act := self.acts.pop(method, None):
            act(conn, stream)
        elif method == "Check":
            self._check(conn, stream, body)
        elif method == "Execute":
            conn.reply(stream, field(1, MESSAGE))
        elif method == "Stream":
            conn.headers(stream)
            conn.data(stream, framed(field(1, EVENT)))
        elif method == "Shutdown":
            conn.reply(stream, b"")
            os._exit(0)
        elif method != "StreamStdio":
            conn.status(stream, 12)

    def _check(self, conn: Conn, stream: int, body: bytes) -> None:
        if b"Streaming" not in body or self._method == "ExecuteStream":
            conn.reply(stream, b"\x08\x01")
        else:
            conn.status(stream, 5)
            if act := self.acts.pop("ready", None):
                act(conn, stream + 2)


def run(method: str, act: Callable[[Conn, int], None]) -> None:
    """Serve for ever."""
    listener = listen()
    with suppress(KeyboardInterrupt):
        Plugin(method, act).serve(listener)
    sys.exit(0)
