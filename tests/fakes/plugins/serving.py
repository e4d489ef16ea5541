"""A real plugin over the real wire, whose commands misbehave on request; `serving.py [linger] [stubborn]`."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator

import trio

from botkube.wire.messages import (
    ExecuteRequest,
    ExecuteResponse,
    ExternalRequest,
    Metadata,
    StdioChunk,
    StreamRequest,
)
from botkube.wire.server import arm_hard_exit, serve_plugin
from botkube.wire.services import Send

METADATA = Metadata(version="1.0.0", description="misbehaves on request")
DOUBLE_FORK = "import os, subprocess; os.fork() and os._exit(0); os.setsid(); os.execvp('sleep', ['sleep', '300'])"


class Printed:
    """What the host sees as output of the plugin's code."""

    def __init__(self) -> None:
        self._send, self._receive = trio.open_memory_channel[StdioChunk](0)

    async def print(self, text: str) -> None:
        await self._send.send(StdioChunk(channel="stdout", data=text.encode()))

    def __aiter__(self) -> AsyncIterator[StdioChunk]:
        return self

    async def __anext__(self) -> StdioChunk:
        return await self._receive.receive()


class Executor:
    def __init__(self, printed: Printed) -> None:
        self._printed = printed

    async def execute(self, request: ExecuteRequest) -> ExecuteResponse:
        verb, _, rest = request.command.partition(" ")
        await trio.lowlevel.checkpoint()
        reply = rest
        match verb:
            case "exit":
                os.write(2, b"leaving on request\n")
                os._exit(int(rest))
            case "hang":
                await trio.sleep_forever()
            case "print":
                await self._printed.print(f"{rest}\n")
            case "grandchild":
                reply = str(subprocess.Popen(["sleep", "300"]).pid)  # noqa: TID251, ASYNC220
            case "daemon":
                await trio.run_process([sys.executable, "-c", DOUBLE_FORK])
            case _:
                pass
        return ExecuteResponse(message=(reply or str(os.getpid())).encode())

    async def help(self) -> bytes:
        return b"{}"

    async def metadata(self) -> Metadata:
        return METADATA


class Source:
    async def stream(self, request: StreamRequest, send: Send) -> None:
        n = 0
        while True:
            n += 1
            await send(str(n).encode())
            await trio.sleep(0.05)

    async def handle_external_request(self, request: ExternalRequest) -> bytes:
        return request.payload

    async def metadata(self) -> Metadata:
        return METADATA


async def main(*, linger: bool) -> None:
    printed = Printed()
    await serve_plugin(
        executor=Executor(printed),
        source=Source(),
        environ=os.environ,
        stdout=sys.stdout,
        stdio=printed,
        arm_exit=(lambda: None) if linger else arm_hard_exit,
    )


if __name__ == "__main__":
    if "stubborn" in sys.argv:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    trio.run(lambda: main(linger="linger" in sys.argv))
    while "linger" in sys.argv:
        time.sleep(60)
