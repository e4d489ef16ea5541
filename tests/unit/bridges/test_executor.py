"""Command → plugin → answer: what the plugin gets, and what each failure means for the user."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, cast

import pytest
import trio
import trio.testing
from msgspec.structs import replace

from botkube.bridges.executor import AT_ONCE, LAST_WORDS, PATIENCE, WAITING, PluginExecutor
from botkube.model.call import Answer, Call, PluginStatus
from botkube.model.errors import Overloaded, PluginRefused, PluginUnavailable
from botkube.model.message import Body, Message, encode_message
from botkube.model.plugin import parse_plugin_key
from botkube.plugins.end import describe_end
from botkube.plugins.slot import PluginSlot
from botkube.wire.errors import BadAnswer, CallError
from botkube.wire.messages import ExecuteRequest, ExecuteResponse
from tests.fakes.engine import Heard, channel_with, said

if TYPE_CHECKING:
    from botkube.wire.client import PluginClient

KEY = parse_plugin_key("executor", "repo/echo")
HELLO = Message(base_body=Body(plaintext="hello"))
Execute = Callable[[ExecuteRequest], Awaitable[ExecuteResponse]]


class Client:
    """The two methods of a plugin's client that commands need."""

    def __init__(self, outcome: ExecuteResponse | Exception) -> None:
        self._outcome = outcome
        self.requests: list[ExecuteRequest] = []
        self.streams_output = False

    async def execute(self, request: ExecuteRequest) -> ExecuteResponse:
        await trio.lowlevel.checkpoint()
        self.requests.append(request)
        if isinstance(self._outcome, Exception):
            raise self._outcome
        return self._outcome

    async def help(self) -> bytes:
        await trio.lowlevel.checkpoint()
        return encode_message(Message(base_body=Body(plaintext="how to")))


def call(*, asks_help: bool = False, thread: str = "") -> Call:
    channel = channel_with()
    incoming = said("echo 'x'")
    return Call(
        key=KEY,
        command="echo 'x'",
        configs=(b"a: 1", b"b: 2"),
        incoming=replace(incoming, address=channel.address_in(thread)),
        channel=channel,
        state=b"{}",
        help=asks_help,
    )


async def run(outcome: ExecuteResponse | Exception, given: Call | None = None) -> Answer:
    slot = PluginSlot(KEY)
    slot.open(cast("PluginClient", Client(outcome)))
    return await PluginExecutor({KEY: slot}).execute(given or call(), Heard())


@pytest.mark.parametrize(("thread", "parent"), [("", "c1"), ("t1", "t1")])
async def test_the_plugin_gets_the_whole_context(thread: str, parent: str) -> None:
    client = Client(ExecuteResponse(message=b"{}"))
    slot = PluginSlot(KEY)
    slot.open(cast("PluginClient", client))
    await PluginExecutor({KEY: slot}).execute(call(thread=thread), Heard())
    assert client.requests == [
        ExecuteRequest(
            command="echo 'x'",
            configs=(b"a: 1", b"b: 2"),
            interactive=True,
            slack_state=b"{}",
            text="@Botkube echo 'x'",
            parent_activity_id=parent,
            mention="@ann",
            display_name="ann",
        )
    ]


async def test_messages_come_back_decoded() -> None:
    data = encode_message(HELLO)
    answer = await run(ExecuteResponse(message=data, messages=(data, b"")))
    assert answer == Answer(message=HELLO, messages=(HELLO, Message()))


async def test_help_is_asked_for_by_its_own_call() -> None:
    answer = await run(ValueError("not called"), call(asks_help=True))
    assert answer.message.base_body.plaintext == "how to"


@pytest.mark.parametrize(
    ("failure", "kind", "text"),
    [
        (CallError("UNKNOWN", "no 100% {x}"), PluginRefused, "no 100% {x}"),
        (CallError("UNKNOWN", ""), PluginRefused, "UNKNOWN"),
        (CallError("UNKNOWN", "\x1b[31mred\x1b[0m\x00\n\ttwo \x9b"), PluginRefused, "red\n\ttwo "),
        (CallError("UNKNOWN", "ü" * 40_000), PluginRefused, "ü" * 32_768 + "… (cut)"),
        (CallError("RESOURCE_EXHAUSTED", "too large"), PluginRefused, "too large"),
        (
            CallError("UNAVAILABLE", "EOF"),
            PluginUnavailable,
            "the repo/echo plugin stopped while it ran your command: the connection to it is lost: EOF",
        ),
        (
            BadAnswer("INTERNAL", "malformed"),
            PluginUnavailable,
            "the answer of the repo/echo plugin cannot be used: malformed",
        ),
        (
            CallError("DEADLINE_EXCEEDED", "late"),
            PluginUnavailable,
            "the repo/echo plugin did not answer in time",
        ),
    ],
)
async def test_failures(
    failure: CallError, kind: type[Exception], text: str, autojump_clock: trio.testing.MockClock
) -> None:
    with pytest.raises(kind) as caught:
        await run(failure)
    assert str(caught.value) == text
    assert caught.value.__cause__ is failure
    assert trio.current_time() <= LAST_WORDS


