"""An executor that does as it is told, and most of what it is told is hostile; `prisoner`.

Each command answers "ok …", or "refused …" with the error.
"""

import ctypes
import os
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Callable
from pathlib import Path

from botkube.sdk import ExecuteInput, Executor, NoConfig, override, serve

PTRACE_ATTACH = 16


def read(path: str) -> str:
    return Path(path).read_text(errors="replace")[:200]


def listed(path: str) -> str:
    return " ".join(sorted(entry.name for entry in Path(path).iterdir()))


def write(path: str) -> str:
    Path(path).write_text("mine")
    return path


def empty(path: str) -> str:
    os.truncate(path, 0)
    return path


def replace(path: str) -> str:
    Path(path).unlink()
    return path


def who(_: str) -> str:
    status = Path("/proc/self/status").read_text().splitlines()
    wanted = ("Uid", "Gid", "Groups", "CapEff", "CapPrm", "CapBnd", "NoNewPrivs")
    return " ".join("".join(line.split()) for line in status if line.startswith(wanted))


def become(uid: str) -> str:
    os.setuid(int(uid))
    return uid


def run(path: str) -> str:
    done = subprocess.run([path, "-p", "-c", "id -u"], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def trace(pid: str) -> str:
    library = ctypes.CDLL(None, use_errno=True)
    if library.ptrace(PTRACE_ATTACH, int(pid), None, None) < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return pid


def kill(pid: str) -> str:
    os.kill(int(pid), signal.SIGUSR1)
    return pid


def connect(path: str) -> str:
    with socket.socket(socket.AF_UNIX) as sock:
        sock.connect(path)
    return path


def fetch(url: str) -> str:
    with urllib.request.urlopen(url, timeout=3) as answer:
        return str(answer.status)


def mount(path: str) -> str:
    library = ctypes.CDLL(None, use_errno=True)
    if library.unshare(0x10020000) < 0:  # a user namespace and mounts of its own
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    if library.mount(b"tmpfs", path.encode(), b"tmpfs", 0, None) < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return path


def daemon(_: str) -> str:
    """Leave everything by which it could be found, but the user."""
    script = (
        "import os, sys\nif os.fork(): os._exit(0)\nos.setsid()\nprint(os.getpid(), flush=True)\n"
    )
    script += (
        "os.dup2(os.open('/dev/null', os.O_RDWR), 1)\nos.dup2(1, 2)\nimport time\ntime.sleep(300)"
    )
    command = [sys.executable, "-IS", "-c", script]
    with subprocess.Popen(command, env={}, stdout=subprocess.PIPE, text=True) as child:  # noqa: TID251
        assert child.stdout
        return child.stdout.readline().strip()


def home(_: str) -> str:
    places = os.environ["HOME"], os.environ["TMPDIR"], str(Path.cwd())
    for number, place in enumerate(places):
        Path(place, f"file-{number}").write_text("works")
    return " ".join(places)


def variables(_: str) -> str:
    return " ".join(sorted(os.environ))


def echo(text: str) -> str:
    return text


def pid(_: str) -> str:
    return str(os.getpid())


COMMANDS: dict[str, Callable[[str], str]] = {
    **{command.__name__: command for command in (read, listed, write, empty, replace, who, become)},
    **{command.__name__: command for command in (run, trace, kill, connect, fetch, mount, daemon)},
    **{command.__name__: command for command in (home, variables, echo, pid)},
}


class Prisoner(Executor[NoConfig]):
    """Tries."""

    name = "prisoner"
    version = "1.0.0"
    description = "Tries to get out."

    @override
    async def execute(self, request: ExecuteInput, config: NoConfig) -> str:
        """Do it and say how it went."""
        del config
        verb, _, rest = request.command.removeprefix("prisoner ").partition(" ")
        try:
            return f"ok {COMMANDS[verb](rest)}"
        except (OSError, subprocess.SubprocessError) as error:
            return f"refused {error}"


if __name__ == "__main__":
    serve(Prisoner())
