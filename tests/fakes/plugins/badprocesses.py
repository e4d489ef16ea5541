"""Processes that print, die, linger or multiply in bad ways; each by the name of its function."""

import _thread
import os
import resource
import signal
import socket
import time
from collections.abc import Callable
from contextlib import suppress

from tests.fakes.plugins.rawh2 import EVENT, Conn, Plugin, field, framed, listen

KIB, MIB = 1024, 2**20
SLEEP = 300


def _nothing(_: Conn, __: int) -> None:
    pass


def _serve(method: str = "none", act: Callable[[Conn, int], None] = _nothing) -> None:
    with suppress(KeyboardInterrupt):
        Plugin(method, act).serve(listen())


def _err(data: bytes) -> None:
    at = 0
    while at < len(data):
        at += os.write(2, data[at : at + 64 * KIB])


def _wait() -> None:
    while True:
        time.sleep(SLEEP)


# What is printed to stderr by one that dies of it, so that it is its last words too.


def _dies_saying(data: bytes) -> None:
    _err(data)
    os._exit(3)


def wrong_types() -> None:
    _dies_saying(b'{"@level":5,"@message":{"a":[1]},"@timestamp":[],"@module":null}\n')


def spoofed_fields() -> None:
    _dies_saying(
        b'{"@level":"info","@message":"m","plugin":"other/good","time":1,"level":"x","msg":"y"}\n'
    )


def forged_line() -> None:
    text = rb"all is well\n2024-05-01T12:00:00Z error plugins: other/good failed\r\u0000"
    _dies_saying(b'{"@level":"info","@message":"' + text + b'"}\n')


def long_line() -> None:
    _dies_saying(b"x" * MIB + b"\n")


def endless_line() -> None:
    _dies_saying(b"x" * (3 * MIB))


def binary() -> None:
    _dies_saying(bytes(range(256)) * 40)


def colours() -> None:
    _dies_saying(b"\x1b[31mred\x1b[0m \x1b]0;title\x07 \x9b31m\nlast\r\x08\n")


def no_unicode() -> None:
    _dies_saying(b"\xff\xfe\xfa \xe2\x80\xa8 \xf0\x9f\n")


def deep_line() -> None:
    _dies_saying(b'{"@message":' + b"[" * 30_000 + b"\n" + b'{"a":' * 10_000 + b"\n")


def big_numbers() -> None:
    _dies_saying(b'{"@message":"m","n":' + b"9" * 30_000 + b',"f":1e999}\n')


def many_keys() -> None:
    _dies_saying(b"{" + b",".join(b'"k%d":1' % n for n in range(4000)) + b',"@message":"m"}\n')


def newlines() -> None:
    _dies_saying(b"\n" * (2 * MIB))


def short_lines() -> None:
    _dies_saying(b"a\n" * MIB)


def go_panic() -> None:
    _dies_saying(b"panic: b\x1b[31mo\0om\n\ngoroutine 1 [running]:\n" + b"main.main()\n" * 100)


# Ends.


def code_0_at_once() -> None:
    os._exit(0)


def code_255() -> None:
    os._exit(255)


def ends_behind_the_handshake() -> None:
    with listen():
        os._exit(0)


def segfault() -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.kill(os.getpid(), signal.SIGSEGV)


def abort() -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.abort()


def real_time_signal() -> None:
    os.kill(os.getpid(), 40)


def terminated() -> None:
    os.kill(os.getpid(), signal.SIGTERM)


def stopped_at_once() -> None:
    os.kill(os.getpid(), signal.SIGSTOP)


def stopped_behind_the_handshake() -> None:
    with listen():
        os.kill(os.getpid(), signal.SIGSTOP)


def stopped_in_a_call() -> None:
    _serve("Execute", lambda _, __: os.kill(os.getpid(), signal.SIGSTOP))


def exits_in_a_call() -> None:
    _serve("Execute", lambda _, __: os._exit(0))


def segfaults_in_a_call() -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _serve("Execute", lambda _, __: os.kill(os.getpid(), signal.SIGSEGV))


def exits_in_a_stream() -> None:
    def act(conn: Conn, stream: int) -> None:
        conn.headers(stream)
        conn.data(stream, framed(field(1, EVENT)))
        os._exit(9)

    _serve("Stream", act)


# Children, which hold its pipes.


def _child() -> None:
    if os.fork() == 0:
        _wait()


