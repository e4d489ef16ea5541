"""Both sides of the wire in one process, once."""

import threading

import pytest
import trio

from botkube.wire.errors import CallError
from botkube.wire.messages import ExecuteRequest, ExecuteResponse, StreamRequest
from botkube.wire.rehearsal import rehearse
from botkube.wire.services import Send
from tests.fakes.plugins.rig import open_descriptors
from tests.fakes.wire.services import Executor, Source

pytestmark = pytest.mark.real


async def one_event(_request: StreamRequest, send: Send) -> None:
    await send(b"{}")
    await trio.sleep_forever()


async def test_it_calls_both_and_leaves_nothing() -> None:
    asked: list[str] = []

    async def execute(request: ExecuteRequest) -> ExecuteResponse:
        asked.append(request.command)
        await trio.lowlevel.checkpoint()
        return ExecuteResponse()

    before = open_descriptors(), threading.active_count()
    with trio.fail_after(60):
        await rehearse(Executor(execute), Source(one_event))
    assert asked == [""]
    assert before == (open_descriptors(), threading.active_count())


async def test_a_failure_is_not_hidden() -> None:
    async def fail(_request: StreamRequest, _send: Send) -> None:
        await trio.lowlevel.checkpoint()
        raise CallError("INTERNAL", "no event")

    with trio.fail_after(60), pytest.RaisesGroup(pytest.RaisesExc(CallError, match="no event")):
        await rehearse(Executor(), Source(fail))
