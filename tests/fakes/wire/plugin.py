"""A plugin process whose commands are faults; run with -m."""

import os
import sys
import time

import trio

from botkube.wire import server
from botkube.wire.messages import ExecuteRequest, ExecuteResponse, StreamRequest
from botkube.wire.services import Send
from tests.fakes.wire.services import Executor, Source


async def execute(request: ExecuteRequest) -> ExecuteResponse:
    """`hang`, be `stubborn` when cancelled, or `exit`; anything else is echoed."""
    if request.command == "hang":
        await trio.sleep_forever()
    if request.command == "stubborn":
        with trio.CancelScope(shield=True):
            await trio.sleep_forever()
    if request.command == "exit":
        os._exit(3)
    await trio.lowlevel.checkpoint()
    return ExecuteResponse(message=request.command.encode())


async def stream(_: StreamRequest, send: Send) -> None:
    """One event, then silence."""
    await send(b"event")
    await trio.sleep_forever()


async def main(after: str) -> None:
    """Serve; with `stay`, do not end after the service has ended, with `calm`, end only in order."""
    if after == "calm":
        server.HARD_EXIT_AFTER = 300
    await server.serve_plugin(
        executor=Executor(execute), source=Source(stream), environ=os.environ, stdout=sys.stdout
    )
    if after == "stay":
        time.sleep(60)  # noqa: ASYNC251 - that is the fault


if __name__ == "__main__":
    trio.run(main, sys.argv[1] if len(sys.argv) > 1 else "")
