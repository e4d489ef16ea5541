"""What a plugin may send that breaks, strains or bends HTTP/2 and gRPC; each by the name of its function."""

import os
import socket
import time
from collections.abc import Callable

from tests.fakes.plugins.rawh2 import (
    CONTINUATION,
    DATA,
    END_HEADERS,
    END_STREAM,
    GOAWAY,
    HEADERS,
    MESSAGE,
    OK,
    PADDED,
    PING,
    PUSH,
    RST,
    SETTINGS,
    SETTINGS_OF_OURS,
    WINDOW,
    Conn,
    field,
    frame,
    framed,
    header,
    number,
    setting,
)

BIG = 2**31 - 1
MANY = 100_000
ANSWER = framed(field(1, MESSAGE))


# In place of a preface.


def garbage(conn: Conn, _: int) -> None:
    conn.send(bytes(range(256)) * 64)


def http1(conn: Conn, _: int) -> None:
    conn.send(b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n")


def client_preface(conn: Conn, _: int) -> None:
    conn.send(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + SETTINGS_OF_OURS)


def tls_alert(conn: Conn, _: int) -> None:
    conn.send(b"\x15\x03\x01\0\x02\x02\x0a")


def silence(_: Conn, __: int) -> None:
    pass


def hang_up(conn: Conn, _: int) -> None:
    conn.close()


def no_settings(conn: Conn, _: int) -> None:
    conn.frame(PING, payload=bytes(8))


def _settings(conn: Conn, payload: bytes, stream: int = 0, flags: int = 0) -> None:
    conn.frame(SETTINGS, flags, stream, payload)


def settings_window_too_large(conn: Conn, _: int) -> None:
    _settings(conn, setting(4, 2**31))


def settings_frame_size_zero(conn: Conn, _: int) -> None:
    _settings(conn, setting(5, 0))


def settings_cut(conn: Conn, _: int) -> None:
    _settings(conn, setting(1, 0)[:5])


def settings_on_a_stream(conn: Conn, _: int) -> None:
    _settings(conn, b"", stream=1)


def settings_ack_with_payload(conn: Conn, _: int) -> None:
    _settings(conn, setting(1, 0), flags=1)


def settings_push(conn: Conn, _: int) -> None:
    _settings(conn, setting(2, 7))


def no_streams(conn: Conn, _: int) -> None:
    _settings(conn, setting(3, 0))


def no_window(conn: Conn, _: int) -> None:
    _settings(conn, setting(4, 0))


# Frames on a connection in use; `stream` is the request that is being answered, or the next one.


def unknown_frames(conn: Conn, stream: int) -> None:
    conn.send(b"".join(frame(0x42 + n % 64, n % 256, 0, b"data") for n in range(200)))
    conn.reply(stream, field(1, MESSAGE))


def oversize(conn: Conn, _: int) -> None:
    conn.frame(DATA, 0, 1, bytes(2**20))


def oversize_announced(conn: Conn, _: int) -> None:
    conn.send(b"\xff\xff\xff\0\0\0\0\0\1" + bytes(100))


def cut_frame(conn: Conn, stream: int) -> None:
    conn.headers(stream)
    conn.send(frame(DATA, 0, stream, ANSWER)[:-5])
    conn.close()


def settings_flood(conn: Conn, _: int) -> None:
    _flood(conn, frame(SETTINGS))


def ping_flood(conn: Conn, _: int) -> None:
    _flood(conn, frame(PING, payload=b"12345678"))


def rst_flood(conn: Conn, stream: int) -> None:
    _flood(conn, frame(RST, 0, stream, number(8)))


def empty_data_flood(conn: Conn, stream: int) -> None:
    conn.headers(stream)
    _flood(conn, frame(DATA, 0, stream))


def window_flood(conn: Conn, _: int) -> None:
    _flood(conn, frame(WINDOW, 0, 1, number(1)))


def _flood(conn: Conn, one: bytes) -> None:
    """A lot of a frame, without reading what comes back."""
    for _ in range(MANY // 500):
        conn.send(one * 500)


def goaway_error(conn: Conn, _: int) -> None:
    conn.frame(GOAWAY, payload=number(0) + number(11) + b"too_many_pings")


def goaway_storm(conn: Conn, _: int) -> None:
    for last in range(200):
        conn.frame(GOAWAY, payload=number(BIG - last) + number(0))


def goaway_rising(conn: Conn, _: int) -> None:
    for last in range(200):
        conn.frame(GOAWAY, payload=number(2 * last + 1) + number(0))


def goaway_short(conn: Conn, _: int) -> None:
    conn.frame(GOAWAY, payload=b"\0\0")


def window_overflow(conn: Conn, _: int) -> None:
    conn.frame(WINDOW, payload=number(BIG))
    conn.frame(WINDOW, payload=number(BIG))


def stream_window_overflow(conn: Conn, stream: int) -> None:
    conn.frame(WINDOW, 0, stream, number(BIG))


def window_of_nothing(conn: Conn, _: int) -> None:
    conn.frame(WINDOW, payload=number(0))


def window_settings_overflow(conn: Conn, _: int) -> None:
    conn.frame(WINDOW, 0, 1, number(BIG - 70_000))
    _settings(conn, setting(4, BIG))


def push_promise(conn: Conn, stream: int) -> None:
    conn.frame(PUSH, END_HEADERS, stream, number(2) + b"\x82\x84\x86")


def continuation_flood(conn: Conn, stream: int) -> None:
    conn.frame(HEADERS, 0, stream, OK)
    for _ in range(1000):
        conn.frame(CONTINUATION, 0, stream, b"")


def naked_continuation(conn: Conn, stream: int) -> None:
    conn.frame(CONTINUATION, END_HEADERS, stream, OK)


def torn_headers(conn: Conn, stream: int) -> None:
    conn.frame(HEADERS, 0, stream, OK)
    conn.frame(PING, payload=bytes(8))


def hpack_bomb(conn: Conn, stream: int) -> None:
    kept = b"\x40" + header(b"x" * 100, b"y" * 3800)[1:]  # in the table, as number 62
    _long_headers(conn, stream, OK + kept + b"\xbe" * 30_000)


def hpack_bad_index(conn: Conn, stream: int) -> None:
    conn.headers(stream, b"\xff\xff\xff\x7f")


def hpack_huge_table(conn: Conn, stream: int) -> None:
    conn.headers(stream, b"\x3f\xe1\xff\xff\x7f" + OK)


def huge_header(conn: Conn, stream: int) -> None:
    _long_headers(conn, stream, OK + header(b"x", b"y" * 2**21))


def _long_headers(conn: Conn, stream: int, block: bytes, *, flags: int = 0) -> None:
    pieces = [block[at : at + 16_384] for at in range(0, len(block), 16_384)]
    conn.frame(HEADERS, flags, stream, pieces[0])
    for piece in pieces[1:-1]:
        conn.frame(CONTINUATION, 0, stream, piece)
    conn.frame(CONTINUATION, END_HEADERS, stream, pieces[-1])


def data_on_stream_zero(conn: Conn, _: int) -> None:
    conn.frame(DATA, 0, 0, b"data")


def data_on_an_idle_stream(conn: Conn, _: int) -> None:
    conn.frame(DATA, 0, 9999, b"data")


def headers_of_a_request(conn: Conn, _: int) -> None:
    conn.headers(2, b"\x82\x84\x86")


def bad_padding(conn: Conn, stream: int) -> None:
    conn.headers(stream)
    conn.frame(DATA, PADDED, stream, b"\xff" + b"x" * 20)


def too_much_for_the_window(conn: Conn, stream: int) -> None:
    """The beginning of a message that never ends."""
    conn.headers(stream)
    for _ in range(63):
        conn.frame(DATA, 0, stream, framed(bytes(2**20))[:16_384])


def more_than_the_window(conn: Conn, stream: int) -> None:
    conn.headers(stream)
    for _ in range(64):
        conn.frame(DATA, 0, stream, framed(bytes(16_000)))


# Answers that are odd, or none.


def no_trailers(conn: Conn, stream: int) -> None:
    conn.headers(stream)
    conn.frame(DATA, END_STREAM, stream, ANSWER)


def trailers_only(conn: Conn, stream: int) -> None:
    conn.status(stream, 2, b"no%20such%20luck")


def no_status(conn: Conn, stream: int) -> None:
    conn.headers(stream, OK, end=True)


def status_zero_without_message(conn: Conn, stream: int) -> None:
    conn.status(stream, 0)


def status_99(conn: Conn, stream: int) -> None:
    conn.status(stream, 99)


def status_of_letters(conn: Conn, stream: int) -> None:
    conn.headers(stream, OK + header(b"grpc-status", b"well"), end=True)


def text_with_controls(conn: Conn, stream: int) -> None:
    conn.status(stream, 2, b"red %1B[31m%0A%00line two\x1b[0m %zz")


def text_of_a_megabyte(conn: Conn, stream: int) -> None:
    block = OK + header(b"grpc-status", b"2") + header(b"grpc-message", b"x" * 900_000)
    _long_headers(conn, stream, block, flags=END_STREAM)


def http_404(conn: Conn, stream: int) -> None:
    conn.headers(stream, b"\x8d" + header(b"content-type", b"text/html"))
    conn.frame(DATA, END_STREAM, stream, b"<html>")


def switching_protocols(conn: Conn, stream: int) -> None:
    conn.headers(stream, header(b":status", b"101"))


def informational(conn: Conn, stream: int) -> None:
    for _ in range(500):
        conn.headers(stream, header(b":status", b"103"))
    conn.reply(stream, field(1, MESSAGE))


def no_http_status(conn: Conn, stream: int) -> None:
    conn.headers(stream, header(b"content-type", b"application/grpc"))


def two_http_statuses(conn: Conn, stream: int) -> None:
    conn.headers(stream, b"\x88" + OK)
    conn.data(stream, ANSWER)
    conn.trailers(stream)


def odd_headers(conn: Conn, stream: int) -> None:
    conn.headers(
        stream, OK + header(b"X-Upper", b"\xff\0\r\n") + header(b"", b"") + header(b"x-bin", b"!")
    )
    conn.data(stream, ANSWER)
    conn.trailers(stream)


def data_before_headers(conn: Conn, stream: int) -> None:
    conn.frame(DATA, 0, stream, ANSWER)


def headers_twice(conn: Conn, stream: int) -> None:
    conn.headers(stream)
    conn.headers(stream)


def data_after_the_end(conn: Conn, stream: int) -> None:
    conn.reply(stream, field(1, MESSAGE))
    conn.frame(DATA, 0, stream, b"more")


def gzip_flag(conn: Conn, stream: int) -> None:
    conn.headers(stream)
    conn.data(stream, framed(MESSAGE, flag=1))
    conn.trailers(stream)


def length_lies(conn: Conn, stream: int) -> None:
    conn.headers(stream)
    conn.data(stream, framed(field(1, MESSAGE), length=1000))
    conn.trailers(stream)


def length_of_4_gib(conn: Conn, stream: int) -> None:
    conn.headers(stream)
    conn.data(stream, framed(b"x", length=2**32 - 1))


def message_over_the_limit(conn: Conn, stream: int) -> None:
    conn.headers(stream)
    conn.data(stream, framed(field(1, bytes(65 * 2**20))))
    conn.trailers(stream)


def two_answers(conn: Conn, stream: int) -> None:
    conn.headers(stream)
    conn.data(stream, ANSWER + ANSWER)
    conn.trailers(stream)


def drip(conn: Conn, stream: int) -> None:
    """An answer byte by byte."""
    conn.headers(stream)
    for at in range(len(ANSWER)):
        conn.data(stream, ANSWER[at : at + 1])
    conn.trailers(stream)


def reset_refused(conn: Conn, stream: int) -> None:
    conn.frame(RST, 0, stream, number(7))


def reset_calm(conn: Conn, stream: int) -> None:
    conn.frame(RST, 0, stream, number(11))


def reset_unknown(conn: Conn, stream: int) -> None:
    conn.frame(RST, 0, stream, number(BIG))


def reset_behind_the_answer(conn: Conn, stream: int) -> None:
    conn.reply(stream, field(1, MESSAGE))
    conn.frame(RST, 0, stream, number(0))


def half_closed(conn: Conn, stream: int) -> None:
    conn.reply(stream, field(1, MESSAGE))
    conn._sock.shutdown(socket.SHUT_WR)


def exits(_: Conn, __: int) -> None:
    os._exit(7)


def never(_: Conn, __: int) -> None:
    """No answer, while everything else goes on."""


def hangs(conn: Conn, _: int) -> None:
    """No command is ever answered."""
    for _stream, method, _body in conn.requests():
        if method == "Check":
            conn.reply(_stream, b"\x08\x01")


def freezes(_: Conn, __: int) -> None:
    """No answer to anything any more."""
    time.sleep(300)


ACTS: dict[str, Callable[[Conn, int], None]] = {
    name: found
    for name, found in list(globals().items())
    if callable(found) and getattr(found, "__module__", "") == __name__ and not name.startswith("_")
}
