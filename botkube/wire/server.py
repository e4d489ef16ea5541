"""The plugin's side: serves an executor or a source to the host that started the process.

Ends when the host asks for it, and then at once: a go-plugin host waits without limit for the answer, and two
seconds for the process.
"""

import os
import secrets
import socket
import tempfile
import threading
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TextIO

import trio
from grpclib.const import Handler

from botkube.model.errors import FatalError
from botkube.wire.answers import ExecutorAnswers, SourceAnswers, StreamingAnswers, common_methods
from botkube.wire.handshake import MAX_SOCKET_PATH, check_launched_by_host, format_handshake
from botkube.wire.limits import MAX_RESPONSE
from botkube.wire.messages import StdioChunk
from botkube.wire.methods import HEALTH_SERVICE, STREAMING_SERVICE
from botkube.wire.services import ExecutorService, SourceService, StreamingService
from botkube.wire.transport.listener import Listener

HARD_EXIT_AFTER = 1.5  # a Go host kills after 2 s, but never the child of a one-file program


def arm_hard_exit() -> None:
    """End the process a moment from now whatever it is doing then."""
    timer = threading.Timer(HARD_EXIT_AFTER, os._exit, [0])
    timer.daemon = True
    timer.start()


async def serve_plugin(
    *,
    executor: ExecutorService | None = None,
    source: SourceService | None = None,
    environ: Mapping[str, str],
    stdout: TextIO,
    stdio: AsyncIterator[StdioChunk] | None = None,
    arm_exit: Callable[[], None] = arm_hard_exit,
) -> None:
    """Serve until the host asks to end; prints the handshake line once calls are accepted.

    `stdio` is what the host shall see as the output of the plugin's code; without it that stream stays silent.

    Raises:
        FatalError: no host started this process, or its socket directory cannot be used.
    Cancellation: cuts all calls at once.
    """
    check_launched_by_host(environ)
    stopped = trio.Event()
    mapping = methods_of(executor, source)
    offered = frozenset({"", HEALTH_SERVICE} | _optional(executor))
    mapping |= common_methods(stop=stopped.set, arm_exit=arm_exit, stdio=stdio, offered=offered)
    path = _socket_path(environ)
    with _bound(path) as sock:
        try:
            listener = Listener(sock, mapping, max_message=MAX_RESPONSE)
            stdout.write(f"{format_handshake(path)}\n")
            stdout.flush()
            await listener.run(until=stopped)
        finally:
            _unlink(path)


def methods_of(
    executor: ExecutorService | None, source: SourceService | None
) -> dict[str, Handler]:
    """What is answered for a plugin, by the path of the method."""
    mapping: dict[str, Handler] = {}
    mapping |= ExecutorAnswers(executor).__mapping__() if executor else {}
    if isinstance(executor, StreamingService):
        mapping |= StreamingAnswers(executor).__mapping__()
    mapping |= SourceAnswers(source).__mapping__() if source else {}
    return mapping


def _optional(executor: ExecutorService | None) -> set[str]:
    """The services that a host asks for by name."""
    return {STREAMING_SERVICE} if isinstance(executor, StreamingService) else set()


def _socket_path(environ: Mapping[str, str]) -> str:
    folder = environ.get("PLUGIN_UNIX_SOCKET_DIR") or environ.get("TMPDIR") or tempfile.gettempdir()
    path = str(Path(folder).absolute() / f"plugin{secrets.token_hex(8)}")
    if len(os.fsencode(path)) > MAX_SOCKET_PATH:
        raise FatalError(
            f"The socket directory {folder} is too long: a path may have {MAX_SOCKET_PATH} bytes."
        )
    return path


def _bound(path: str) -> socket.socket:
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_CLOEXEC)
    mask = os.umask(0o177)  # private from the start, not from a chmod on
    try:
        sock.bind(path)
    except OSError as error:
        sock.close()
        raise FatalError(f"Cannot listen on {path}: {error.strerror}.") from error
    finally:
        os.umask(mask)
    return sock


def _unlink(path: str) -> None:
    with suppress(OSError):
        Path(path).unlink()