async def test_how_it_died_is_told_as_soon_as_it_is_known(
    autojump_clock: trio.testing.MockClock,
) -> None:
    slot = PluginSlot(KEY)
    slot.open(cast("PluginClient", Client(CallError("UNAVAILABLE", "EOF"))))
    async with trio.open_nursery() as nursery:

        async def die() -> None:
            await trio.sleep(0.1)
            slot.end(describe_end("", 3, ("out of memory", "bye")))
            slot.close()  # it starts again at once
            slot.open(cast("PluginClient", Client(ExecuteResponse(message=b"{}"))))

        nursery.start_soon(die)
        with pytest.raises(PluginUnavailable) as caught:
            await PluginExecutor({KEY: slot}).execute(call(), Heard())
    assert str(caught.value) == (
        "the repo/echo plugin stopped while it ran your command: "
        "it exited with code 3; its last words: out of memory / bye"
    )
    assert trio.current_time() == 0.1


@pytest.mark.parametrize("data", [b"{", b"[]", b'{"sections": 5}'])
async def test_nonsense_is_the_plugins_failure(data: bytes) -> None:
    with pytest.raises(PluginUnavailable, match="answer of the repo/echo plugin cannot be used: "):
        await run(ExecuteResponse(message=data))


async def test_a_plugin_that_is_not_in_use_here() -> None:
    with pytest.raises(PluginUnavailable, match="is not running here"):
        await PluginExecutor({}).execute(call(), Heard())


async def test_a_parked_plugin_says_why_at_once() -> None:
    slot = PluginSlot(KEY)
    slot.park("checksum mismatch")
    with pytest.raises(PluginUnavailable, match="repo/echo is not running: checksum mismatch"):
        await PluginExecutor({KEY: slot}).execute(call(), Heard())


async def test_a_restarting_plugin_is_waited_for_a_while(
    autojump_clock: trio.testing.MockClock,
) -> None:
    slot = PluginSlot(KEY)
    async with trio.open_nursery() as nursery:

        async def come_back() -> None:
            await trio.sleep(PATIENCE - 1)
            slot.open(cast("PluginClient", Client(ExecuteResponse(message=b"{}"))))

        nursery.start_soon(come_back)
        await PluginExecutor({KEY: slot}).execute(call(), Heard())
    slot.close()
    with pytest.raises(PluginUnavailable, match="please try again in a moment"):
        await PluginExecutor({KEY: slot}).execute(call(), Heard())
    assert trio.current_time() == PATIENCE - 1 + PATIENCE


async def test_a_plugin_in_a_crash_loop_says_why_and_when_it_is_tried_again(
    autojump_clock: trio.testing.MockClock,
) -> None:
    reason = "the plugin exited with code 3;\n its last words: \x1b[31mno database"
    status = PluginStatus(status="Restarting in 8 s", reason=reason)
    executor = PluginExecutor({KEY: PluginSlot(KEY)}, status=lambda _key: status)
    with pytest.raises(PluginUnavailable) as caught:
        await executor.execute(call(), Heard())
    assert str(caught.value) == (
        "the repo/echo plugin is not running (restarting in 8 s): "
        "the plugin exited with code 3; its last words: no database"
    )


async def test_a_plugin_that_hangs_keeps_only_its_own_commands_waiting(
    autojump_clock: trio.testing.MockClock,
) -> None:
    hanging = PluginSlot(KEY)  # never opened: as good as a handler that does not return
    other = parse_plugin_key("executor", "repo/other")
    slot = PluginSlot(other)
    slot.open(cast("PluginClient", Client(ExecuteResponse(message=encode_message(HELLO)))))
    executor = PluginExecutor({KEY: hanging, other: slot})
    async with trio.open_nursery() as nursery:
        for _ in range(AT_ONCE + WAITING):
            nursery.start_soon(executor.execute, call(), Heard())
        await trio.testing.wait_all_tasks_blocked()
        assert (await executor.execute(replace(call(), key=other), Heard())).message == HELLO
        assert trio.current_time() == 0
        with pytest.raises(Overloaded, match="too many commands wait for the repo/echo plugin"):
            await executor.execute(call(), Heard())
        nursery.cancel_scope.cancel()
