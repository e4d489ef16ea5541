"""Which commands run, and how one is cancelled from the chat."""

import pytest
import trio
import trio.testing
from msgspec.structs import replace

from botkube.engine.commands.answer import answer
from botkube.engine.commands.running import RunningCommands
from botkube.engine.ports import Progress
from botkube.model.call import Answer, Call
from botkube.model.command import Outcome, Reply, User
from botkube.runtime.policy import StateName
from tests.fakes.engine import FakeExecutor, channel_with, desk_with, executor, said, unseen

CHANNEL = channel_with(executor("echo"))


class Hanging:
    """Never answers; notes that it was cancelled. `output` comes first."""

    def __init__(self, output: bytes = b"") -> None:
        self.output = output
        self.cancelled = 0

    async def execute(self, call: Call, progress: Progress) -> Answer:
        progress.output(self.output)
        try:
            await trio.sleep_forever()
        finally:
            self.cancelled += 1


async def run(
    fake: Hanging, *commands: str, before: StateName = "ready"
) -> tuple[list[Reply], list[Reply]]:
    """Start a command that hangs, then say others; gives the replies to it and to them."""
    desk = desk_with(CHANNEL, fake, restart=lambda _: before)
    ended: list[Reply] = []

    async def first() -> None:
        _, reply = await answer(said("echo x"), desk, unseen)
        assert reply is not None
        ended.append(reply)

    others: list[Reply] = []
    async with trio.open_nursery() as nursery:
        nursery.start_soon(first)
        await trio.testing.wait_all_tasks_blocked()
        for command in commands:
            text = command.format(
                id=next(iter(run.id for run in desk.running.in_channel(CHANNEL)), "")
            )
            _, reply = await answer(said(text), desk, unseen)
            assert reply is not None
            others.append(reply)
            await trio.testing.wait_all_tasks_blocked()
        await trio.testing.wait_all_tasks_blocked()
        nursery.cancel_scope.cancel()
    return ended, others


async def test_it_is_listed_while_it_runs(autojump_clock: trio.testing.MockClock) -> None:
    _, [listed] = await run(Hanging(), "list commands")
    lines = listed.message.base_body.code_block.splitlines()
    assert lines[0].split() == ["ID", "COMMAND", "USER", "PLUGIN", "FOR"]
    assert lines[1].split()[1:] == ["echo", "x", "ann", "repo/echo", "0", "s"]


@pytest.mark.parametrize("command", ["cancel", "cancel {id}"])
async def test_cancel(command: str, autojump_clock: trio.testing.MockClock) -> None:
    fake = Hanging(b"so far\n")
    [reply], [said_so, after] = await run(fake, command, "list commands")
    assert fake.cancelled == 1
    assert said_so.message.base_body.plaintext == "Cancelling `echo x`."
    assert reply.outcome is Outcome.CANCELLED
    assert reply.message.base_body.code_block == "so far\n"
    assert reply.message.sections[0].context[0].text == "`echo x` was cancelled by ann after 0 s."
    assert after.message.base_body.plaintext == "No command runs in this channel."


async def test_an_unknown_id(autojump_clock: trio.testing.MockClock) -> None:
    fake = Hanging()
    ended, [reply] = await run(fake, "cancel 123456")
    assert not ended
    assert reply.outcome is Outcome.FAILED
    assert (
        "No command 123456 runs in this channel. Running here: "
        in reply.message.base_body.code_block
    )


def test_only_commands_of_the_channel_are_found() -> None:
    running = RunningCommands(lambda: 0.0)
    call = Call(
        key=executor("echo").key, command="echo", configs=(), incoming=said("echo"), channel=CHANNEL
    )
    with running.entered(call) as entered:
        assert running.in_channel(CHANNEL) == [entered]
        assert running.in_channel(replace(channel_with(), target="x")) == []
        entered.cancel(User(name="a"))
        entered.cancel(User(name="b"))
        assert entered.cancelled_by == "a"
    assert running.in_channel(CHANNEL) == []


async def test_a_quick_command_leaves_nothing() -> None:
    desk = desk_with(CHANNEL, FakeExecutor("out"))
    await answer(said("echo"), desk, unseen)
    assert desk.running.in_channel(CHANNEL) == []


async def test_a_command_is_ended_when_its_plugin_is_restarted(
    autojump_clock: trio.testing.MockClock,
) -> None:
    fake = Hanging()
    [reply], [said_so] = await run(fake, "restart echo")
    assert fake.cancelled == 1
    assert said_so.message.base_body.plaintext == (
        "Restarting the `repo/echo` plugin. Commands that ran in it were ended: 1."
    )
    assert reply.outcome is Outcome.CANCELLED
    assert reply.message.base_body.plaintext == (
        "`echo x` was ended after 0 s: the repo/echo plugin was restarted by ann."
    )


async def test_a_command_that_waits_for_its_plugin_goes_on_waiting(
    autojump_clock: trio.testing.MockClock,
) -> None:
    fake = Hanging()
    ended, [said_so] = await run(fake, "restart echo", before="retrying")
    assert not ended
    assert "again now" in said_so.message.base_body.plaintext


def test_commands_of_a_plugin_are_found_in_all_channels() -> None:
    running = RunningCommands(lambda: 0.0)
    call = Call(
        key=executor("echo").key, command="echo", configs=(), incoming=said("echo"), channel=CHANNEL
    )
    elsewhere = replace(call, channel=replace(CHANNEL, target="x"))
    other = replace(call, key=executor("other").key)
    with running.entered(call) as a, running.entered(elsewhere) as b, running.entered(other):
        assert running.in_plugin(call.key) == [a, b]
