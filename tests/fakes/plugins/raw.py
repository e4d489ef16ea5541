"""Programs that are no good plugins; `raw.py MODE`. Standard library only, so that they start fast."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable

SLEEP = ["sleep", "300"]


def say(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()


def wait() -> None:
    while True:
        time.sleep(60)


def listen() -> socket.socket:
    path = f"{os.environ['PLUGIN_UNIX_SOCKET_DIR']}/s"
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(path)
    listener.listen()
    say(f"1|3|unix|{path}|grpc|\n")
    return listener


def silent() -> None:
    wait()


def wrong_version() -> None:
    say("1|4|unix|/nowhere|grpc|\n")
    wait()


def not_a_plugin() -> None:
    say("usage: tool [options]\n")
    wait()


def early_exit() -> None:
    sys.stderr.write("cannot read the config\n")
    sys.exit(3)


def panic() -> None:
    sys.stderr.write("panic: boom\n\ngoroutine 1 [running]:\nmain.main()\n")
    sys.exit(2)


def garbage() -> None:
    say("x" * 400 * 1024)
    wait()


def dangling() -> None:
    say("1|3|unix|/nowhere/plugin|grpc|\n")
    wait()


def deaf() -> None:
    listener = listen()
    wait()
    listener.close()


def hangs_up() -> None:
    listener = listen()
    while True:
        listener.accept()[0].close()


def leaves_grandchild() -> None:
    subprocess.Popen(SLEEP)  # noqa: TID251 - holds both pipes
    sys.exit(4)


def floods() -> None:
    listener = listen()
    line = b"x" * 1023 + b"\n"
    for _ in range(64):
        os.write(1, line * 512)
        os.write(2, line * 512)
    listener.close()
    os.write(2, b"flooded\n")
    sys.exit(5)


def stubborn() -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    subprocess.Popen(SLEEP)  # noqa: TID251
    wait()


MODES: dict[str, Callable[[], None]] = {
    name.replace("_", "-"): found
    for name, found in list(globals().items())
    if callable(found) and getattr(found, "__module__", "") == __name__
}

if __name__ == "__main__":
    MODES[sys.argv[1]]()
