"""First lines on stdout that are no handshakes, or odd ones; each by the name of its function."""

import os
import socket
import sys
import time
from collections.abc import Callable
from contextlib import suppress

from tests.fakes.plugins.rawh2 import Conn, Plugin, listen, say


def _own() -> str:
    return f"{os.environ['PLUGIN_UNIX_SOCKET_DIR']}/s"


def _wait() -> None:
    while True:
        time.sleep(60)


def _say(line: bytes) -> None:
    os.write(1, line)
    _wait()


def _ignore(_: Conn, __: int) -> None:
    pass


def _serve(line: str) -> None:
    """A good plugin with this handshake."""
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(_own())
    listener.listen()
    say(line)
    with suppress(KeyboardInterrupt):
        Plugin("none", _ignore).serve(listener)


def empty() -> None:
    _say(b"\n")


def spaces() -> None:
    _say(b"   \n")


def none() -> None:
    _wait()


def closed() -> None:
    os.close(1)
    _wait()


def half() -> None:
    os.write(1, b"1|3|unix|/tmp")
    os.close(1)
    _wait()


def too_long() -> None:
    _say(b"1|3|unix|/" + b"a" * 5000 + b"|grpc|\n")


def endless() -> None:
    line = b"x" * 4096
    while True:
        os.write(1, line)


def path_too_long() -> None:
    _say(b"1|3|unix|/" + b"a" * 200 + b"|grpc|\n")


def nul() -> None:
    _say(b"1|3|unix|/tmp/a\0b|grpc|\n")


def not_text() -> None:
    _say(b"1|3|unix|/tmp/\xff\xfe|grpc|\n")


def byte_order_mark() -> None:
    _say(b"\xef\xbb\xbf1|3|unix|/tmp/a|grpc|\n")


def coloured() -> None:
    _say(b"\x1b[32m1|3|unix|/tmp/a|grpc|\x1b[0m\n")


def usage() -> None:
    _say(b"Usage: tool [options]\n")


def shell() -> None:
    _say(b"/bin/sh: 1: tool: not found\n")


def core_2() -> None:
    _say(b"2|3|unix|/tmp/a|grpc|\n")


def core_of_letters() -> None:
    _say(b"one|3|unix|/tmp/a|grpc|\n")


def app_4() -> None:
    _say(b"1|4|unix|/tmp/a|grpc|\n")


def app_of_many_digits() -> None:
    _say(b"1|" + b"9" * 4000 + b"|unix|/tmp/a|grpc|\n")


def app_negative() -> None:
    _say(b"1|-3|unix|/tmp/a|grpc|\n")


def netrpc() -> None:
    _say(b"1|3|unix|/tmp/a|netrpc|\n")


def no_protocol() -> None:
    _say(b"1|3|unix|/tmp/a\n")


def network_of_its_own() -> None:
    _say(b"1|3|vsock|3:1024|grpc|\n")


def tcp_without_port() -> None:
    _say(b"1|3|tcp|localhost|grpc|\n")


def tcp_elsewhere() -> None:
    _say(b"1|3|tcp|192.0.2.1:80|grpc|\n")


def tcp_nobody() -> None:
    _say(b"1|3|tcp|127.0.0.1:1|grpc|\n")


def certificate() -> None:
    _say(b"1|3|unix|/tmp/a|grpc|" + b"MIIB" * 100 + b"\n")


def multiplexed() -> None:
    _say(b"1|3|unix|/tmp/a|grpc||true\n")


def relative() -> None:
    _say(b"1|3|unix|../../etc/passwd|grpc|\n")


def traversal() -> None:
    _say(f"1|3|unix|{_own()}/../../../etc/passwd|grpc|\n".encode())


def missing() -> None:
    _say(f"1|3|unix|{_own()}|grpc|\n".encode())


def a_file() -> None:
    with open(_own(), "w"):  # noqa: PTH123 - pathlib takes long to import
        _say(f"1|3|unix|{_own()}|grpc|\n".encode())


def a_folder() -> None:
    os.mkdir(_own())  # noqa: PTH102
    _say(f"1|3|unix|{_own()}|grpc|\n".encode())


def a_pipe() -> None:
    os.mkfifo(_own())
    _say(f"1|3|unix|{_own()}|grpc|\n".encode())


def datagrams() -> None:
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    sock.bind(_own())
    _say(f"1|3|unix|{_own()}|grpc|\n".encode())


def not_listening() -> None:
    sock = socket.socket(socket.AF_UNIX)
    sock.bind(_own())
    _say(f"1|3|unix|{_own()}|grpc|\n".encode())


def full() -> None:
    """Nobody accepts, and the queue is full."""
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(_own())
    listener.listen(0)
    waiting = [socket.socket(socket.AF_UNIX) for _ in range(2)]
    for sock in waiting:
        with suppress(BlockingIOError):
            sock.settimeout(0)
            sock.connect(_own())
    _say(f"1|3|unix|{_own()}|grpc|\n".encode())


def of_another() -> None:
    """Names the socket of the plugin whose directory is the other one here."""
    above = os.path.dirname(os.environ["PLUGIN_UNIX_SOCKET_DIR"])  # noqa: PTH120
    [other] = {f"{above}/{name}/s" for name in os.listdir(above)} - {_own()}  # noqa: PTH208
    _say(f"1|3|unix|{other}|grpc|\n".encode())


def linked_to_another() -> None:
    above = os.path.dirname(os.environ["PLUGIN_UNIX_SOCKET_DIR"])  # noqa: PTH120
    [other] = {f"{above}/{name}/s" for name in os.listdir(above)} - {_own()}  # noqa: PTH208
    os.symlink(other, _own())  # noqa: PTH211
    _say(f"1|3|unix|{_own()}|grpc|\n".encode())


# What is odd, and taken.


def carriage_return() -> None:
    _serve(f"1|3|unix|{_own()}|grpc|\r\n")


def five_fields() -> None:
    _serve(f"1|3|unix|{_own()}|grpc\n")


def seven_fields() -> None:
    _serve(f"1|3|unix|{_own()}|grpc||false\n")


def short_certificate() -> None:
    _serve(f"1|3|unix|{_own()}|grpc|abc\n")


def leading_zeros() -> None:
    _serve(f"01|03|unix|{_own()}|grpc|\n")


def two_lines() -> None:
    _serve(f"1|3|unix|{_own()}|grpc|\n1|4|unix|/elsewhere|grpc|\n")


def byte_by_byte() -> None:
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(_own())
    listener.listen()
    for letter in f"1|3|unix|{_own()}|grpc|\n":
        say(letter)
        time.sleep(0.005)
    with suppress(KeyboardInterrupt):
        Plugin("none", _ignore).serve(listener)


def stdout_closed_behind_it() -> None:
    listener = listen()
    os.close(1)
    Plugin("none", _ignore).serve(listener)


def by_a_child() -> None:
    """The process is a wrapper; what listens is its child."""
    if os.fork() == 0:
        os.setsid()
        Plugin("none", _ignore).serve(listen())
    os.wait()
    sys.exit(1)


ACTS: dict[str, Callable[[], None]] = {
    name: found
    for name, found in list(globals().items())
    if callable(found) and getattr(found, "__module__", "") == __name__ and not name.startswith("_")
}
