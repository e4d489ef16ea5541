"""Plugins as an author writes them, for hosts of others; `interop.py executor|source`."""

import sys
import threading
import time
from datetime import datetime, timedelta, timezone
from pathlib import Path

import msgspec
import trio

from botkube.sdk import (
    Emit,
    Event,
    ExecuteInput,
    Executor,
    ExternalInput,
    NoConfig,
    Reply,
    Source,
    StreamInput,
    UserError,
    code_block,
    message,
    override,
    plaintext,
    serve,
)


class Peer(Executor[NoConfig]):
    """`peer print KIB`, `hang FILE`, `messages N`, `big KIB`, `when`, `raise`, `stay`."""

    name = "peer"
    version = "1.0.0"
    description = "For tests with hosts of others."

    @override
    async def execute(self, request: ExecuteInput, config: NoConfig) -> Reply:
        """Do what the second word says."""
        del config
        _, what, *rest = request.command.split()
        if what == "print":
            sys.stdout.write("x" * 1024 * int(rest[0]))
        elif what == "hang":
            await hang(Path(rest[0]))
        elif what == "messages":
            return tuple(plaintext(f"message {n}") for n in range(int(rest[0])))
        elif what == "big":
            return code_block("x" * 1024 * int(rest[0]))
        elif what == "raise":
            raise LookupError("not in the book, ü")
        elif what == "stay":
            threading.Thread(target=time.sleep, args=[60]).start()
        elif what == "when":
            now = datetime.now(timezone(timedelta(hours=2)))
            return message(text="now", at=now)
        return plaintext(request.command)


async def hang(file: Path) -> None:
    """Wait to be cancelled, and say so."""
    try:
        await trio.sleep_forever()
    finally:
        with file.open("a") as trace:
            trace.write("cancelled\n")


class Shape(msgspec.Struct, frozen=True, kw_only=True):
    """How many events, and how large."""

    events: int = 1
    size: int = 0


class OnceSource(Source[Shape]):
    """Some events, then silence; webhook calls become events."""

    name = "once"
    version = "1.0.0"
    description = "For tests with hosts of others."

    @override
    async def stream(self, request: StreamInput, config: Shape, emit: Emit) -> None:
        """Emit the events."""
        for _ in range(config.events):
            await emit(Event(message=plaintext("once" + "x" * config.size)))
        await trio.sleep_forever()

    @override
    async def handle_external_request(self, request: ExternalInput, config: Shape) -> Event:
        """Say what was sent."""
        if b"@fail" in request.payload:
            raise UserError("not to its taste")
        return Event(message=plaintext(request.payload.decode()))


if __name__ == "__main__":
    if sys.argv[1] == "executor":
        serve(Peer())
    else:
        serve(OnceSource())