def _daemon() -> None:
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            _wait()
        os._exit(0)
    os.wait()


def leaves_a_child() -> None:
    _child()
    os._exit(4)


def leaves_a_session() -> None:
    if os.fork() == 0:
        os.setsid()
        _wait()
    time.sleep(0.05)
    os._exit(4)


def leaves_a_daemon() -> None:
    _daemon()
    os._exit(4)


def leaves_twenty() -> None:
    for _ in range(10):
        _child()
        _daemon()
    os._exit(4)


def leaves_one_that_ignores_everything() -> None:
    if os.fork() == 0:
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        os.setsid()
        _wait()
    time.sleep(0.05)
    os._exit(4)


def child_keeps_printing() -> None:
    if os.fork() == 0:
        while True:
            _err(b"still here\n")
            time.sleep(0.001)
    os._exit(4)


def serves_with_daemons() -> None:
    _child()
    _daemon()
    _serve()


# Those that do not want to go.


def ignores_sigterm() -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    _serve("Shutdown", _nothing)


def answers_shutdown_and_stays() -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    _serve("Shutdown", lambda conn, stream: conn.reply(stream, b""))


def hangs_up_at_shutdown_and_stays() -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    _serve("Shutdown", lambda conn, _: conn.close())


def floods_at_shutdown() -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)

    def act(conn: Conn, stream: int) -> None:
        while True:
            _err(b"no, no, no\n" * 1000)

    _serve("Shutdown", act)


def forks_at_sigterm() -> None:
    def more(_: int, __: object) -> None:
        _child()
        _daemon()

    signal.signal(signal.SIGTERM, more)
    _serve("Shutdown", _nothing)


# Floods.


def floods_stdout() -> None:
    listener = listen()
    line = b"x" * 1023 + b"\n"
    for _ in range(128):
        os.write(1, line * 512)
    _done(listener)


def floods_stderr() -> None:
    listener = listen()
    line = b"x" * 1023 + b"\n"
    for _ in range(128):
        _err(line * 512)
    _done(listener)


def _done(listener: socket.socket) -> None:
    with suppress(KeyboardInterrupt):
        Plugin("none", _nothing).serve(listener)


def floods_stdio() -> None:
    def act(conn: Conn, stream: int) -> None:
        conn.headers(stream)
        chunk = framed(b"\x08\x01" + field(2, b"x" * 1023 + b"\n"))
        for _ in range(32):
            conn.data(stream, chunk * 256)

    _serve("StreamStdio", act)


def floods_events() -> None:
    def act(conn: Conn, stream: int) -> None:
        conn.headers(stream)
        text = b'{"Message":{"baseBody":{"plaintext":"' + b"x" * 900 + b'"}},"RawObject":{}}'
        while True:
            conn.data(stream, framed(field(1, text)) * 64)

    _serve("Stream", act)


def floods_everything() -> None:
    """64 MiB of each: stdout, stderr, mirrored output and events; all at the same time."""
    line = b"x" * 1023 + b"\n"
    chunk = framed(b"\x08\x02" + field(2, line))
    event = framed(
        field(1, b'{"Message":{"baseBody":{"plaintext":"' + line[:900] + b'"}},"RawObject":{}}')
    )

    def printing(number: int) -> None:
        for _ in range(128):
            os.write(number, line * 512)

    def pour(conn: Conn, stream: int, piece: bytes) -> None:
        with suppress(OSError):
            conn.headers(stream)
            for _ in range(64 * MIB // len(piece)):
                conn.pour(stream, piece)

    def start(piece: bytes) -> Callable[[Conn, int], None]:
        def act(conn: Conn, stream: int) -> None:
            _thread.start_new_thread(pour, (conn, stream, piece))

        return act

    listener = listen()
    for number in (1, 2):
        _thread.start_new_thread(printing, (number,))
    plugin = Plugin("StreamStdio", start(chunk * 12))
    plugin.acts["Stream"] = start(event * 12)
    with suppress(KeyboardInterrupt):
        plugin.serve(listener)


def prints_secrets_of_nobody() -> None:
    """What it was given, as its last words."""
    names = sorted(os.environ)
    _dies_saying((" ".join(names) + "\n").encode())


ACTS: dict[str, Callable[[], None]] = {
    name: found
    for name, found in list(globals().items())
    if callable(found) and getattr(found, "__module__", "") == __name__ and not name.startswith("_")
}
